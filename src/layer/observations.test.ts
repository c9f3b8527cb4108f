import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { ListedHead } from '../core/listed-head.ts';
import { HeaderLine } from '../core/header-line.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { memory } from '../stores/memory/state.ts';
import { RecorderHost } from '../testing/recorder.ts';
import { Layer } from './layer.ts';
import { ObservedHead } from './observed-head.ts';

test('what a guard would do is noted by name, what changes nothing is not, and the head stays', () => {
  const before = [
    ['Server', 'secret 1.0'],
    ['X-Frame-Options', 'DENY'],
    ['Set-Cookie', ['a=1', 'b=2']],
    ['Referrer-Policy', 'unsafe-url'],
  ] as const;
  const head = new ListedHead(200, before);
  const observed = new ObservedHead(head);
  observed.removeAll(new Set(['server', 'x-powered-by']));
  observed.removeHeader('via');
  observed.removeHeader('server');
  observed.setHeader('X-Frame-Options', 'DENY');
  observed.setHeader('Referrer-Policy', 'no-referrer');
  observed.setHeader('Set-Cookie', ['a=1; Secure']);
  observed.setHeader('X-New', '1');
  observed.addLine(HeaderLine.of('X-Line', '1'));
  assert.deepEqual(observed.changes, [
    'remove server',
    'remove server',
    'change referrer-policy',
    'remove set-cookie',
    'set x-new',
    'set x-line',
  ]);
  assert.equal(observed.getHeader('server'), 'secret 1.0');
  assert.deepEqual(head.lines, new ListedHead(200, before).lines);
});

test('each kind is told once for each route of the policy, whatever paths are asked for, and every answer is counted', async () => {
  const events: AuditEvent[] = [];
  const policy = await readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    rateLimit: { mode: 'off' },
    headers: { mode: 'observe' },
    routes: { '/files/:id': { require: 'anyone' } },
    audit: { sink: (_line, event) => void events.push(event) },
  });
  const layer = new Layer(policy);
  const host = new RecorderHost(layer);
  for (let index = 0; index < 200; index += 1) {
    await host.run({ target: `/made-up/${index}` });
    await host.run({ target: `/files/${index}` }, () => ({ headers: { server: `value ${index}` } }));
  }
  assert.equal(layer.counts.get('headers')?.observed, 400);
  const told = events.filter(({ event }) => event === 'sys_observed');
  assert.deepEqual(
    told.map(({ path }) => path),
    ['/made-up/0', '/files/0'],
  );
  assert.deepEqual(told[0]?.details?.['observed'], true);
  const [first, second] = told.map(({ details }) => details?.['changes'] as readonly string[]);
  assert.ok(first?.includes('set x-content-type-options'));
  assert.deepEqual(second, ['remove server', ...(first ?? [])]);
  assert.ok(!JSON.stringify(told).includes('value 0'));
});

test('an answer of our own is observed like any other, and goes out without what is only observed', async () => {
  const policy = await readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    headers: { mode: 'observe' },
    audit: { sink: () => undefined },
  });
  const layer = new Layer(policy);
  const { verdict, head } = await new RecorderHost(layer).run({ method: 'TRACE' }, () =>
    assert.fail('the application is not asked'),
  );
  assert.equal(verdict?.status, 405);
  assert.equal(head.getHeader('x-frame-options'), undefined);
  assert.equal(layer.counts.get('headers')?.observed, 1);
});
