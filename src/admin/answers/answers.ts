import type { z } from 'zod';
import type { AdminContract } from '../contract/contract.ts';
import type { AdminOperation } from '../endpoints.ts';
import type { StreamedAnswer } from '../streamed-answer.ts';

type Read<Contract, Part extends string> =
  Contract extends Readonly<Record<Part, infer Schema extends z.ZodType>> ? z.output<Schema> : undefined;

/** A question as the contract has read it. */
export interface Question<Operation extends AdminOperation> {
  readonly params: Read<AdminContract[Operation], 'params'>;
  readonly query: Read<AdminContract[Operation], 'query'>;
  readonly body: Read<AdminContract[Operation], 'body'>;
}

export type Answer<Operation extends AdminOperation> = z.output<AdminContract[Operation]['answer']>;

/** What answers each operation. The document about all of them is made where they are served. */
export type Answers = {
  readonly [Operation in Exclude<AdminOperation, 'openapi'>]: (
    question: Question<Operation>,
  ) => Operation extends 'export_usage' ? Promise<StreamedAnswer> : Answer<Operation> | Promise<Answer<Operation>>;
};
