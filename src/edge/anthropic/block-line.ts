import { PartLine } from '../part-line.ts';
import type { BlockTaker } from './block-taker.ts';
import { partWriter, writeWhole } from './stream-blocks.ts';

/** The parts of an answer as blocks, of which one is open at a time. */
export class BlockLine extends PartLine {
  constructor(out: BlockTaker) {
    super({
      begin: (first) => partWriter(first, out),
      whole: ({ content, choice, part }) => writeWhole(content, { choice, part }, out),
    });
  }
}
