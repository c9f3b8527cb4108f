/** What is wrong with an input, for whoever sent it. */

/** Where in a request. */
export type InputPlace = 'body' | 'query' | 'params';

/** One thing that is wrong. */
export interface InputFault {
  readonly in: InputPlace;
  /** The way to it as a JSON pointer (RFC 6901); empty for all of it. */
  readonly pointer: string;
  /** A sentence, without the value. */
  readonly detail: string;
}

/** A JSON pointer. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
