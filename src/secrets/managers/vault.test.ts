/** Against a stand-in that answers as the documents of the KV engine (version 2) and of the sign-ins say. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { listening } from '../../../test/support/listening.ts';
import { until } from '../../../test/support/until.ts';
import { Problems } from '../../core/problems.ts';
import { vault, type VaultOptions } from './vault.ts';

const TOKEN = 'hvs.test-token';

interface Version {
  readonly value: string;
  readonly deleted?: true;
  readonly deletedOn?: string;
}

interface Seen {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Runs with a stand-in that has these versions of `bulwark_secret`, the oldest first. */
async function withVault(
  versions: readonly Version[],
  work: (address: string, seen: readonly Seen[]) => Promise<void>,
): Promise<void> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://vault');
      seen.push({ path: url.pathname + url.search, headers: request.headers, body });
      const answer = (status: number, json: object): void => {
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(json));
      };
      if (/^\/v1\/auth\/[\w-]+\/login$/.test(url.pathname))
        return answer(200, { auth: { client_token: TOKEN, lease_duration: 60 } });
      if (request.headers['x-vault-token'] !== TOKEN) return answer(403, { errors: ['permission denied'] });
      if (url.pathname === '/v1/moved/data/bulwark_secret')
        return void response.writeHead(307, { Location: 'http://127.0.0.1:9/' }).end();
      if (url.pathname !== '/v1/secret/data/bulwark_secret') return answer(404, { errors: [] });
      const asked = Number(url.searchParams.get('version'));
      const version = asked === 0 ? versions.length : asked;
      const found = versions[version - 1];
      if (found === undefined) return answer(404, { errors: [] });
      const metadata = {
        version,
        created_time: `2026-11-0${version}T10:00:00.000000000Z`,
        deletion_time: found.deletedOn ?? '',
      };
      // A version that was deleted is a 404 with its metadata.
      if (found.deleted === true) return answer(404, { data: { data: null, metadata } });
      return answer(200, { data: { data: { value: found.value, other: 'other' }, metadata } });
    });
  });
  await listening(server, (port) => work(`http://127.0.0.1:${port}`, seen));
}

async function load(options: VaultOptions, name = 'BULWARK_SECRET'): Promise<readonly unknown[]> {
  return await vault(options).load(name, new Problems('production'));
}

function values(loaded: readonly unknown[]): readonly string[] {
  return loaded.map((one) => (one as { readonly value: string }).value);
}

test('the newest version and the one before it, with their times', async () => {
  await withVault([{ value: 'one' }, { value: 'two' }, { value: 'three' }], async (address, seen) => {
    const loaded = await load({ address, token: TOKEN });
    assert.deepEqual(loaded, [
      { value: 'three', since: Date.UTC(2026, 10, 3, 10) },
      { value: 'two', since: Date.UTC(2026, 10, 2, 10) },
    ]);
    assert.equal(seen[0]?.headers['x-vault-request'], 'true');
    assert.deepEqual(values(await load({ address, token: TOKEN, previous: 8 })), ['three', 'two', 'one']);
    assert.deepEqual(values(await load({ address, token: TOKEN, previous: 0 })), ['three']);
    assert.deepEqual(values(await load({ address, token: TOKEN, field: 'other', previous: 0 })), ['other']);
  });
});

test('a version that ends by itself says when', async () => {
  const deletedOn = '2027-06-30T10:00:00.000000000Z';
  await withVault([{ value: 'one' }, { value: 'two', deletedOn }], async (address) => {
    assert.deepEqual(await load({ address, token: TOKEN, previous: 0 }), [
      { value: 'two', since: Date.UTC(2026, 10, 2, 10), until: Date.UTC(2027, 5, 30, 10) },
    ]);
  });
});

test('a version that was deleted verifies nothing, and a secret that is not there is none', async () => {
  await withVault([{ value: 'one', deleted: true }, { value: 'two' }], async (address) => {
    assert.deepEqual(values(await load({ address, token: TOKEN })), ['two']);
    assert.deepEqual(await load({ address, token: TOKEN }, 'OTHER'), []);
  });
});

