/**
 * Calls every method that is public, awaits none, and has every store fail: a process that gets to its end says which there
 * were. Then once more, awaited.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { State } from '../../src/stores/ports/state.ts';
import { INSTANCES, layer, madeInstances, OBJECTS, site, states } from './public-objects.ts';
import { ANY, type Call } from './refused-calls.ts';

const OF_APPLICATIONS = /^(session$|accounts|factors)/;
/** Those of the layer take its exchange, which nobody else has. */
const OF_SESSIONS = new Set(['list', 'revoke', 'revokeAccount']);
/** After it there is nothing to call. */
const LAST = new Set(['close']);

type Method = readonly [name: string, call: () => unknown];

const methods: Method[] = [];
for (const [name, [object, calls]] of Object.entries(OBJECTS)) {
  for (const [method, given] of Object.entries(calls)) {
    const wanted = OF_APPLICATIONS.test(name) || (name === 'layer.sessions' && OF_SESSIONS.has(method));
    if (wanted && !LAST.has(method)) methods.push(callOf(name, object, method, given));
  }
}
const instances = madeInstances();
for (const [name, calls] of Object.entries(INSTANCES)) {
  for (const [method, given] of Object.entries(calls))
    methods.push(callOf(name, instances[name] ?? {}, method, given));
}

await layer.close();
for (const state of states) breakStores(state);

for (const [, call] of methods) {
  try {
    // oxlint-disable-next-line typescript/no-floating-promises -- what comes of that is the question
    call();
  } catch {
    // It answers at once, and failed at once.
    continue;
  }
}
// What hashes a password takes a while.
await sleep(2000);
const logged = site.events.flatMap(({ event, details }) =>
  event === 'sys_crash' ? [String((details as { readonly reason?: unknown }).reason)] : [],
);
const rejected: string[] = [];
for (const [name, call] of methods) {
  try {
    await call();
  } catch {
    rejected.push(name);
  }
}
process.stdout.write(JSON.stringify({ called: methods.map(([name]) => name), rejected, logged }));
process.exit();

function callOf(name: string, object: object, method: string, given: readonly unknown[]): Method {
  const call = (object as Readonly<Record<string, Call | undefined>>)[method];
  const handed = given.map((one) => (one === ANY ? undefined : one));
  return [`${name}.${method}`, () => call?.apply(object, handed)];
}

/** Has whatever is asked of stores fail, as those across a network do. */
function breakStores(state: State): void {
  const seen = new Set<object>();
  const visit = (store: unknown): void => {
    if (typeof store !== 'object' || store === null || seen.has(store)) return;
    seen.add(store);
    for (const part of Object.values(store)) visit(part);
    const kind: object = Object.getPrototypeOf(store) as object;
    const names = kind === Object.prototype ? [] : Object.getOwnPropertyNames(kind);
    const own = Object.entries(store).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
    for (const name of [...names, ...own])
      if (name !== 'constructor')
        Object.assign(store, { [name]: () => Promise.reject(new Error('it is gone')) });
  };
  for (const part of [state.sessions, state.counters, state.factors, state.accounts]) visit(part);
}
