import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceBrowser, DeviceSite } from '../../../test/support/device-site.ts';
import { memory } from '../../stores/memory/state.ts';

const LINK = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const MINUTE = 60_000;

test('a stolen cookie opens nothing without its device: an event, and the owner is told once', async () => {
  const site = await DeviceSite.open({
    routes: { '/closed': { require: 'signed-in' } },
    access: { signIn: '/login' },
  });
  const owner = new DeviceBrowser(site);
  await owner.bind();
  assert.equal(await owner.look(), 'ann bound');
  const thief = owner.thief();
  assert.equal(await thief.look(), 'nobody unbound');
  const { verdict, head } = await thief.ask('/closed');
  // Not led to sign in: the owner's browser may only be slow.
  assert.deepEqual([verdict?.status, verdict?.type], [401, 'device-not-proved']);
  assert.equal(head.getHeader('set-cookie'), undefined);
  const [misused, ...more] = site.seen('session_misuse_refused');
  assert.deepEqual([misused?.level, misused?.account, more.length], ['critical', 'ann', 0]);
  assert.deepEqual(site.told, ['ann']);
  assert.equal(await owner.look(), 'ann bound', 'the owner notices nothing');
});

test('another device, or a proof of another session, proves nothing', async () => {
  const site = await DeviceSite.open();
  const [ann, bob] = [new DeviceBrowser(site), new DeviceBrowser(site)];
  await ann.bind();
  await bob.bind('bob');
  const thief = ann.thief();
  thief.cookies.set('__Host-bound', bob.cookies.get('__Host-bound') ?? '');
  assert.equal(await thief.look(), 'nobody unbound');
  // Nor where somebody has put a second one beside the right one.
  const right = ann.cookies.get('__Host-bound') ?? '';
  const cookie = `__Host-sid=${ann.cookies.get('__Host-sid')}; __Host-bound=${right}`;
  assert.equal(await new DeviceBrowser(site).look({ cookie }), 'ann bound');
  assert.equal(
    await new DeviceBrowser(site).look({ cookie: `${cookie}; __Host-bound=${right}` }),
    'nobody unbound',
  );
  assert.equal(await new DeviceBrowser(site).look({ cookie: `x${cookie}` }), 'nobody unbound');
});

test('a proof ends by itself, a minute after browsers have dropped it', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  await owner.bind();
  site.now += 9 * MINUTE;
  assert.equal(await owner.look(), 'ann bound');
  site.now += 1 * MINUTE + 1000;
  assert.equal(await owner.look(), 'nobody unbound');
});

test('what leaves while the browser registers is not kept out, and a little later it is', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  const register = owner.device.register(await owner.signIn());
  const underWay = owner.thief();
  await owner.post('register', register);
  site.now += 19_000;
  assert.equal(await underWay.look(), 'ann unbound');
  site.now += 2000;
  assert.equal(await underWay.look(), 'nobody unbound');
});

test('a link on another site signs nobody out: its page loads again, and only once', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  await owner.bind();
  assert.equal(await owner.look(LINK), 'ann bound');
  const late = owner.thief();
  for (const from of ['cross-site', 'same-site']) {
    const { verdict, head } = await late.ask('/page?a=1', { ...LINK, 'sec-fetch-site': from });
    assert.deepEqual([verdict?.status, head.getHeader('refresh')], [401, '0'], from);
    assert.equal(head.getHeader('set-cookie'), undefined);
  }
  assert.deepEqual(site.told, [], 'it may be anybody');
  assert.equal(await late.look({ ...LINK, 'sec-fetch-site': 'same-origin' }), 'nobody unbound');
});

test('a browser that says why it could not prove its device is told from a thief by where it is', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  await owner.bind();
  const skipped = { 'secure-session-skipped': 'quota_exceeded;session_identifier="x"' };
  assert.equal(await owner.thief().look(skipped), 'nobody unbound', 'what it says proves nothing');
  assert.deepEqual(
    site.seen('session_proof_lost').map((event) => [event.level, event.details?.['reason']]),
    [['info', 'quota_exceeded']],
  );
  assert.equal(await owner.thief().look({ 'sec-fetch-site': 'same-site' }), 'nobody unbound');
  assert.deepEqual([site.told, site.seen('session_misuse_refused').length], [[], 0]);
  assert.equal(await owner.thief().look(skipped, '203.0.113.9'), 'nobody unbound');
  assert.deepEqual([site.told, site.seen('session_misuse_refused').length], [['ann'], 1]);
});

