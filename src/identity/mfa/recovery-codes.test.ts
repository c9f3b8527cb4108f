import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeFactors } from '../../../test/support/second-factors.ts';

test('v5.0.0-6.5.1 each of ten codes works once, and says how many are left', async () => {
  const { factors, visit } = new FakeFactors();
  const codes = await factors.recoveryCodes.create(visit, 'ann');
  assert.equal(new Set(codes).size, 10);
  assert.equal(await factors.recoveryCodes.left('ann'), 10);
  for (const [index, code] of codes.entries()) {
    assert.deepEqual(await factors.recoveryCodes.use(visit, 'ann', code), { ok: true, left: 9 - index });
    assert.deepEqual(await factors.recoveryCodes.use(visit, 'ann', code), { ok: false });
  }
  assert.equal(await factors.recoveryCodes.left('ann'), 0);
});

test('v5.0.0-15.4.2 of several simultaneous uses of one code exactly one passes', async () => {
  const { factors, visit } = new FakeFactors();
  const [code = ''] = await factors.recoveryCodes.create(visit, 'ann');
  const uses = Array.from({ length: 5 }, () => factors.recoveryCodes.use(visit, 'ann', code));
  assert.equal((await Promise.all(uses)).filter(({ ok }) => ok).length, 1);
});

test('takes a code as people type it', async () => {
  const { factors, visit } = new FakeFactors();
  const [one = '', two = ''] = await factors.recoveryCodes.create(visit, 'ann');
  assert.ok(
    (await factors.recoveryCodes.use(visit, 'ann', ` ${one.toLowerCase().replaceAll('-', ' ')}\n`)).ok,
  );
  assert.ok((await factors.recoveryCodes.use(visit, 'ann', two.replaceAll('-', ''))).ok);
});

test('takes no code of another account, of an older set, or of nobody', async () => {
  const { factors, visit } = new FakeFactors();
  const old = await factors.recoveryCodes.create(visit, 'ann');
  const bobs = await factors.recoveryCodes.create(visit, 'bob');
  await factors.recoveryCodes.create(visit, 'ann');
  for (const code of [...old, ...bobs, '', 'x'.repeat(1_000_000), '22222-22222-22222-22222-22222']) {
    assert.equal((await factors.recoveryCodes.use(visit, 'ann', code)).ok, false);
  }
  assert.equal(await factors.recoveryCodes.left('ann'), 10);
  assert.equal(await factors.recoveryCodes.left('bob'), 10);
});

test('tells the log of each use, and never the code', async () => {
  const { factors, visit } = new FakeFactors();
  const [code = ''] = await factors.recoveryCodes.create(visit, 'ann');
  await factors.recoveryCodes.use(visit, 'ann', code);
  await factors.recoveryCodes.use(visit, 'ann', code);
  assert.deepEqual(visit.eventNames, ['authn_token_created', 'authn_login_success', 'authn_login_fail']);
  const told = JSON.stringify(visit.events);
  assert.ok(!told.includes(code) && !told.includes(code.replaceAll('-', '')));
});
