import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Device } from '../../../test/support/device.ts';
import { DeviceBrowser, DeviceSite } from '../../../test/support/device-site.ts';
import { memory } from '../../stores/memory/state.ts';
import { sqlite } from '../../stores/sqlite/state.ts';

const MINUTE = 60_000;

test('binds the session that has just begun, and tells the browser what to keep', async () => {
  for (const algorithm of ['ES256', 'RS256'] as const) {
    const site = await DeviceSite.open();
    const owner = new DeviceBrowser(site, new Device(algorithm));
    const { verdict, head } = await owner.post('register', owner.device.register(await owner.signIn()));
    assert.equal(verdict?.status, 200);
    const { session_identifier: identifier, ...told } = JSON.parse(verdict.content?.body ?? '') as Readonly<
      Record<string, unknown>
    >;
    assert.deepEqual(told, {
      refresh_url: '/-/device/refresh',
      scope: { include_site: false, scope_specification: [] },
      credentials: [
        { type: 'cookie', name: '__Host-bound', attributes: 'Path=/; Secure; HttpOnly; SameSite=Lax' },
      ],
    });
    assert.equal(identifier, owner.identifier);
    assert.equal(head.getHeader('content-type'), 'application/json');
    assert.equal(head.getHeader('cache-control'), 'no-store');
    assert.match(
      String(head.getHeader('set-cookie')),
      /^__Host-bound=[0-9a-z]{6}\.[\w-]{22}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
    );
    const [event] = site.seen('session_device_bound');
    assert.deepEqual([event?.account, event?.details?.['algorithm']], ['ann', algorithm]);
    assert.equal((await site.layer.sessions.list('ann'))[0]?.deviceBound, true);
  }
});

test('offers a binding in the answer that begins a session of an account, and in no other', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  const set = await owner.ask('/cart', {}, async (exchange) => {
    await site.session(exchange).set('cart', 1);
    return {};
  });
  assert.equal(set.head.getHeader('secure-session-registration'), undefined);
  assert.match(await owner.signIn(), /^[0-9a-z]{8}\.[\w-]{22}\.[\w-]{22}$/);
  // Whoever has the cookie is offered none: it would be theirs.
  const later = await owner.ask('/page');
  assert.equal(later.head.getHeader('secure-session-registration'), undefined);
});

test('a browser behind a busy address is told to come again, and not that its session is over', async () => {
  const site = await DeviceSite.open({ rateLimit: { perClient: '20/1m' } });
  const owner = new DeviceBrowser(site);
  await owner.bind();
  const busy = new DeviceBrowser(site);
  let last = await busy.ask('/page');
  while (last.verdict === undefined) last = await busy.ask('/page');
  assert.equal(last.verdict.status, 429);
  const refused = await owner.post('refresh', owner.device.prove(owner.challenge));
  assert.equal(refused.verdict?.status, 503);
  assert.match(String(refused.head.getHeader('retry-after')), /^\d+$/);
  assert.equal((await owner.ask('/-/device/refresh')).verdict?.status, 429);
  site.now += MINUTE;
  const taken = await owner.post('refresh', owner.device.prove(owner.challenge));
  assert.equal(taken.verdict?.status, 204);
  assert.equal(await owner.look(), 'ann bound');
});

