/** The heads that guards look over, whatever the framework. */
import type { HeaderKey, HeaderLine } from './header-line.ts';

/** What a header says: a list is one line each. */
export type HeaderValue = number | string | readonly string[];

/** A response head, to be looked at. Node's ServerResponse fits as it is. */
export interface ResponseHead {
  readonly statusCode: number;
  getHeader(key: HeaderKey): HeaderValue | undefined;
}

/** The response head at the last moment before it leaves. */
export interface OutgoingHead extends ResponseHead {
  setHeader(name: string, value: HeaderValue): unknown;
  removeHeader(key: HeaderKey): unknown;
  /** Sets a header that is not there yet. */
  addLine(line: HeaderLine): unknown;
  /** Removes what the application set of a long list of names: looks at the few that are there, not at the list. */
  removeAll(names: ReadonlySet<HeaderKey>): unknown;
  /** The names that are there. */
  names(): readonly HeaderKey[];
}
