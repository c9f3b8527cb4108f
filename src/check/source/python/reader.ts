/** What the parts of the reader have of each other. */
import type { Block, Call, Expression } from './ast.ts';
import type { Scanner } from './scanner.ts';

/** What of a file is noted while its expressions are read. */
export interface Notes {
  /** Each call, as soon as it is whole. */
  readonly onCall: (call: Call) => void;
  /** Without a body, whatever comes behind it is done where it holds. */
  readonly onTest: (test: Expression, from: number, end: number, body?: Block, other?: Block) => void;
  /** `:=`, `as`, and what a comprehension takes apart. */
  readonly onBinding: (target: Expression, value: Expression, how: 'is' | 'one-of', at?: number) => void;
  readonly onUnknown: (at: number) => void;
}

/** Thrown where a text is not what was expected. One for all: a text of nothing else costs no stack each. */
export const LOST: SyntaxError = new SyntaxError('not Python as it is known here');

/** Reads the expression that its scanner stands before, and leaves it behind that. */
export interface Reads {
  readonly scan: Scanner;
  /** Any one. */
  readonly read: () => Expression;
  /** One, or many with commas between. */
  readonly readMany: () => Expression[];
  /** One in a list, with or without a star. */
  readonly readStarred: () => Expression;
  /** `for x in y if z`, where it stands here. */
  readonly readClauses: (at: number) => readonly Expression[];
  /** Whether one can begin here. */
  readonly begins: () => boolean;
  /** Goes on behind a token that has to stand here. */
  readonly expect: (kind: number) => void;
}
