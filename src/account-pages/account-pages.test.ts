import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyOptions } from '../policy/policy.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { Layer } from '../layer/layer.ts';
import { sessionCookie } from '../controls/sessions/session-cookie.ts';
import { memory } from '../stores/memory/state.ts';
import { ACCOUNT_RULES } from '../accounts/pages/pages.ts';
import { ruledPages } from './account-pages.ts';
import { startAccountSite } from '../../test/support/account-site.ts';
import { PASSWORD } from '../../test/support/accounts.ts';
import { sketchExchange } from '../../test/support/exchange.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { START } from '../../test/support/sessions.ts';
import { Visitor } from '../../test/support/visitor.ts';

test('a client asks for thirty mails an hour by each form that sends them', async (t) => {
  const site = await startAccountSite();
  t.after(() => site.stop());
  const person = new Visitor(site.url);
  await person.register('mails@example.com', PASSWORD);
  for (const path of ['/reset', '/account/email']) {
    const statuses = new Map<number, number>();
    for (let mail = 0; mail < 33; mail += 1) {
      const csrf = /name="_csrf"[^>]*value="([^"]*)"/.exec((await person.get(path)).text)?.[1] ?? '';
      const { status } = await person.post(path, { email: `other${mail}@example.com`, _csrf: csrf });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    assert.deepEqual(
      [...statuses],
      [
        [303, 30],
        [429, 3],
      ],
      path,
    );
  }
});

/** What the rules of the pages say to a form of someone who signed in so many minutes ago: 200 where they let it by. */
async function ruledAfter(minutes: number, target: string): Promise<number> {
  const policy: PolicyOptions = {
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    accounts: { mail: { send: () => Promise.resolve() } },
  };
  const layer = new Layer(await readPolicy(policy));
  const { sessions } = layer;
  const { id } = await sessions.signIn(sketchExchange({ now: START }), START, { account: 'ann' }, undefined);
  const cookie = sessionCookie(id, sessions.settings).split(';')[0] ?? '';
  const headers = { cookie, 'sec-fetch-site': 'same-origin' };
  const exchange = sketchExchange({ method: 'POST', target, headers, now: START + minutes * 60_000 });
  return (await layer.decide(exchange))?.status ?? 200;
}

const SENSITIVE: Readonly<Record<string, readonly string[]>> = {
  'v5.0.0-7.5.1 another address, app, passkey or account elsewhere takes a proof of the last quarter of an hour':
    ['email', 'totp', 'totp/remove', 'recovery-codes', 'passkeys', 'passkeys/remove', 'identities/remove'],
  'all that is kept of an account is handed out after a proof of the last quarter of an hour': ['export'],
  'v5.0.0-7.5.2 an end to a session, or to all others, takes a proof of the last quarter of an hour': [
    'sessions/revoke',
    'sessions/revoke-others',
  ],
};

for (const [name, targets] of Object.entries(SENSITIVE)) {
  test(name, async () => {
    for (const target of targets) {
      assert.equal(await ruledAfter(14, `/account/${target}`), 200, target);
      assert.equal(await ruledAfter(16, `/account/${target}`), 403, target);
    }
  });
}

test('each page has a rule, and each rule a page', async () => {
  const policy = await readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    accounts: { mail: { send: () => Promise.resolve() } },
  });
  const used = new Set<string>();
  for (const page of ruledPages('')) {
    const [method = '', path = ''] = page.split(' ');
    assert.notEqual(policy.routes.find(method, path).require, undefined, page);
    for (const pattern of Object.keys(ACCOUNT_RULES)) if (covers(pattern, method, path)) used.add(pattern);
  }
  // Where providers send people back to is theirs to say; the rest of it begins with a form.
  assert.deepEqual(
    Object.keys(ACCOUNT_RULES).filter((pattern) => !used.has(pattern)),
    [],
  );
});

function covers(pattern: string, method: string, path: string): boolean {
  const [first = '', second] = pattern.split(' ');
  const [methods, wanted] = second === undefined ? [undefined, first] : [first, second];
  if (methods !== undefined && methods !== method) return false;
  return wanted.endsWith('/**') ? `${path}/`.startsWith(wanted.slice(0, -2)) : wanted === path;
}
