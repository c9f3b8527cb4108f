/** A rule that looks at source files: what it has to be, and what it says. */
import type { Confidence, FlowStep, Level, RuleFacts } from '../../core/rule.ts';
import type { SourceFile } from './source-file.ts';
import type { SourceTree } from './source-tree.ts';

/** Something that fell short, as a rule says it. */
export interface SourceFault {
  readonly at: Place;
  /** Default: the rule's own. */
  readonly level?: Level;
  /** One sentence that is true of what was seen, and of no more. */
  readonly message: string;
  /** Default: the line itself, without what looks like a secret. */
  readonly evidence?: string;
  /** The line to write. */
  readonly fix: string;
  /** Default: medium, for what was read and not seen to happen. */
  readonly confidence?: Confidence;
  /** The way of a value, its source first. */
  readonly flow?: readonly FlowStep[];
}

/** A file, and where in it, in UTF-16 units from its beginning. */
export interface Place {
  readonly file: SourceFile;
  readonly at: number;
}

/** Takes down one fault. */
export type Say = (fault: SourceFault) => void;

/** One rule. */
export interface SourceRule extends RuleFacts {
  readonly needs: 'source';
  /** Begins a run. What it has to remember between files is its own. */
  readonly start: (tree: SourceTree) => Looker;
}

/** A rule at work on one tree. */
export interface Looker {
  /** Whether it reads files of that path. */
  readonly reads: (path: string) => boolean;
  /** It looks at whatever is text, so that a file which is none has lost nothing. Default: a file that it cannot read is told of. */
  readonly binaryToo?: true;
  /** What a file must hold for the rule to have anything to say of it. Default: every file is looked at. */
  readonly words?: RegExp;
  readonly look?: (file: SourceFile, say: Say) => void;
  /** It ends after all others: it speaks of what these have seen. */
  readonly last?: true;
  /** After the last file: what is said of the whole. */
  readonly end?: (say: Say) => void;
}