test('binds by no proof that does not hold, and the session goes on', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  const { device } = owner;
  const challenge = await owner.signIn();
  const other = new DeviceBrowser(site);
  const foreign = await other.signIn('bob');
  const [head = '', claims = '', signature = ''] = device.register(challenge).split('.');
  const attempts: Readonly<Record<string, string | undefined>> = {
    'no proof': undefined,
    'the challenge of another session': device.register(foreign),
    'a challenge that was made up': device.register(
      challenge.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    ),
    'the key of another device': device.register(challenge, { header: { jwk: new Device().jwk } }),
    'no key': device.prove(challenge),
    'a private key': device.register(challenge, { header: { jwk: { ...device.jwk, d: 'A'.repeat(43) } } }),
    'no signature': `${head}.${claims}.`,
    'another signature': `${head}.${claims}.${signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`,
    'a short key': new Device('RS256', 1024).register(challenge),
    'no algorithm': device.register(challenge, { header: { alg: 'none' } }),
    'an algorithm of shared secrets': device.register(challenge, { header: { alg: 'HS256' } }),
    'another type': device.register(challenge, { header: { typ: 'JWT' } }),
    'what must be understood': device.register(challenge, { header: { crit: ['exp'] } }),
    'a challenge that is no text': device.register(challenge, { claims: { jti: [challenge] } }),
    'a point beside the curve': device.register(challenge, {
      header: { jwk: { ...device.jwk, x: 'A'.repeat(43) } },
    }),
    'too much': device.register(challenge, { claims: { more: 'x'.repeat(4096) } }),
  };
  for (const [what, response] of Object.entries(attempts)) {
    assert.equal((await owner.post('register', response)).verdict?.status, 403, what);
    assert.equal(await owner.look(), 'ann unbound', what);
  }
  assert.ok(site.seen('session_device_refused').length > 0);
  // None of them has used the challenge up.
  assert.equal((await owner.post('register', device.register(challenge))).verdict?.status, 200);
  assert.equal(
    (await owner.post('register', device.register(challenge))).verdict?.status,
    403,
    'bound already',
  );
  const late = new DeviceBrowser(site);
  const kept = await late.signIn();
  site.now += 5 * MINUTE;
  assert.equal((await late.post('register', late.device.register(kept))).verdict?.status, 403, 'late');
  assert.equal((await new DeviceBrowser(site).post('register', device.register(kept))).verdict?.status, 401);
  // From another site nothing is registered, whatever it knows.
  const post = await late.ask('/-/device/register', { 'sec-fetch-site': 'cross-site' }, undefined, 'POST');
  assert.equal(post.verdict?.type, 'cross-site-request');
});

test('a refresh is one request, by the challenge that was sent ahead', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  await owner.bind();
  for (let time = 0; time < 3; time += 1) {
    site.now += 9 * MINUTE;
    const before = owner.cookies.get('__Host-bound');
    const { verdict } = await owner.post('refresh', owner.device.prove(owner.challenge));
    assert.equal(verdict?.status, 204);
    assert.notEqual(owner.cookies.get('__Host-bound'), before);
    assert.equal(await owner.look(), 'ann bound');
  }
  assert.deepEqual(site.told, []);
});

test('a challenge that is late or was used is asked for anew, which is no misuse', async () => {
  const site = await DeviceSite.open({ session: { deviceBound: 'enforce', idle: '12h' } });
  const owner = new DeviceBrowser(site);
  await owner.bind();
  const used = owner.device.prove(owner.challenge);
  assert.equal((await owner.post('refresh', used)).verdict?.status, 204);
  owner.cookies.delete('__Host-bound');
  for (const response of [undefined, used]) {
    const asked = await owner.post('refresh', response);
    assert.deepEqual([asked.verdict?.status, owner.cookies.has('__Host-bound')], [403, false]);
  }
  site.now += 31 * MINUTE;
  assert.equal(
    (await owner.post('refresh', owner.device.prove(owner.challenge))).verdict?.status,
    403,
    'late',
  );
  assert.equal((await owner.post('refresh', owner.device.prove(owner.challenge))).verdict?.status, 204);
  assert.equal(await owner.look(), 'ann bound');
  assert.deepEqual([site.told, site.seen('session_misuse_refused').length], [[], 0]);
});

test('a proof by another key is misuse, and opens nothing', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  await owner.bind();
  const thief = owner.thief();
  assert.equal((await thief.post('refresh', undefined, owner.identifier)).verdict?.status, 403);
  const { verdict, head } = await thief.post('refresh', thief.device.prove(thief.challenge));
  assert.deepEqual([verdict?.status, head.getHeader('set-cookie')], [401, undefined]);
  // Nor by a key that it brings along, or an algorithm that it would rather have.
  const brought = await thief.post('refresh', thief.device.register(thief.challenge));
  assert.equal(brought.verdict?.status, 401);
  assert.match(String(site.seen('session_misuse_refused')[0]?.details?.['reason']), /by another key/);
  assert.deepEqual(site.told, ['ann']);
  assert.equal((await owner.post('refresh', owner.device.prove(owner.challenge))).verdict?.status, 204);
});