test('whoever is kept out neither loses a cookie nor is given one, until they prove who they are', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  await owner.bind();
  const late = owner.thief();
  const before = late.cookies.get('__Host-sid');
  const written = await late.ask('/draft', {}, async (exchange) => {
    await assert.rejects(site.session(exchange).set('draft', 1), { code: 'ERR_BULWARK_SESSION_OVER' });
    return {};
  });
  assert.equal(written.verdict?.type, 'device-not-proved');
  await late.ask('/bye', {}, async (exchange) => {
    await assert.rejects(site.session(exchange).signOut(), { code: 'ERR_BULWARK_SESSION_OVER' });
    return {};
  });
  assert.equal(late.cookies.get('__Host-sid'), before);
  assert.equal(await owner.look(), 'ann bound');
  assert.notEqual(await late.signIn(), '', 'a session of its own, with an offer of its own');
  assert.notEqual(late.cookies.get('__Host-sid'), before);
  assert.equal(await late.look(), 'ann unbound');
});

test('a session that goes on under another id stays bound, and one that begins is bound anew', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  await owner.bind();
  const renewed = await owner.ask('/again', {}, async (exchange) => {
    await site.session(exchange).renew({ mfa: true });
    assert.equal(site.session(exchange).deviceBound, true);
    return {};
  });
  assert.equal(renewed.head.getHeader('secure-session-registration'), undefined);
  assert.equal(await owner.look(), 'ann bound');
  assert.equal(await owner.thief().look(), 'nobody unbound');
  assert.notEqual(await owner.signIn(), '');
  assert.equal(await owner.look(), 'ann unbound');
});

test('in `observe` sessions are bound, and what would be kept out is told and let be', async () => {
  const site = await DeviceSite.open({ session: { deviceBound: 'observe' } });
  const owner = new DeviceBrowser(site);
  await owner.bind();
  assert.equal(await owner.look(), 'ann bound');
  assert.equal(await owner.thief().look(), 'ann unbound');
  assert.equal(await owner.thief().look(LINK), 'ann unbound');
  assert.equal(site.seen('session_misuse_refused')[0]?.details?.['observed'], true);
});

test('where it is off nothing is offered, and the calls of browsers come to the application', async () => {
  const site = await DeviceSite.open({ session: {} });
  const owner = new DeviceBrowser(site);
  assert.equal(await owner.signIn(), '');
  assert.equal((await owner.post('register')).verdict, undefined);
  assert.equal((await owner.post('refresh')).verdict, undefined);
});

test('a route can ask for the device: who has just signed in waits by themselves, others are told', async () => {
  const routes = { '/admin/**': { require: { deviceBound: true } } } as const;
  const site = await DeviceSite.open({ routes });
  const owner = new DeviceBrowser(site);
  const register = owner.device.register(await owner.signIn());
  const waits = await owner.ask('/admin/a');
  assert.deepEqual([waits.verdict?.status, waits.head.getHeader('refresh')], [403, '1']);
  await owner.post('register', register);
  assert.equal((await owner.ask('/admin/a')).verdict, undefined);
  assert.equal((await owner.thief().ask('/admin/a')).verdict?.status, 403, 'in the moment of binding, too');
  site.now += MINUTE;
  assert.equal((await owner.thief().ask('/admin/a')).verdict?.status, 401);

  const other = new DeviceBrowser(site);
  await other.signIn('bob');
  site.now += MINUTE;
  const told = await other.ask('/admin/a');
  assert.deepEqual([told.verdict?.type, told.head.getHeader('refresh')], ['device-needed', undefined]);
  await assert.rejects(DeviceSite.open({ session: {}, routes }), /session\.deviceBound: it is off/);
});

const ELSEWHERE = '203.0.113.9';
const HOUR = 60 * MINUTE;

test('who steals the cookie of a long session is told of again, and the owner too, after half a day', async () => {
  const site = await DeviceSite.open({ session: { deviceBound: 'enforce', absolute: '30d', idle: '7d' } });
  const owner = new DeviceBrowser(site);
  await owner.bind();
  for (const [hours, times] of [
    [0, 1],
    [11, 1],
    [2, 2],
    [13, 3],
  ] as const) {
    site.now += hours * HOUR;
    await owner.thief().look({}, ELSEWHERE);
    await owner.thief().look({}, ELSEWHERE);
    assert.deepEqual([site.told.length, site.seen('session_misuse_refused').length], [times, times]);
  }
});