test('the newest version was deleted: it verifies nothing any more, and the newest that lives signs', async () => {
  const gone = { value: 'gone', deleted: true } as const;
  await withVault([{ value: 'one' }, { value: 'two' }, gone], async (address, seen) => {
    assert.deepEqual(values(await load({ address, token: TOKEN })), ['two', 'one']);
    assert.deepEqual(values(await load({ address, token: TOKEN, previous: 0 })), ['two']);
    assert.deepEqual(values(await load({ address, token: TOKEN, previous: 8 })), ['two', 'one']);
    const before = seen.length;
    assert.deepEqual(await load({ address, token: TOKEN }, 'OTHER'), []);
    assert.equal(seen.length - before, 1, 'a secret that never was is not looked for again');
  });
  await withVault([{ value: 'one' }, gone, gone], async (address) => {
    assert.deepEqual(values(await load({ address, token: TOKEN, previous: 0 })), ['one']);
  });
  await withVault([gone, gone], async (address) => {
    assert.deepEqual(await load({ address, token: TOKEN }), []);
  });
  await withVault(
    [{ value: 'one' }, ...Array.from({ length: 30 }, (): Version => gone)],
    async (address, seen) => {
      assert.deepEqual(await load({ address, token: TOKEN }), []);
      assert.ok(seen.length < 16, 'a bounded number of questions');
    },
  );
});

test('signs in with an application role, and as a pod', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-vault-'));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'pod.jwt\n');
  await withVault([{ value: 'one' }], async (address, seen) => {
    assert.deepEqual(values(await load({ address, appRole: { roleId: 'role', secretId: 'secret' } })), [
      'one',
    ]);
    assert.equal(seen[0]?.path, '/v1/auth/approle/login');
    assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), { role_id: 'role', secret_id: 'secret' });
    const left = (): boolean => seen.some(({ path }) => path === '/v1/auth/token/revoke-self');
    await until('its token is revoked', left);
    const kubernetes = { role: 'app', mount: 'cluster', tokenFile };
    assert.deepEqual(values(await load({ address, kubernetes, namespace: 'team' })), ['one']);
    const login = seen.find(({ path }) => path === '/v1/auth/cluster/login');
    assert.deepEqual(JSON.parse(login?.body ?? ''), { role: 'app', jwt: 'pod.jwt' });
    assert.equal(login?.headers['x-vault-namespace'], 'team');
    assert.deepEqual(values(await load({ address, token: () => Promise.resolve(TOKEN) })), ['one']);
  });
  rmSync(folder, { recursive: true });
});

test('a no of it is a failure, and so is a redirect: the token goes nowhere else', async () => {
  await withVault([{ value: 'one' }], async (address) => {
    await assert.rejects(
      load({ address, token: 'wrong' }),
      /vault answered with 403 to secret\/data\/bulwark_secret/,
    );
    await assert.rejects(load({ address, token: TOKEN, mount: 'moved' }), TypeError);
    await assert.rejects(load({ address, token: TOKEN, field: 'none' }), /no text in none/);
  });
});

test('a token that was handed in is not revoked', async () => {
  await withVault([{ value: 'one' }], async (address, seen) => {
    await load({ address, token: TOKEN });
    await load({ address, token: () => TOKEN });
    assert.deepEqual(
      [...new Set(seen.map(({ path }) => path))],
      ['/v1/secret/data/bulwark_secret?version=0'],
    );
  });
});

test('a name with a sign of addresses in it asks for that secret', async () => {
  await withVault([{ value: 'one' }], async (address, seen) => {
    assert.deepEqual(await load({ address, token: TOKEN, id: () => 'a#b/c?d' }), []);
    assert.equal(seen[0]?.path, '/v1/secret/data/a%23b/c%3Fd?version=0');
  });
});

test('behind a path of another server it is asked there, and no name leads out of its mount', async () => {
  await withVault([{ value: 'one' }], async (address, seen) => {
    for (const path of ['/vault', '/vault/']) await load({ address: `${address}${path}`, token: TOKEN });
    assert.deepEqual(
      new Set(seen.map((one) => one.path)),
      new Set(['/vault/v1/secret/data/bulwark_secret?version=0']),
    );
    for (const id of ['../../sys/x', 'a/../b', '.'])
      await assert.rejects(load({ address, token: TOKEN, id: () => id }), /between its slashes/);
    assert.equal(seen.length, 2);
  });
});

test('an address in the clear, and none or two ways to sign in, are refused where they are written', () => {
  const token = TOKEN;
  for (const address of [
    'http://vault.internal:8200',
    'vault.internal',
    'https://a:b@vault.internal',
    'https://a.example/?b',
  ])
    assert.throws(() => vault({ address, token }), { code: 'ERR_BULWARK_INVALID_ARGUMENT' }, address);
  const address = 'https://vault.internal:8200';
  assert.throws(() => vault({ address }), /one of token, appRole and kubernetes/);
  assert.throws(() => vault({ address, token, kubernetes: { role: 'app' } }), /and no other/);
  assert.throws(() => vault({ address, token, refresh: '1s' }), /at least 10 seconds/);
});
