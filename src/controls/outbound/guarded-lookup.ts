/**
 * The name look-up of a connection: what it finds is judged in the same step that connects to it. A check ahead of the
 * request would ask a name that may answer otherwise a moment later (DNS rebinding).
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { OutboundSettings } from './outbound.options.ts';
import { judgeAddress } from './destination.ts';

/** A name that leads where no request of ours may go. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden';
}

/**
 * A `lookup` for `net.connect`. One address in the answer that must not be asked refuses the name: whoever owns it chooses
 * which of them is tried.
 *
 * @param find - asks the system; tests hand in their own
 */
export function guardedLookup(
  rule: Pick<OutboundSettings, 'allow'>,
  find: typeof systemLookup = systemLookup,
): LookupFunction {
  return (hostname, options, done) => {
    find(hostname, { ...options, all: true }, (error, addresses: readonly LookupAddress[]) => {
      if (error !== null) {
        done(error, []);
        return;
      }
      for (const { address } of addresses) {
        const reason = judgeAddress(address, rule);
        if (reason === undefined) continue;
        done(new Forbidden(reason), []);
        return;
      }
      const [first] = addresses;
      if (options.all === true) done(null, [...addresses]);
      else done(null, first?.address ?? '', first?.family);
    });
  };
}
