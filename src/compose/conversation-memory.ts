import type { ConversationDesk } from '../edge/responses/conversation-routes.ts';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { IdMaker } from '../kernel/ids.ts';
import type { KeptItem } from '../protocol/kept-conversation.ts';
import type { KeptHistory, KeptTurn, ResponseOwner } from '../protocol/kept-response.ts';
import {
  appendItems,
  conversationById,
  conversationItems,
  deleteConversation,
  deleteItem,
  insertConversation,
  setConversationMetadata,
} from '../store/conversation-queries.ts';
import type { Database } from '../store/database.ts';

const DAY_MS = 86_400_000;

export interface ConversationMemoryParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: IdMaker;
  /** Asked at each use; 0: nothing is kept. */
  retentionDays(): number;
}

/** Conversations as clients make them, and as answers are added to them. */
export class ConversationMemory implements ConversationDesk {
  readonly #parts: ConversationMemoryParts;

  constructor(parts: ConversationMemoryParts) {
    this.#parts = parts;
  }

  async begin(owner: ResponseOwner, metadata: Readonly<Record<string, unknown>>, items: readonly unknown[]) {
    const { database, clock, ids } = this.#parts;
    if (this.#parts.retentionDays() === 0) throw nothingKept();
    const conversation = { id: ids.next('conv'), createdAt: clock.now(), metadata };
    await insertConversation(database, owner, conversation, this.#named(items), this.#expiresAt());
    return conversation;
  }

  findConversation(owner: ResponseOwner, id: string) {
    return conversationById(this.#parts.database, this.#place(owner, id));
  }

  describe(owner: ResponseOwner, id: string, metadata: Readonly<Record<string, unknown>>) {
    return setConversationMetadata(this.#parts.database, this.#place(owner, id), metadata);
  }

  dropConversation(owner: ResponseOwner, id: string) {
    return deleteConversation(this.#parts.database, owner, id);
  }

  items(owner: ResponseOwner, id: string) {
    return conversationItems(this.#parts.database, this.#place(owner, id));
  }

  async append(owner: ResponseOwner, id: string, items: readonly unknown[]) {
    const named = this.#named(items);
    const known = await appendItems(this.#parts.database, this.#place(owner, id), named, this.#expiresAt());
    return known ? named : undefined;
  }

  dropItem(owner: ResponseOwner, id: string, itemId: string) {
    return deleteItem(this.#parts.database, this.#place(owner, id), itemId);
  }

  /** What a turn said and what was answered, at the end of its conversation. One that was deleted meanwhile stays so. */
  async addTurn(
    owner: ResponseOwner,
    id: string,
    { input, output, deployment }: { input: readonly unknown[]; output: readonly unknown[]; deployment: string },
  ): Promise<void> {
    const items = [...this.#named(input), ...this.#named(output, deployment)];
    await appendItems(this.#parts.database, this.#place(owner, id), items, this.#expiresAt());
  }

  /** @returns `undefined` for a conversation that is not there */
  async history(owner: ResponseOwner, id: string): Promise<KeptHistory | undefined> {
    return (await this.items(owner, id))?.map(turnOf);
  }

  #place(owner: ResponseOwner, id: string) {
    return { owner, id, at: this.#parts.clock.now() };
  }

  #expiresAt(): number {
    return this.#parts.clock.now() + this.#parts.retentionDays() * DAY_MS;
  }

  #named(items: readonly unknown[], deployment?: string): KeptItem[] {
    return items.map((item) => ({
      id: ownId(item) ?? this.#parts.ids.next('msg'),
      item,
      ...(deployment === undefined ? {} : { deployment }),
    }));
  }
}

/** No provider keeps a conversation of ours: each item is told on its own. */
function turnOf({ item, deployment }: KeptItem): KeptTurn {
  return { items: [item], upstreamKeeps: false, ...(deployment === undefined ? {} : { deployment }) };
}

function ownId(item: unknown): string | undefined {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function nothingKept(): GatewayError {
  return new GatewayError('unsupported_parameter', {
    message: 'Nothing is kept here: answer_retention_days is 0 in the configuration of this gateway.',
  });
}
