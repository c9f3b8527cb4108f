/** Makes a change of `notice-changes.ts` in SQLite, says so, and hangs: `killed-notices-child.ts DIRECTORY NAME`. */
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { CHANGES, openSite, type Then } from './notice-changes.ts';

const [, , directory = '', name = ''] = process.argv;
let armed = false;

const hang: Then = (store, method) => {
  const calls = store as Record<string, (...given: unknown[]) => unknown>;
  const call = calls[method]?.bind(store);
  calls[method] = async (...given) => {
    const done = await call?.(...given);
    if (!armed) return done;
    console.log('changed');
    return await new Promise(() => setInterval(() => undefined, 1000));
  };
};

const site = await openSite(sqlite(directory));
const act = await CHANGES[name]?.prepare(site, hang);
await site.site.accounts.settled();
armed = true;
await act?.();
