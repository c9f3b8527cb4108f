/** The server for operators, where the policy says, and elsewhere once another policy says so. */
import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import { type Place, showPlace } from '../options/listen-address.ts';

/** Holds one server to one place. */
export class ManagementListener {
  readonly #server: Server;
  #place: Place | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Listens there; nowhere, where no place is named. What was asked of it before is answered still.
   *
   * @returns why it could not
   */
  async moveTo(place: Place | undefined): Promise<string | undefined> {
    const before = this.#place;
    if (before !== undefined && place !== undefined && showPlace(before) === showPlace(place))
      return undefined;
    this.#place = undefined;
    if (before !== undefined) {
      const closed = once(this.#server, 'close');
      this.#server.close();
      this.#server.closeAllConnections();
      await closed;
    }
    if (place === undefined) return undefined;
    // Left by a gateway that was killed.
    if ('path' in place && statSync(place.path, { throwIfNoEntry: false })?.isSocket() === true)
      rmSync(place.path);
    this.#server.listen(place);
    try {
      await once(this.#server, 'listening');
    } catch (error) {
      return String(error);
    }
    this.#place = place;
    return undefined;
  }
}
