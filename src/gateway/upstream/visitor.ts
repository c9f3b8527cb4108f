/**
 * Whom a kept connection may serve. What an upstream sends too much stands in front of the next answer on that connection
 * (a length that is too small, an answer that an attacker split in two), and no reader can tell. So whoever caused it is the
 * only one who can get it: a connection is kept for who was answered on it, and for nobody else.
 */

/** One visitor on one connection of theirs. A proxy in front has many on one, which their address or credentials tell apart. */
export interface Visitor {
  /** The client's own connection: that of HTTP/2, where a request is a stream. */
  readonly line: { readonly destroyed: boolean };
  readonly address: string;
  readonly cookie: string | undefined;
  readonly authorization: string | undefined;
}

/** The client's own connection, also of a stream of HTTP/2, which stands in the place of one. */
export function lineOf(socket: Visitor['line'] & { readonly line?: Visitor['line'] }): Visitor['line'] {
  return socket.line ?? socket;
}

/** Whether two requests are of one visitor, for all that a gateway can know. */
export function isSameVisitor(one: Visitor, other: Visitor): boolean {
  return (
    one.line === other.line &&
    one.address === other.address &&
    one.cookie === other.cookie &&
    one.authorization === other.authorization
  );
}
