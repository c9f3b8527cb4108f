/** Sends every record of a log to every receiver of the policy. */
import { join } from 'node:path';
import { randomId } from '../../core/random.ts';
import { readMark } from '../chain/chain-line.ts';
import type { LogSink } from './log-sink.ts';
import { Shipper, type ShipHealth, type ShipListener, type ShipPauses } from './shipper.ts';

/** Where records wait, and how much of them. */
export interface ShippingSettings {
  readonly to: readonly LogSink[];
  readonly folder: string;
  readonly most: number;
}

/** The receivers of one log. */
export class ShipLog {
  readonly #shippers: ReadonlyMap<string, Shipper>;
  readonly #process: string = randomId(9);
  #count = 0;

  constructor({ to, folder, most }: ShippingSettings, listener: ShipListener, pauses?: ShipPauses) {
    this.#shippers = new Map(
      to.map((sink) => [sink.name, new Shipper(sink, join(folder, sink.name), most, listener, pauses)]),
    );
  }

  /** By their names, how receivers do. */
  get health(): ReadonlyMap<string, ShipHealth> {
    return new Map([...this.#shippers].map(([name, shipper]) => [name, shipper.health]));
  }

  /** Takes a line of the log. In a chain its place is its id, and else its number in this process. */
  add(line: string): void {
    const mark = line.endsWith('"}') ? readMark(Buffer.from(line)) : undefined;
    this.#count += 1;
    const id = mark === undefined ? `${this.#process}.${this.#count}` : `${mark.chain}.${mark.seq}`;
    for (const shipper of this.#shippers.values()) shipper.add({ id, line });
  }

  /** Sends what it can; the rest waits on disk for the next process. */
  async close(): Promise<void> {
    await Promise.all([...this.#shippers.values()].map(async (shipper) => await shipper.close()));
  }
}
