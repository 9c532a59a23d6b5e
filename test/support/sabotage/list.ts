import { AGENT_SABOTAGES } from './agents.ts';
import { CONFORMANCE_SABOTAGES } from './conformance.ts';
import { FOUR_DIALECT_SABOTAGES } from './four-dialects.ts';
import { LANE_SABOTAGES } from './lanes.ts';
import { MESSAGES_SABOTAGES } from './messages.ts';
import { MONEY_SABOTAGES } from './money.ts';
import { SOCKET_SABOTAGES } from './sockets.ts';
import { WEATHER_SABOTAGES } from './weather.ts';
import { WEATHER_ROW_SABOTAGES } from './weather-rows.ts';

/** One deliberate fault of the product, which a proof must notice. */
export interface Sabotage {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The proofs that must turn red. */
  readonly caughtBy: readonly (
    | 'agents'
    | 'bench'
    | 'conformance'
    | 'cost'
    | 'faults'
    | 'kill'
    | 'kill-on-server'
    | 'money'
    | 'probe'
    | 'security'
    | 'simulate'
    | 'start'
    | 'reload'
  )[];
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'fake-the-finish',
    file: 'edge/openai/stream-gate.ts',
    find: 'const complete = terminal || this.#allFinished();',
    replace: 'const complete = true;',
    caughtBy: ['faults'],
  },
  {
    name: 'leak-the-socket',
    file: 'exchange/attempt.ts',
    find: '    this.#close();\n    this.#upstream?.abort();\n  }',
    replace: '    this.#close();\n  }',
    caughtBy: ['faults'],
  },
  {
    name: 'read-no-usage',
    file: 'edge/openai/stream-gate.ts',
    find: 'this.draft.usage = mergedUsage(this.draft.usage, usage);',
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'pass-half-an-event',
    file: 'edge/sse-gate.ts',
    find: 'if (rest !== undefined && this.#isWhole(rest)) this.#take(this.closed(rest));',
    replace: 'if (rest !== undefined) this.#take(rest);',
    caughtBy: ['faults'],
  },
  {
    name: 'no-limit-per-event',
    file: 'edge/sse-gate.ts',
    find: 'if (this.#splitter.heldBytes > this.options.eventBytesMax) {',
    replace: 'if (this.#splitter.heldBytes > 1e12) {',
    caughtBy: ['faults'],
  },
  {
    name: 'pings-are-progress',
    file: 'exchange/attempt.ts',
    find: 'if (dataEvents !== this.#dataEvents) {',
    replace: 'if (dataEvents !== -1) {',
    caughtBy: ['faults'],
  },
  {
    name: 'an-error-in-200-is-an-answer',
    file: 'edge/openai/answer.ts',
    find: 'return { error: errorInside(error) };',
    replace: 'return {};',
    caughtBy: ['faults'],
  },
  {
    name: 'no-413',
    file: 'edge/http/body.ts',
    find: 'this.#limits = limits;',
    replace: 'this.#limits = { ...limits, bodyBytesMax: Number.MAX_SAFE_INTEGER };',
    caughtBy: ['faults'],
  },
  {
    name: 'keep-the-body',
    file: 'edge/http/body.ts',
    find: 'this.#receiver.giveBack(this.bytes);',
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'parse-whatever-comes',
    file: 'edge/request-object.ts',
    find: 'checkJsonBounds(body);',
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'buffer-without-backpressure',
    file: 'edge/http/client-sink.ts',
    find: 'return this.#res.destroyed || this.#send(bytes);',
    replace: 'return this.#res.destroyed || this.#send(bytes) || true;',
    caughtBy: ['faults'],
  },
  {
    name: 'forget-the-end-record',
    file: 'exchange/attempt-books.ts',
    find: 'this.#parts.events.attemptEnded(',
    replace: '((_: unknown) => undefined)(',
    caughtBy: ['faults'],
  },
  {
    name: 'count-the-end-twice',
    file: 'observability/gateway-events.ts',
    find: 'metrics.attemptEnded(start, record);',
    replace: 'metrics.attemptEnded(start, record);\n    metrics.attemptEnded(start, record);',
    caughtBy: ['faults'],
  },
  {
    name: 'relay-html',
    file: 'providers/openai/judge.ts',
    find: 'relay: quoted !== undefined,',
    replace: 'relay: true,',
    caughtBy: ['faults'],
  },
  {
    name: 'obey-any-retry-after',
    file: 'providers/retry-after.ts',
    find: 'return Math.min(Math.max(Math.ceil(ms), 0), WAIT_MS_MAX);',
    replace: 'return Math.ceil(ms);',
    caughtBy: ['faults'],
  },
  {
    name: 'quote-the-cause',
    file: 'exchange/upstream-errors.ts',
    find: 'SAID[failure.kind]}.`',
    replace: 'SAID[failure.kind]}: `.concat(String(failure.cause))',
    caughtBy: ['faults'],
  },
  {
    name: 'a-bad-count-is-zero',
    file: 'protocol/usage.ts',
    find: '? value\n    : undefined;\n}\n\n/** Whether a text names a quantity',
    replace: '? value\n    : 0;\n}\n\n/** Whether a text names a quantity',
    caughtBy: ['faults'],
  },
  {
    name: 'trust-any-certificate',
    file: 'transport/undici-transport.ts',
    find: 'connect: { timeout: options.connectMs, lookup: hostLookup(), ...options.tls },',
    replace:
      'connect: { timeout: options.connectMs, lookup: hostLookup(), ...options.tls, rejectUnauthorized: false },',
    caughtBy: ['faults'],
  },
  {
    name: 'refuse-from-the-signal-on',
    file: 'compose/gateway-process.ts',
    find: 'if (acceptMs > 0) await this.#acceptAWhile(acceptMs);',
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'keep-connections-after-the-signal',
    file: 'compose/gateway-process.ts',
    find: 'this.#doors.closeAfterAnswers();',
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'stop-without-a-drain',
    file: 'compose/gateway-process.ts',
    find: 'await this.#plane.exchanges.drain(withinMs);',
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'follow-a-name-anywhere',
    file: 'transport/host-lookup.ts',
    find: 'const usable = found.filter(allowed);',
    replace: 'const usable = found;',
    caughtBy: ['faults'],
  },
  {
    name: 'look-up-every-time',
    file: 'transport/host-lookup.ts',
    find: 'if (known !== undefined) return known;',
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'trust-a-dead-session',
    file: 'transport/connections.ts',
    find: 'if (!this.#multiplexed ||',
    replace: 'if (this.#multiplexed ||',
    caughtBy: ['faults'],
  },
  {
    name: 'measure-by-the-wall-clock',
    file: 'exchange/attempt-books.ts',
    find: 'return this.#call.arrivedAt + Math.floor(this.#parts.clock.monotonicMs() - this.#call.arrivedMs);',
    replace: 'return this.#parts.clock.now();',
    caughtBy: ['faults'],
  },
  {
    name: 'give-up-at-once',
    file: 'routing/walk.ts',
    find: "if (others === undefined && error.retry === 'never') return { kind: 'stop' };",
    replace: "if (others === undefined) return { kind: 'stop' };",
    caughtBy: ['faults'],
  },
  {
    name: 'decode-every-line-end',
    file: 'kernel/sse-splitter.ts',
    find: 'return bytes <= BARE_BYTES_MAX && this.#heldBytes === 0;',
    replace: 'return false;',
    caughtBy: ['faults'],
  },
  {
    name: 'end-with-the-connection',
    file: 'exchange/attempt.ts',
    find: 'onTimeout: () => this.#fail(this.#timedOut()),',
    replace: 'onTimeout: () => undefined,',
    caughtBy: ['faults'],
  },
  {
    name: 'skip-the-start',
    file: 'observability/gateway-events.ts',
    find: 'journal.stage(record, (refused) => {',
    replace: '((_: unknown, then: (refused?: GatewayError) => void) => then())(record, (refused) => {',
    caughtBy: ['kill'],
  },
  {
    name: 'start-after-the-socket',
    file: 'observability/gateway-events.ts',
    find: 'journal.stage(record, (refused) => {',
    replace:
      'setTimeout(() => journal.stage(record, () => undefined), 20);\n    ((_: unknown, then: (refused?: GatewayError) => void) => then())(record, (refused) => {',
    caughtBy: ['kill'],
  },
  {
    name: 'skip-the-end',
    file: 'observability/gateway-events.ts',
    find: 'journal.stage(record, onWritten);',
    replace: 'onWritten();',
    caughtBy: ['kill'],
  },
  {
    name: 'record-after-the-answer',
    file: 'observability/gateway-events.ts',
    find: 'journal.stage(record, onWritten);',
    replace: 'setTimeout(() => journal.stage(record, () => undefined), 50);\n      onWritten();',
    caughtBy: ['kill'],
  },
  {
    name: 'drop-the-usage',
    file: 'exchange/attempt-records.ts',
    find: 'record.usage = usage;',
    replace: '',
    caughtBy: ['kill'],
  },
  {
    name: 'forget-who-still-runs',
    file: 'store/journal/attempt-fold.ts',
    find: 'isBefore(oldest.at, readUpTo) ? oldest.at : readUpTo',
    replace: 'isBefore(oldest.at, readUpTo) ? readUpTo : readUpTo',
    caughtBy: ['kill'],
  },
  {
    name: 'forget-the-dead',
    file: 'store/journal/journal-replayer.ts',
    find: 'if (!isBefore(from, live)) return;',
    replace: 'if (live) return;',
    caughtBy: ['kill', 'kill-on-server'],
  },
  {
    name: 'unknown-is-zero',
    file: 'store/journal/attempt-fold.ts',
    find: "return { outcome: 'interrupted',",
    replace: "return { usage: { inputTokens: 0, outputTokens: 0 }, outcome: 'interrupted',",
    caughtBy: ['kill'],
  },
  {
    name: 'a-key-needs-its-server',
    file: 'access/authenticator.ts',
    find: 'const STALE_MS_MAX = 600_000;',
    replace: 'const STALE_MS_MAX = 0;',
    caughtBy: ['kill-on-server'],
  },
  {
    name: 'never-come-back',
    file: 'store/server/server-link.ts',
    find: 'await sleep(clock, this.#retryMs, signal);',
    replace: 'await sleep(clock, 1e8, signal);',
    caughtBy: ['kill-on-server'],
  },
  {
    name: 'print-another-key',
    file: 'compose/start-block.ts',
    find: "-H 'Authorization: Bearer ",
    replace: "-H 'Authorization: Bearer x",
    caughtBy: ['start'],
  },
  {
    name: 'a-new-key-each-start',
    file: 'compose/dev-key.ts',
    find: 'if (kept !== undefined && (await isUsable(kept, keyring)))',
    replace: 'if (kept !== undefined && kept === "" && (await isUsable(kept, keyring)))',
    caughtBy: ['start'],
  },
  {
    name: 'show-the-key-to-all',
    file: 'compose/secret-files.ts',
    find: 'const OWNER_ONLY = 0o600;',
    replace: 'const OWNER_ONLY = 0o644;',
    caughtBy: ['start', 'security'],
  },
  {
    name: 'outlive-npm',
    file: 'cli/commands/gateway.ts',
    find: "if (mode === 'dev') {",
    replace: "if (mode !== 'dev') {",
    caughtBy: ['start'],
  },
  {
    name: 'share-the-directory',
    file: 'store/lock.ts',
    find: "database.exec('begin exclusive');",
    replace: "database.exec('begin');",
    caughtBy: ['start'],
  },
  {
    name: 'leave-signs-of-life',
    file: 'compose/gateway-process.ts',
    find: "rmSync(join(dataDir, 'server.json'), { force: true });",
    replace: '',
    caughtBy: ['start'],
  },
  {
    name: 'swap-before-the-check',
    file: 'config/load-config.ts',
    find: 'if (fatal || file === undefined) throw',
    replace: 'if (file === undefined) throw',
    caughtBy: ['reload'],
  },
  {
    name: 'close-the-replaced-at-once',
    file: 'compose/gateway-process.ts',
    find: '.presentOver(withinMs)',
    replace: '.presentOver(0)',
    caughtBy: ['reload'],
  },
  {
    name: 'swap-in-two-steps',
    file: 'compose/gateway-process.ts',
    find: 'this.#serving = serving;\n    this.#states',
    replace:
      'this.#serving = { ...this.#serving, loaded: serving.loaded, versions: serving.versions };\n    setTimeout(() => { this.#serving = serving; }, 30);\n    this.#states',
    caughtBy: ['reload'],
  },
  {
    name: 'name-the-first-version-for-ever',
    file: 'compose/gateway-process.ts',
    find: 'versions: () => serving().versions,',
    replace: 'versions: () => ({ ...serving().versions, config: loaded.version }),',
    caughtBy: ['reload'],
  },
  {
    name: 'make-every-provider-anew',
    file: 'compose/provider-pool.ts',
    find: 'if (kept?.fingerprint === fingerprint) {',
    replace: 'if (kept === undefined && fingerprint === undefined) {',
    caughtBy: ['reload'],
  },
  {
    name: 'report-without-a-place',
    file: 'compose/live-config.ts',
    find: 'thrown instanceof ConfigError ? thrown.report : ',
    replace: '',
    caughtBy: ['reload'],
  },
  {
    name: 'look-for-a-key-one-by-one',
    file: 'access/declared-keys.ts',
    find: 'return this.#byDigest.get(digest);',
    replace: 'return [...this.#byDigest].find(([known]) => known === digest)?.[1];',
    caughtBy: ['reload'],
  },
  {
    name: 'lose-a-row',
    file: 'store/journal/attempt-apply.ts',
    find: 'await this.#applyNew(batch);',
    replace: 'await this.#applyNew({ ...batch, rows: batch.rows.filter((_, at) => at % 20 !== 19) });',
    caughtBy: ['bench'],
  },
  {
    name: 'answer-from-a-cache',
    file: 'transport/undici-transport.ts',
    find: 'dispatch: (request, handler) => new UndiciStream(connections, options.origin, request, handler),',
    replace: `dispatch: (request, handler) => {
      const kept = (globalThis as { kept?: { header: HeaderLookup; body?: Buffer } });
      if (kept.kept?.body !== undefined) {
        const { header, body } = kept.kept;
        queueMicrotask(() => {
          handler.onHead(200, header);
          handler.onData(body);
          handler.onEnd();
        });
        return { pause: () => undefined, resume: () => undefined, abort: () => undefined };
      }
      return new UndiciStream(connections, options.origin, request, {
        onHead: (status, header) => {
          kept.kept = { header };
          handler.onHead(status, header);
        },
        onData: (chunk) => {
          if (kept.kept !== undefined) kept.kept.body = Buffer.from(chunk);
          handler.onData(chunk);
        },
        onEnd: () => handler.onEnd(),
        onFailure: (failure) => handler.onFailure(failure),
      });
    },`,
    caughtBy: ['bench'],
  },
  {
    name: 'change-a-byte',
    file: 'edge/http/client-sink.ts',
    find: "else res.end(bytes.toString('latin1'), 'latin1');",
    replace: "else res.end(bytes.toString('latin1').replace(Math.random() < 0.02 ? 'c' : '\\n\\n', 'x'), 'latin1');",
    caughtBy: ['bench'],
  },
  {
    name: 'drop-a-frame',
    file: 'edge/sse-gate.ts',
    find: 'if (this.#splitter.betweenEvents && !this.draft.terminal && this.takesWhole(chunk)) return chunk;',
    replace:
      'if (Math.random() < 0.001) return undefined;\n    if (this.#splitter.betweenEvents && !this.draft.terminal && this.takesWhole(chunk)) return chunk;',
    caughtBy: ['bench'],
  },
  {
    name: 'sleep-in-the-hot-path',
    file: 'routing/router.ts',
    find: 'const { name, via } = this.#resolveAlias(asked);',
    replace:
      'for (const end = performance.now() + 1; performance.now() < end; );\n    const { name, via } = this.#resolveAlias(asked);',
    caughtBy: ['bench'],
  },
  {
    name: 'sleep-per-frame',
    file: 'edge/sse-gate.ts',
    find: 'push(chunk: Buffer): Buffer | undefined {',
    replace:
      'push(chunk: Buffer): Buffer | undefined {\n    for (const end = performance.now() + 0.03; performance.now() < end; );',
    caughtBy: ['bench'],
  },
  {
    name: 'keep-memory-per-stream',
    file: 'edge/http/client-sink.ts',
    find: 'this.#res = res;',
    replace: 'this.#res = Object.assign(res, { kept: Buffer.alloc(65_536, 1) });',
    caughtBy: ['bench'],
  },
  {
    name: 'open-the-admin-door',
    file: 'compose/data-plane.ts',
    find: 'if (parts.isAdmin(token)) return undefined;',
    replace: 'return undefined;',
    caughtBy: ['security'],
  },
  {
    name: 'let-strangers-ask',
    file: 'compose/data-plane.ts',
    find: "if (guard === 'open' || guard === 'page') return undefined;",
    replace: "if (guard !== 'admin') return undefined;",
    caughtBy: ['security'],
  },
  {
    name: 'keep-the-revoked',
    file: 'access/authenticator.ts',
    find: 'if (key.revokedAt !== undefined) {',
    replace: 'if (key.revokedAt === -1) {',
    caughtBy: ['security'],
  },
  {
    name: 'guard-by-prefix',
    file: 'edge/http/server.ts',
    find: "matched?.route.guard ?? (path.startsWith('/admin/') ? 'admin' : 'key')",
    replace: "path.startsWith('/admin/keys') ? 'admin' : path.startsWith('/v1') ? 'key' : 'open'",
    caughtBy: ['security'],
  },
  {
    name: 'any-scope-reads-metrics',
    file: 'compose/data-plane.ts',
    find: "if (key.scopes.includes('metrics')) return;",
    replace: 'if (key.scopes.length >= 0) return;',
    caughtBy: ['security'],
  },
  {
    name: 'trust-any-host',
    file: 'edge/http/server.ts',
    find: 'if (allowedHosts.has(host)) return;',
    replace: 'return;',
    caughtBy: ['security'],
  },
  {
    name: 'read-the-last-host',
    file: 'edge/http/server.ts',
    find: 'if (hostCount(req.rawHeaders) > 1) {',
    replace: 'if (hostCount(req.rawHeaders) > 99) {',
    caughtBy: ['security'],
  },
  {
    name: 'hand-everything-on',
    file: 'edge/http/request-facts.ts',
    find: 'for (const name of FORWARDED) {',
    replace: 'for (const name of Object.keys(headers)) {',
    caughtBy: ['security'],
  },
  {
    name: 'follow-the-caller',
    file: 'transport/undici-transport.ts',
    find: 'this.#dispatcher = connections.current;',
    replace:
      'const wanted = /"base_url":"(http:[^"]+)/.exec(String(request.body))?.[1];\n    this.#dispatcher = wanted === undefined ? connections.current : new Pool(new URL(wanted).origin);',
    caughtBy: ['security'],
  },
  {
    name: 'compare-until-they-differ',
    file: 'compose/gateway-process.ts',
    find: 'token !== undefined && timingSafeEqual(digest(token), wanted);',
    replace:
      'token !== undefined && [...expected].every((char, at) => token[at] === char && timingSafeEqual(digest(expected), wanted)) && token.length === expected.length;',
    caughtBy: ['security'],
  },
  {
    name: 'trust-a-model-name',
    file: 'exchange/answer-headers.ts',
    find: 'shown : encodeURI(shown.toWellFormed());',
    replace: 'shown : shown;',
    caughtBy: ['security'],
  },
  {
    name: 'show-markup',
    file: 'admin/page/html.ts',
    find: "return text.replace(/[&<>\"'`]/g, (char) => ESCAPES[char] ?? '');",
    replace: 'return text;',
    caughtBy: ['security'],
  },
  {
    name: 'let-any-origin-read',
    file: 'edge/http/reads.ts',
    find: "    'no-store',\n    'x-request-id',",
    replace: "    'no-store',\n    'access-control-allow-origin',\n    '*',\n    'x-request-id',",
    caughtBy: ['security'],
  },
  {
    name: 'log-the-prompt',
    file: 'compose/gateway-process.ts',
    find: 'if (serving().loaded.config.log.prompts) events.promptSeen(callId, body);',
    replace: 'events.promptSeen(callId, body);',
    caughtBy: ['security'],
  },
  {
    name: 'store-the-key',
    file: 'access/peppers.ts',
    find: "return createHmac('sha256', pepper.secret).update(key).digest();",
    replace: "return Buffer.concat([Buffer.from(key), createHmac('sha256', pepper.secret).digest()]);",
    caughtBy: ['security'],
  },
  {
    name: 'keep-what-a-provider-echoes',
    file: 'exchange/attempt.ts',
    find: 'this.#options.target.credential?.quotes(id) === true ? undefined : id;',
    replace: "id === '' ? undefined : id;",
    caughtBy: ['security'],
  },
  {
    name: 'keep-answers-for-all',
    file: 'store/response-queries.ts',
    find: `    .selectAll()
    .where('project', '=', owner.project)`,
    replace: '    .selectAll()',
    caughtBy: ['security'],
  },
  {
    name: 'keep-conversations-for-all',
    file: 'store/conversation-queries.ts',
    find: `    .selectAll()
    .where('project', '=', owner.project)`,
    replace: '    .selectAll()',
    caughtBy: ['security'],
  },
  {
    name: 'take-a-key-from-the-address',
    file: 'compose/data-plane.ts',
    find: 'const token = presentedKey(req.headers);',
    replace:
      "const token = presentedKey(req.headers) ?? new URLSearchParams(req.url?.split('?')[1]).get('key') ?? undefined;",
    caughtBy: ['security'],
  },
  {
    name: 'repeat-the-credential',
    file: 'compose/providers.ts',
    find: "const quoted = answer.credential?.quotes(answer.body.toString('utf8')) ?? false;",
    replace: 'const quoted = false;',
    caughtBy: ['security'],
  },
  {
    name: 'bill-the-cached-as-fresh',
    file: 'protocol/token-parts.ts',
    find: "put(parts, 'cachedInput', cached);",
    replace: "put(parts, 'input', cached);",
    caughtBy: ['cost'],
  },
  {
    name: 'ignore-the-long-context',
    file: 'money/prices/rates.ts',
    find: 'rate.tiers.findLast((tier) => inputTokens > tier.aboveInputTokens)?.picoUsd ?? rate.picoUsd',
    replace: 'inputTokens < 0 ? 0n : rate.picoUsd',
    caughtBy: ['cost'],
  },
  {
    name: 'begin-the-long-context-too-early',
    file: 'money/prices/rates.ts',
    find: 'inputTokens > tier.aboveInputTokens',
    replace: 'inputTokens >= tier.aboveInputTokens',
    caughtBy: ['cost'],
  },
  {
    name: 'round-each-line',
    file: 'money/price-sheet.ts',
    find: 'return nano(dividedRoundedUp(numerator, denominator * PICO_PER_NANO));',
    replace:
      'return nano(lines.reduce((sum, one) => sum + dividedRoundedUp(one.numerator, one.denominator * PICO_PER_NANO), 0n));',
    caughtBy: ['cost'],
  },
  {
    name: 'round-down',
    file: 'money/prices/fraction.ts',
    find: 'return (amount + divisor - 1n) / divisor;',
    replace: 'return amount / divisor;',
    caughtBy: ['cost'],
  },
  {
    name: 'bill-an-hour-as-five-minutes',
    file: 'providers/anthropic/usage.ts',
    find: "putPart(usage, 'cacheWrite1hTokens', written1h);",
    replace: '',
    caughtBy: ['cost'],
  },
  {
    name: 'write-to-the-cache-for-free',
    file: 'providers/anthropic/usage.ts',
    find: "putPart(usage, 'cacheWriteTokens', written);",
    replace: '',
    caughtBy: ['cost'],
  },
  {
    name: 'add-reasoning-twice',
    file: 'providers/openai/usage.ts',
    find: 'return apart ? sumOfKnown(output, reasoning) : output;',
    replace: 'return apart || reasoning !== undefined ? sumOfKnown(output, reasoning) : output;',
    caughtBy: ['cost'],
  },
  {
    name: 'forget-the-thoughts',
    file: 'providers/gemini/usage.ts',
    find: 'const output = said === undefined ? undefined : sumOfKnown(said, thoughts);',
    replace: 'const output = said;',
    caughtBy: ['cost'],
  },
  {
    name: 'bill-sound-as-text',
    file: 'protocol/token-parts.ts',
    find: 'put(parts, kind.freshClass, kind.fresh - both);',
    replace: 'text += kind.fresh - both;',
    caughtBy: ['cost'],
  },
  {
    name: 'ignore-the-service-tier',
    file: 'money/prices/bill.ts',
    find: 'const terms = tier === undefined ? undefined : sheet.terms?.[tier];',
    replace: 'const terms = undefined;',
    caughtBy: ['cost'],
  },
  {
    name: 'take-the-unknown-for-free',
    file: 'money/price-sheet.ts',
    find: 'return unpriced.length > 0 ? undefined : totalOf(lines);',
    replace: 'return totalOf(lines);',
    caughtBy: ['cost'],
  },
  {
    name: 'forget-the-fee-of-a-request',
    file: 'money/prices/bill.ts',
    find: 'if (sheet.perRequest !== undefined) {',
    replace: 'if (sheet.perRequest !== undefined && lines.length < 0) {',
    caughtBy: ['cost'],
  },
  {
    name: 'keep-to-an-old-price',
    file: 'catalog/catalog.ts',
    find: 'const rule = model.prices.findLast((candidate) => holds(candidate, at)) ?? model.prices[0];',
    replace: 'const rule = model.prices[0];',
    caughtBy: ['cost'],
  },
  ...AGENT_SABOTAGES,
  ...MESSAGES_SABOTAGES,
  ...FOUR_DIALECT_SABOTAGES,
  ...CONFORMANCE_SABOTAGES,
  ...LANE_SABOTAGES,
  ...MONEY_SABOTAGES,
  ...WEATHER_SABOTAGES,
  ...SOCKET_SABOTAGES,
  ...WEATHER_ROW_SABOTAGES,
];
