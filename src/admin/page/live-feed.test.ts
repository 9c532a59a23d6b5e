import { expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import { type FeedClient, type FeedOptions, liveFeed } from './live-feed.ts';
import { endRecord, startRecord, type TestPage, testPage } from './page-test-data.ts';

interface SentEvent {
  readonly name: string;
  readonly data: Record<string, unknown>;
}

/** A browser at the end of a feed, which may leave or stop reading. */
class Browser implements FeedClient {
  chunks: string[] = [];
  reads = true;
  ended = false;
  #listener: () => void = () => undefined;

  send(chunk: string): boolean {
    this.chunks.push(chunk);
    return this.reads;
  }
  onClose(listener: () => void): void {
    this.#listener = listener;
  }
  end(): void {
    this.ended = true;
  }
  leave(): void {
    this.#listener();
  }
  /** The events since the last look; comments are left out. */
  take(): SentEvent[] {
    const events = this.chunks
      .join('')
      .split('\n\n')
      .filter((event) => event.startsWith('event: '))
      .map((event) => {
        const [name = '', data = ''] = event.split('\n');
        return { name: name.slice(7), data: JSON.parse(data.slice(6)) as Record<string, unknown> };
      });
    this.chunks = [];
    return events;
  }
}

function openFeed(options?: FeedOptions): { page: TestPage; clock: VirtualClock; browser: Browser; end: () => void } {
  const page = testPage();
  const clock = new VirtualClock();
  const browser = new Browser();
  page.recent.record(startRecord('call_0'));
  const end = liveFeed(page, clock, browser, options);
  return { page, clock, browser, end };
}

function names(events: SentEvent[]): string[] {
  return events.map(({ name }) => name);
}

test('a page that opens gets everything at once, then nothing until something changes', async () => {
  const { clock, browser, end } = openFeed();
  const events = browser.take();
  expect(names(events)).toEqual(['calls', 'providers', 'server']);
  expect(events[0]?.data['html']).toContain('id="call_0"');
  await clock.advance(14_900);
  expect(browser.chunks).toEqual([]);
  end();
  expect(clock.pendingTimers).toBe(0);
});

test('a changed call sends its row at once, with its id', async () => {
  const { page, clock, browser, end } = openFeed();
  await clock.advance(1_000);
  browser.take();
  page.recent.record(endRecord('call_0'));
  await clock.advance(0);
  const events = browser.take();
  expect(names(events)).toEqual(['call']);
  expect(events[0]?.data['id']).toBe('call_0');
  expect(events[0]?.data['html']).toContain('$0.0000312');
  end();
});

test('a call that changes a hundred times a second sends its newest state five times a second', async () => {
  const { page, clock, browser, end } = openFeed();
  browser.take();
  for (let change = 1; change <= 200; change++) {
    page.recent.record(startRecord('call_0', { attempt: change + 1, routeReason: `reason ${change}.` }));
    await clock.advance(10);
  }
  const events = browser.take();
  expect(events).toHaveLength(10);
  expect(events.every((event) => event.name === 'call' && event.data['id'] === 'call_0')).toBe(true);
  expect(events[4]?.data['html']).toContain('reason 100.');
  expect(events[4]?.data['html']).not.toContain('reason 101.');
  expect(events[9]?.data['html']).toContain('reason 200.');
  await clock.advance(1_000);
  expect(browser.take()).toEqual([]);
  end();
});

test('however many calls begin between two updates, fifty rows are sent, the oldest first', async () => {
  const { page, clock, browser, end } = openFeed();
  browser.take();
  for (let index = 1; index <= 300; index++) page.recent.record(startRecord(`call_${index}`));
  await clock.advance(200);
  const events = browser.take();
  expect(events.map(({ data }) => data['id'])).toEqual(Array.from({ length: 50 }, (_, index) => `call_${251 + index}`));
  end();
});

test('when too many calls change to be remembered, all rows are sent instead', async () => {
  const { page, clock, browser, end } = openFeed();
  browser.take();
  for (let index = 1; index <= 900; index++) page.recent.record(startRecord(`call_${index}`));
  await clock.advance(200);
  const events = browser.take();
  expect(names(events)).toEqual(['calls']);
  expect(String(events[0]?.data['html']).match(/<li class="call"/g)).toHaveLength(50);
  end();
});

test('a provider that changes its state is sent within a second; one that was merely seen again is not', async () => {
  const { page, clock, browser, end } = openFeed();
  browser.take();
  const [openai] = page.providerStates;
  if (openai === undefined) throw new Error('no provider');
  page.providerStates = [{ ...openai, lastOkAt: 5 }];
  await clock.advance(5_000);
  expect(browser.take()).toEqual([]);
  page.providerStates = [{ ...openai, state: 'unreachable' }];
  page.storeText = 'failing';
  await clock.advance(1_000);
  const events = browser.take();
  expect(names(events)).toEqual(['providers', 'server']);
  expect(events[0]?.data['html']).toContain('unreachable');
  expect(events[1]?.data['html']).toContain('failing');
  end();
});

test('an idle feed says something each fifteen seconds', async () => {
  const { clock, browser, end } = openFeed();
  browser.take();
  await clock.advance(45_000);
  expect(browser.chunks).toEqual([': ping\n\n', ': ping\n\n', ': ping\n\n']);
  end();
});

test('a client that leaves takes every timer and the subscription with it', async () => {
  let over = 0;
  const { page, clock, browser } = openFeed({ onEnd: () => over++ });
  browser.take();
  page.recent.record(endRecord('call_0'));
  browser.leave();
  expect(clock.pendingTimers).toBe(0);
  page.recent.record(startRecord('call_1'));
  await clock.advance(60_000);
  expect(browser.chunks).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
  expect(over).toBe(1);
  expect(browser.ended).toBe(false);
});

test('a client that was gone before the feed began gets none', () => {
  const clock = new VirtualClock();
  const gone = new Browser();
  gone.onClose = (listener) => listener();
  liveFeed(testPage(), clock, gone);
  expect(gone.chunks).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});

test('a client that stops reading gets only probes, then one update when it reads again', async () => {
  const { page, clock, browser, end } = openFeed();
  browser.take();
  browser.reads = false;
  page.recent.record(startRecord('call_1'));
  await clock.advance(200);
  expect(names(browser.take())).toEqual(['call']);
  for (let attempt = 2; attempt < 40; attempt++) {
    page.recent.record(startRecord('call_1', { attempt }));
    await clock.advance(100);
  }
  expect(browser.chunks.every((chunk) => chunk === ': waiting\n\n')).toBe(true);
  expect(browser.chunks.length).toBeLessThan(5);
  browser.reads = true;
  await clock.advance(1_300);
  const events = browser.take();
  expect(names(events)).toEqual(['call']);
  expect(events[0]?.data['id']).toBe('call_1');
  end();
});

test('a client that does not read for half a minute is let go', async () => {
  const { page, clock, browser } = openFeed();
  browser.reads = false;
  page.recent.record(startRecord('call_1'));
  await clock.advance(29_000);
  expect(browser.ended).toBe(false);
  await clock.advance(3_000);
  expect(browser.ended).toBe(true);
  expect(clock.pendingTimers).toBe(0);
});

test('a feed does not outlive its session', async () => {
  let allowed = true;
  const { clock, browser } = openFeed({ isAllowed: () => allowed });
  await clock.advance(20_000);
  expect(browser.ended).toBe(false);
  allowed = false;
  await clock.advance(15_000);
  expect(browser.ended).toBe(true);
  expect(clock.pendingTimers).toBe(0);
});
