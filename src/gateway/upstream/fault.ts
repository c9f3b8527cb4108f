/** Why there is no answer of the upstream, or not the whole of one. */

/**
 * - `connect`: nothing took the connection in time
 * - `busy`: every connection is in use, and none came free in time
 * - `late`: the upstream fell silent
 * - `cut`: the connection ended before the answer did
 * - `malformed`: two readers could understand the answer differently
 * - `left`: the client went away, or the gateway gave up
 */
export type FaultKind = 'connect' | 'busy' | 'late' | 'cut' | 'malformed' | 'left';

/** How an exchange with the upstream failed. Its message is for the log: it names what was seen, never the bytes. */
export class UpstreamFault extends Error {
  override readonly name = 'UpstreamFault';
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The fault of an answer that two readers could understand differently. */
export function malformed(reason: string): UpstreamFault {
  return new UpstreamFault('malformed', reason);
}