test('ends what a browser keeps of a session that is over, and not of one that went on under another id', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  await owner.bind();
  const other = await owner.post('refresh', undefined, 'A'.repeat(22));
  assert.equal(other.verdict?.status, 401, 'of an earlier session');
  const old = owner.thief();
  await owner.ask('/again', {}, async (exchange) => {
    await site.session(exchange).renew();
    return {};
  });
  const moved = await old.post('refresh', undefined, owner.identifier);
  assert.equal(moved.verdict?.status, 503, 'the browser keeps it, and asks again');
  await site.layer.sessions.revokeAccount('ann');
  assert.equal((await owner.post('refresh')).verdict?.status, 401);
});

test('a page that writes to the session while it is bound loses nothing, nor does the binding', async () => {
  const state = memory();
  const kept = state.sessions;
  let between = true;
  const sessions = new Proxy(kept, {
    get: (_target, name) => {
      if (name === 'update')
        return (...values: Parameters<typeof kept.update>) => {
          const [idHash, version, , now] = values;
          if (between) void kept.update(idHash, version, { data: '{"cart":1}' }, now);
          between = false;
          return kept.update(...values);
        };
      const value: unknown = Reflect.get(kept, name, kept);
      return typeof value === 'function' ? (value.bind(kept) as unknown) : value;
    },
  });
  const site = await DeviceSite.open(
    {},
    { sessions, counters: state.counters, reach: 'process', close: () => undefined },
  );
  const owner = new DeviceBrowser(site);
  await owner.bind();
  await owner.ask('/cart', {}, (exchange) => {
    assert.deepEqual([site.session(exchange).get('cart'), site.session(exchange).deviceBound], [1, true]);
    return {};
  });
  assert.equal(between, false);
});

test('of two processes with one challenge exactly one takes it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-device-'));
  const [one, two] = [sqlite(directory), sqlite(directory)];
  try {
    const [first, second] = [await DeviceSite.open({}, one), await DeviceSite.open({}, two)];
    const owner = new DeviceBrowser(first);
    await owner.bind();
    const proof = owner.device.prove(owner.challenge);
    const elsewhere = new DeviceBrowser(second, owner.device, owner.cookies);
    second.now = first.now;
    const answers = await Promise.all([
      owner.post('refresh', proof),
      elsewhere.post('refresh', proof, owner.identifier),
    ]);
    assert.deepEqual(answers.map(({ verdict }) => verdict?.status).toSorted(), [204, 403]);
    // And the owner is told by one of them.
    await Promise.all([
      owner.thief().look(),
      new DeviceBrowser(second, undefined, owner.thief().cookies).look(),
    ]);
    assert.equal(first.told.length + second.told.length, 1);
  } finally {
    await one.close();
    await two.close();
    rmSync(directory, { recursive: true });
  }
});

test('a refresh asks the store twice, and a page of a bound session once', async () => {
  const state = memory();
  const calls: string[] = [];
  const counted = <Port extends object>(port: Port, name: string): Port =>
    new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...values: unknown[]): unknown => {
          calls.push(`${name}.${String(key)}`);
          return Reflect.apply(value, target, values);
        };
      },
    });
  const site = await DeviceSite.open(
    {},
    {
      reach: 'process',
      sessions: counted(state.sessions, 'sessions'),
      counters: counted(state.counters, 'counters'),
      close: () => undefined,
    },
  );
  const owner = new DeviceBrowser(site);
  await owner.bind();
  calls.length = 0;
  await owner.look();
  assert.deepEqual(calls, ['sessions.use']);
  calls.length = 0;
  await owner.post('refresh', owner.device.prove(owner.challenge));
  assert.deepEqual(calls, ['sessions.use', 'counters.take']);
  calls.length = 0;
  await owner.post('refresh');
  assert.deepEqual(calls, ['sessions.use'], 'a challenge costs no write');
});
