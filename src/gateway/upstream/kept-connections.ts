/** Connections that are kept behind an answer, each for who was answered on it, and found by that without a look at the others. */
import type { Connection } from './connection.ts';
import { isSameVisitor, type Visitor } from './visitor.ts';

/** Those of one upstream. */
export class KeptConnections {
  /** The one that was used longest ago is first. */
  readonly #visitors = new Map<Connection, Visitor>();
  readonly #byLine = new Map<Visitor['line'], Connection[]>();

  get size(): number {
    return this.#visitors.size;
  }

  /** Each with who may have it. */
  entries(): Iterable<readonly [connection: Connection, visitor: Visitor]> {
    return this.#visitors;
  }

  add(connection: Connection, visitor: Visitor): void {
    this.#visitors.set(connection, visitor);
    const ofLine = this.#byLine.get(visitor.line);
    if (ofLine === undefined) this.#byLine.set(visitor.line, [connection]);
    else ofLine.push(connection);
  }

  /** Takes one that was kept for this visitor: that used last, which is the likeliest to be open still. */
  take(visitor: Visitor): Connection | undefined {
    const ofLine = this.#byLine.get(visitor.line) ?? [];
    for (let at = ofLine.length - 1; at >= 0; at -= 1) {
      const connection = ofLine[at];
      const kept = connection && this.#visitors.get(connection);
      if (connection === undefined || kept === undefined || !isSameVisitor(kept, visitor)) continue;
      this.drop(connection);
      return connection;
    }
    return undefined;
  }

  /** Takes the one that was used longest ago. */
  takeOldest(): Connection | undefined {
    const [oldest] = this.#visitors.keys();
    if (oldest !== undefined) this.drop(oldest);
    return oldest;
  }

  drop(connection: Connection): void {
    const line = this.#visitors.get(connection)?.line;
    if (line === undefined) return;
    this.#visitors.delete(connection);
    const ofLine = this.#byLine.get(line) ?? [];
    if (ofLine.length > 1) ofLine.splice(ofLine.indexOf(connection), 1);
    else this.#byLine.delete(line);
  }
}