test('where the store or the mail fails once, the owner is told the next time, and then no more', async () => {
  const state = memory();
  const { counters } = state;
  const take = counters.take.bind(counters);
  let isDown = true;
  counters.take = (key, ...rest) => {
    if (isDown && key.startsWith('device-misuse')) throw new Error('down');
    return take(key, ...rest);
  };
  const site = await DeviceSite.open({}, state);
  const calls: string[] = [];
  site.layer.devices?.onMisuse((account) => {
    calls.push(account);
    if (calls.length === 1) throw new Error('no mail now');
  });
  const owner = new DeviceBrowser(site);
  await owner.bind();
  await owner.thief().look({}, ELSEWHERE);
  assert.deepEqual([site.told, calls], [[], []]);
  isDown = false;
  for (let times = 0; times < 4; times += 1) await owner.thief().look({}, ELSEWHERE);
  assert.deepEqual([site.told, calls], [['ann'], ['ann', 'ann']]);
  assert.equal(site.seen('session_misuse_refused').length, 1);
});

test('no header keeps a theft quiet in another network, and one link of an owner who travels does', async () => {
  for (const deviceBound of ['enforce', 'observe'] as const) {
    for (const headers of [{ 'sec-fetch-site': 'same-site' }, { ...LINK, 'sec-purpose': 'prefetch' }]) {
      const site = await DeviceSite.open({ session: { deviceBound } });
      const owner = new DeviceBrowser(site);
      await owner.bind();
      await owner.thief().look(headers, ELSEWHERE);
      assert.deepEqual([site.told, site.seen('session_misuse_refused').length], [['ann'], 1]);
    }
    const site = await DeviceSite.open({ session: { deviceBound } });
    const owner = new DeviceBrowser(site);
    await owner.bind();
    for (let times = 0; times < 3; times += 1) {
      await owner.thief().look(LINK, ELSEWHERE);
      await owner.thief().look(LINK, ELSEWHERE);
      // A browser does as it is asked to, and proves its device.
      await owner.look({}, ELSEWHERE);
      site.now += MINUTE;
    }
    assert.deepEqual(site.told, []);
    assert.equal(site.seen('session_proof_lost').length, 1);
    await owner.thief().look(LINK, ELSEWHERE);
    await owner.look();
    assert.deepEqual(site.seen('session_link_unproved'), [], 'it may be on its way');
    site.now += MINUTE;
    for (let times = 0; times < 2; times += 1) await owner.look();
    const [link, ...more] = site.seen('session_link_unproved');
    assert.deepEqual([link?.level, link?.account, more], ['warn', 'ann', []]);
    assert.equal(link?.details?.['network'], '203.0.113.0/24');
    await owner.thief().look(LINK, ELSEWHERE);
    assert.deepEqual([site.told, site.seen('session_misuse_refused').length], [['ann'], 1]);
  }
  const observed = await DeviceSite.open({ session: { deviceBound: 'observe' } });
  const owner = new DeviceBrowser(observed);
  await owner.bind();
  assert.equal(await owner.thief().look(LINK), 'ann unbound');
  assert.deepEqual(
    observed.seen('session_proof_lost').map(({ details }) => details?.['observed']),
    [true],
  );
});

test('a new id of a session that is bound to nothing has a binding offered where somebody proved who they are', async () => {
  const site = await DeviceSite.open();
  const owner = new DeviceBrowser(site);
  await owner.signIn();
  const renew = async (change: object): Promise<unknown> => {
    site.now += MINUTE;
    const { head } = await owner.ask('/x', {}, async (exchange) => {
      await site.session(exchange).renew(change);
      return {};
    });
    return head.getHeader('secure-session-registration');
  };
  assert.equal(await renew({ roles: ['staff'] }), undefined, 'whoever has the cookie');
  assert.match(String(await renew({ mfa: true })), /^\(ES256/);
  assert.equal(await renew({ roles: [] }), undefined);
  assert.match(String(await renew({ signedIn: true })), /^\(ES256/);
  site.now += MINUTE;
  assert.notEqual(await owner.signIn(), '');
});
