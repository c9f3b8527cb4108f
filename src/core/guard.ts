import type { Exchange } from './exchange.ts';
import type { ForwardHead } from './forward-head.ts';
import type { OutgoingHead, ResponseHead } from './head.ts';
import type { Verdict } from './verdict.ts';

/** What a guard does: act, only count and log what it would have done, or not be there. The layer sees to it, at all hooks. */
export type Mode = 'enforce' | 'observe' | 'off';

/** One control, compiled from the policy once. */
export interface Guard {
  /** Counted, logged and placed by: what policies, metrics and the log call it. */
  readonly name: string;
  readonly mode: Mode;
  /** Fills in facts that later guards need: its `onRequest` runs in every mode, and `off` only silences its verdict. */
  readonly derives?: boolean;
  /** Looks at a request before the handler. Answers at once where state is in memory; a promise only where it must. */
  readonly onRequest?: (exchange: Exchange) => Verdict | Promise<Verdict>;
  /**
   * Looks over the head that an upstream will get, where one is behind us: takes away what is the control's own (a cookie, a
   * token) and what others could pass off as its word, and adds what it hands on. In `observe` this is only noted.
   */
  readonly onForward?: (exchange: Exchange, head: ForwardHead) => void;
  /** Looks at the answer of the application before any of it leaves. A refusal replaces the whole of it. */
  readonly onAnswer?: (exchange: Exchange, head: ResponseHead) => Verdict;
  /**
   * Looks at the head of every answer, Bulwark's own included, at the last moment before it leaves. In `observe` it is given
   * a head that notes what would be changed and lets it be.
   */
  readonly onResponse?: (exchange: Exchange, head: OutgoingHead) => void;
  /** In `observe`, after that: adds what has a browser observe too, and changes nothing of what is there. */
  readonly onObserve?: (exchange: Exchange, head: OutgoingHead) => void;
}
