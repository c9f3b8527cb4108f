/** The heads that guards look over, whatever the framework. */
import type { HeaderBlock, HeaderKey, HeaderLine } from './header-line.ts';

/** What a header says: a list is one line each. */
export type HeaderValue = number | string | readonly string[];

/** A response head, to be looked at. Node's ServerResponse fits as it is. */
export interface ResponseHead {
  readonly statusCode: number;
  /** What the head says under a name, as it was set; undefined where there is no such header. */
  getHeader(key: HeaderKey): HeaderValue | undefined;
}

/**
 * What a head is of: an answer; what is said ahead of one (100, 103); the end of HTTP on a connection (101, to which
 * browsers take cookies as from any answer); what stands behind a body.
 */
export type HeadPart = 'answer' | 'hints' | 'switch' | 'trailers';

/** The response head at the last moment before it leaves. */
export interface OutgoingHead extends ResponseHead {
  readonly part: HeadPart;
  /** Sets a header, in the place of those of its name. */
  setHeader(name: string, value: HeaderValue): unknown;
  /** Takes a header away, however many lines it has. */
  removeHeader(key: HeaderKey): unknown;
  /** Sets a header that is not there yet. */
  addLine(line: HeaderLine): unknown;
  /**
   * Adds all lines of a block, where none of their names is there; false: it adds none, and each has to be looked at. Heads that
   * gain nothing by it do not have it.
   */
  addBlock?(block: HeaderBlock): boolean;
  /** Removes what was set of a long list of names: looks at the few that are there, not at the list. */
  removeAll(names: ReadonlySet<HeaderKey>): unknown;
  /** The names that are there. */
  names(): readonly HeaderKey[];
}
