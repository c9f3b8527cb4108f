import type { Exchange, ResponseHead } from './exchange.ts';
import type { Verdict } from './verdict.ts';

/** What a guard does with its verdict: act on it, only count and log it, or not be there. */
export type Mode = 'enforce' | 'observe' | 'off';

/** One control, compiled from the policy once. */
export interface Guard {
  readonly name: GuardName;
  readonly mode: Mode;
  /** Fills in facts that later guards need: runs in every mode, and `off` only silences its verdict. */
  readonly derives?: boolean;
  /** Looks at a request before the handler. Answers at once where state is in memory; a promise only where it must. */
  readonly onRequest?: (exchange: Exchange) => Verdict | Promise<Verdict>;
  /** Looks at the response head before it leaves. A refusal here replaces the whole response. */
  readonly onResponse?: (exchange: Exchange, head: ResponseHead) => Verdict;
}

/** Every guard there is. Their order is in layer/order.ts. */
export type GuardName =
  | 'address'
  | 'framing'
  | 'url'
  | 'route'
  | 'host'
  | 'method'
  | 'https'
  | 'rate'
  | 'session'
  | 'csrf'
  | 'access'
  | 'body'
  | 'errors'
  | 'cookies'
  | 'cache'
  | 'csp'
  | 'headers';
