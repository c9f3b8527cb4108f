import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyOptions } from '../policy/policy.ts';
import { readPolicy } from '../policy/read-policy.ts';
import type { Guard, Mode } from '../core/guard.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { memory } from '../stores/memory/state.ts';
import { guardNames, SECTIONS } from '../policy/controls.ts';
import { makeGuards } from './order.ts';
import { makeServices } from './services.ts';

const WEBHOOK = { webhook: { scheme: 'github', secrets: [TEST_SECRET] } } as const;

async function guardsOf(mode: Mode, more: PolicyOptions = {}): Promise<readonly Guard[]> {
  const sections = Object.entries(SECTIONS).flatMap(([name, table]) => ('mode' in table ? [name] : []));
  assert.ok(sections.length > 9);
  const options: PolicyOptions = {
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    apiTokens: { scopes: ['files:read'] },
    session: { deviceBound: 'enforce' },
    routes: { 'POST /hook': WEBHOOK },
    audit: { sink: () => undefined },
    ...Object.fromEntries(sections.map((section) => [section, { mode }])),
    ...more,
  };
  const policy = await readPolicy(options);
  return makeGuards(policy, makeServices(policy), { emptyParameters: true });
}

/** Whom others stand on: they act whatever the policy says. */
const ALWAYS = [
  'address',
  'cache',
  'device-bound',
  'files',
  'route',
  'session',
  'token',
  'webhook',
  'well-known',
];
test('each guard has the mode of its section, and those that others stand on have none', async () => {
  for (const mode of ['enforce', 'observe', 'off'] as const) {
    const modes = new Map<string, Set<Mode>>();
    for (const guard of await guardsOf(mode)) {
      modes.set(guard.name, (modes.get(guard.name) ?? new Set()).add(guard.mode));
    }
    assert.deepEqual([...modes.keys()].toSorted(), guardNames().toSorted());
    for (const name of ALWAYS) assert.deepEqual([...(modes.get(name) ?? [])], ['enforce'], name);
    for (const name of guardNames().filter((one) => !ALWAYS.includes(one))) {
      // Permissions of handlers are enforced under the name of access, whatever holds for routes; and a policy that is only
      // reported needs the nonce handed on as one that is enforced does.
      const also = name === 'access' ? mode !== 'enforce' : name === 'csp' && mode === 'observe';
      const wanted = also ? [mode, 'enforce'] : [mode];
      assert.deepEqual([...(modes.get(name) ?? [])], wanted, name);
    }
  }
});

test('what other guards and handlers go by is read in every mode', async () => {
  const reading = (await guardsOf('off')).filter(({ derives }) => derives === true).map(({ name }) => name);
  assert.deepEqual(reading.toSorted(), ['address', 'host', 'session', 'token', 'url']);
});

test('a guard that nothing in the policy asks for keeps its place, and does not run', async () => {
  const guards = await guardsOf('enforce', { routes: {}, apiTokens: {}, session: {} });
  for (const name of ['device-bound', 'webhook', 'token']) {
    const [guard, ...more] = guards.filter((one) => one.name === name);
    assert.deepEqual([guard?.mode, guard?.onRequest, more.length], ['off', undefined, 0], name);
  }
});
