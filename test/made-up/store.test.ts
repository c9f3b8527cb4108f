/**
 * A store as somebody else would write one: it lives in this file, knows public subpaths only, and answers with promises
 * a moment later. No file of ours changes for it.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { State } from 'bulwark';
import { memory } from 'bulwark/memory';
import { accountStoreConformance, factorStoreConformance, storeConformance } from 'bulwark/testing';

/** Each method of a port, a moment later. */
function later<Port extends object>(port: Port): Port {
  return new Proxy(port, {
    get(target, name): unknown {
      const part: unknown = Reflect.get(target, name);
      if (typeof part === 'object' && part !== null) return later(part);
      if (typeof part !== 'function') return part;
      return async (...values: readonly unknown[]): Promise<unknown> => {
        await turn();
        return (await Reflect.apply(part, target, values)) as unknown;
      };
    },
  });
}

function open(): State {
  const { sessions, counters, factors, accounts } = memory();
  return {
    reach: 'network',
    sessions: later(sessions),
    counters: later(counters),
    ...(factors !== undefined && { factors: later(factors) }),
    ...(accounts !== undefined && { accounts: later(accounts) }),
    close: () => undefined,
  };
}

storeConformance('a made-up store', open);
factorStoreConformance('a made-up store', open);
accountStoreConformance('a made-up store', open);
