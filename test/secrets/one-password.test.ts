/** 1Password's own client, against a stand-in that answers as the description of Connect's interface says: its server needs an account. */
import { OnePasswordConnect } from '@1password/connect';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Problems } from '../../src/core/problems.ts';
import { onePassword } from '../../src/secrets/managers/one-password.ts';
import { readKeyRing } from '../../src/secrets/read-secrets.ts';
import { listening } from '../support/listening.ts';

const TOKEN = 'token-of-the-tests';
const VAULT = 'abcdefghijklmnopqrstuvwxyz';
const ITEM = 'zyxwvutsrqponmlkjihgfedcba';
const [NEWER, OLDER] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const CHANGED = '2026-11-02T10:00:00Z';

/** Runs with a vault `production` that has this many items with the title. */
async function withConnect(
  items: number,
  work: (client: (token?: string) => ReturnType<typeof OnePasswordConnect>) => Promise<void>,
): Promise<void> {
  const item = {
    id: ITEM,
    title: 'BULWARK_SECRET',
    vault: { id: VAULT },
    category: 'PASSWORD',
    updatedAt: CHANGED,
  };
  const fields = [
    { id: 'password', type: 'CONCEALED', purpose: 'PASSWORD', label: 'password', value: NEWER },
    { id: 'n1', type: 'CONCEALED', label: 'Previous', value: OLDER, section: { id: 's1' } },
  ];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://connect');
    const answer = (status: number, json: object): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(json));
    };
    const refuse = (status: number, message: string): void => answer(status, { status, message });
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return refuse(401, `Invalid token ${NEWER}`);
    const [, , , vault = '', , id = ''] = pathname.split('/');
    const filter = searchParams.get('filter');
    if (vault === '')
      return answer(200, filter === 'title eq "production"' ? [{ id: VAULT, name: 'production' }] : []);
    // What Connect says of a name in the place of an id.
    if (!/^[a-z0-9]{26}$/.test(vault)) return refuse(400, 'Invalid Vault UUID');
    if (vault !== VAULT) return refuse(404, 'vault not found');
    if (!pathname.includes('/items')) return answer(200, { id: VAULT, name: 'production' });
    if (id === ITEM) return answer(200, { ...item, fields });
    return answer(
      200,
      filter === 'title eq "BULWARK_SECRET"' ? Array.from({ length: items }, () => item) : [],
    );
  });
  await listening(server, async (port) => {
    const serverURL = `http://127.0.0.1:${port}`;
    await work((token = TOKEN) => OnePasswordConnect({ serverURL, token }));
  });
}

async function refusalOf(
  client: ReturnType<typeof OnePasswordConnect>,
  vault = 'production',
): Promise<string> {
  const problems = new Problems('production');
  assert.equal(await readKeyRing(onePassword({ client, vault }), problems), undefined);
  return problems.errors.map(({ reason }) => reason).join('\n');
}

test('a vault is found by its name and by its id, and the fields by their labels', async () => {
  await withConnect(1, async (client) => {
    for (const vault of ['production', VAULT]) {
      const provider = onePassword({ client: client(), vault });
      assert.deepEqual(await provider.load('BULWARK_SECRET', new Problems('production')), [
        { value: NEWER, since: Date.parse(CHANGED) },
        { value: OLDER, since: 0 },
      ]);
      assert.deepEqual(await provider.load('OTHER', new Problems('production')), []);
    }
  });
});

test('a no is told by its status, and a vault that is not there is no missing secret', async () => {
  const answered = '1Password Connect answered with';
  await withConnect(1, async (client) => {
    const wrong = await refusalOf(client('wrong'));
    assert.ok(wrong.includes(`onePassword failed (${answered} 401 to production)`), wrong);
    assert.ok((await refusalOf(client(), 'staging')).includes(`${answered} 404 to staging)`));
    assert.ok((await refusalOf(client(), ITEM)).includes(`${answered} 404 to ${ITEM})`));
  });
  await withConnect(2, async (client) => {
    const several = await refusalOf(client());
    assert.ok(several.includes(`${answered} 400 to BULWARK_SECRET, of which there may be several`), several);
  });
  await withConnect(0, async (client) => {
    assert.match(await refusalOf(client()), /the provider onePassword has no BULWARK_SECRET/);
  });
});

test('the page of a proxy before it is told, and not shown', async () => {
  const proxy = createServer((_request, response) => {
    response.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>a secret</h1>');
  });
  await listening(proxy, async (port) => {
    const said = await refusalOf(OnePasswordConnect({ serverURL: `http://127.0.0.1:${port}`, token: TOKEN }));
    assert.ok(said.includes('answered with what is none of its answers to production'), said);
    assert.doesNotMatch(said, /a secret/);
  });
});

test('a server that is gone is told by the code of the connection', async () => {
  let kept: ReturnType<typeof OnePasswordConnect> | undefined;
  await withConnect(1, (client) => {
    kept = client();
    return Promise.resolve();
  });
  assert.ok(kept !== undefined);
  assert.match(await refusalOf(kept), /onePassword failed \(ECONNREFUSED\)/);
});
