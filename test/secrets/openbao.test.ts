/** `vault()` against OpenBao itself. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { maskSecrets } from '../../src/audit/redact.ts';
import { Problems } from '../../src/core/problems.ts';
import { vault, type VaultOptions } from '../../src/secrets/managers/vault.ts';
import type { SecretProvider } from '../../src/secrets/provider.ts';
import { readKeyRing } from '../../src/secrets/read-secrets.ts';
import { refreshSecrets } from '../../src/secrets/refresh-secrets.ts';
import { listening } from '../support/listening.ts';
import { until } from '../support/until.ts';
import { type OpenBao, ROOT_TOKEN, startOpenBao } from './openbao.ts';

const TAG = { signs: 'csrf-token' };
const KEPT = 'secret/data/bulwark_secret';

let bao: OpenBao;

before(async () => {
  bao = await startOpenBao();
});

after(async () => {
  await bao.stop();
});

function made(): string {
  return randomBytes(32).toString('base64');
}

type Ways = Omit<VaultOptions, 'address'>;

function provider(ways: Ways): SecretProvider {
  return vault({ address: bao.address, ...ways });
}

async function valuesOf(ways: Ways, name = 'BULWARK_SECRET'): Promise<readonly string[]> {
  const loaded = await provider(ways).load(name, new Problems('production'));
  return loaded.map((one) => (typeof one === 'string' ? one : one.value));
}

/** Puts these there as versions, the oldest first, in place of all that was. */
async function keep(path: string, versions: readonly unknown[]): Promise<void> {
  const [mount = '', , ...rest] = path.split('/');
  await bao.ask('DELETE', `${mount}/metadata/${rest.join('/')}`);
  for (const value of versions)
    assert.equal((await bao.ask('POST', path, { data: { value } })).status, 200, path);
}

/** What the start says where production is refused. */
async function refusalOf(ways: Ways): Promise<string> {
  const problems = new Problems('production');
  assert.equal(await readKeyRing(provider(ways), problems), undefined);
  return problems.errors.map(({ reason, fix }) => `${reason} ${fix}`).join('\n');
}

const token = ROOT_TOKEN;

test('a certificate that this process does not trust is told by its code; one of an own authority is trusted as Node.js is told to', async () => {
  assert.match(await refusalOf({ token }), /vault failed \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/);
  setDefaultCACertificates([...getCACertificates(), bao.ca]);
  assert.deepEqual(await valuesOf({ token }), []);
  assert.match(await refusalOf({ token }), /has no BULWARK_SECRET.*secret\/bulwark_secret, in a key-value/s);
});

test('versions: the newest signs, the one before it verifies, each with its time', async () => {
  const [one, two, three] = [made(), made(), made()];
  await keep(KEPT, [one, two, three]);
  const loaded = await provider({ token }).load('BULWARK_SECRET', new Problems('production'));
  for (const found of loaded)
    assert.ok(typeof found === 'object' && Math.abs(Date.now() - found.since) < 60_000);
  assert.deepEqual(await valuesOf({ token }), [three, two]);
  assert.deepEqual(await valuesOf({ token, previous: 8 }), [three, two, one]);
});

test('versions that were deleted or destroyed open nothing, and what is older than the engine keeps is not there', async () => {
  const values = Array.from({ length: 12 }, made);
  await keep(KEPT, values);
  // It keeps ten.
  assert.deepEqual((await valuesOf({ token, previous: 8 })).length, 9);
  await bao.ask('DELETE', KEPT);
  assert.deepEqual(await valuesOf({ token }), [values[10], values[9]]);
  await bao.ask('PUT', 'secret/destroy/bulwark_secret', { versions: [10] });
  assert.deepEqual(await valuesOf({ token }), [values[10]]);
  await bao.ask('PUT', 'secret/delete/bulwark_secret', { versions: [3, 4, 5, 6, 7, 8, 9, 11] });
  assert.deepEqual(await valuesOf({ token }), []);
});

test('a version that ends by itself says when', async () => {
  await keep(KEPT, []);
  await bao.ask('POST', 'secret/metadata/bulwark_secret', { delete_version_after: '720h' });
  await bao.ask('POST', KEPT, { data: { value: made() } });
  const [only] = await provider({ token }).load('BULWARK_SECRET', new Problems('production'));
  assert.ok(typeof only === 'object' && Math.abs((only.until ?? 0) - only.since - 720 * 3_600_000) < 1000);
});

test('a name with the signs of an address in it is that secret, and no other', async () => {
  await keep('secret/data/a', ['another', 'another one']);
  for (const id of ['a#b', 'a?version=1', 'a%62', 'prod/app one', 'a+b', '\u00fc']) {
    await keep(`secret/data/${id.split('/').map(encodeURIComponent).join('/')}`, ['one', 'two']);
    assert.deepEqual(await valuesOf({ token, id: () => id }), ['two', 'one'], id);
  }
});

test('a no is told with what was asked, and a wrong place is no empty one', async () => {
  await keep(KEPT, [made()]);
  assert.match(
    await refusalOf({ token: 'wrong' }),
    /vault answered with 403 to secret\/data\/bulwark_secret\)/,
  );
  assert.match(await refusalOf({ token, mount: 'kv' }), /404 to kv\/data\/bulwark_secret, where nothing is/);
  assert.match(await refusalOf({ token, namespace: 'none' }), /404 to secret\/.*, where nothing is mounted/);
  await keep(KEPT, [12]);
  assert.match(await refusalOf({ token }), /failed \(the secret has no text in value\)/);
  await bao.ask('POST', 'sys/quotas/rate-limit/tests', { path: 'secret', rate: 1, interval: '60s' });
  await bao.ask('GET', KEPT);
  assert.match(await refusalOf({ token }), /answered with 429 to secret/);
  await bao.ask('DELETE', 'sys/quotas/rate-limit/tests');
});

test('a namespace has secrets of its own', async () => {
  const [ours, theirs] = [made(), made()];
  await keep(KEPT, [ours]);
  await bao.ask('POST', 'sys/namespaces/team', {});
  await bao.ask('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } }, 'team');
  await bao.ask('POST', KEPT, { data: { value: theirs } }, 'team');
  assert.deepEqual(await valuesOf({ token }), [ours]);
  assert.deepEqual(await valuesOf({ token, namespace: 'team' }), [theirs]);
});

async function tokens(): Promise<number> {
  const { data } = await bao.ask('GET', 'auth/token/accessors?list=true');
  return (data['keys'] as readonly string[]).length;
}

async function roleOf(role: object): Promise<{ roleId: string; secretId: string }> {
  await bao.ask('POST', 'auth/approle/role/app', { token_policies: ['app'], ...role });
  const { data } = await bao.ask('GET', 'auth/approle/role/app/role-id');
  const secret = await bao.ask('POST', 'auth/approle/role/app/secret-id', {});
  return { roleId: String(data['role_id']), secretId: String(secret.data['secret_id']) };
}

test('an AppRole signs in for each look, may read what its policy says, and leaves no token behind', async () => {
  const [older, newer] = [made(), made()];
  await keep(KEPT, [older, newer]);
  await bao.ask('PUT', 'sys/policies/acl/app', { policy: `path "${KEPT}" { capabilities = ["read"] }` });
  await bao.ask('POST', 'sys/auth/approle', { type: 'approle' });
  const appRole = await roleOf({});
  const before = await tokens();
  for (let look = 0; look < 3; look += 1) assert.deepEqual(await valuesOf({ appRole }), [newer, older]);
  await assert.rejects(valuesOf({ appRole }, 'OTHER'), /403 to secret\/data\/other/);
  await until('its tokens are revoked', async () => (await tokens()) === before);
  await assert.rejects(
    valuesOf({ appRole: { ...appRole, secretId: made() } }),
    /400 to auth\/approle\/login/,
  );
  await assert.rejects(valuesOf({ appRole: { ...appRole, mount: 'none' } }), /403 to auth\/none\/login/);
});

test('a token that cannot be revoked (a batch token, one that may not, one whose uses are spent) is left to end', async () => {
  const only = made();
  await keep(KEPT, [only]);
  const service = { token_type: 'service', token_num_uses: 0, token_no_default_policy: false };
  for (const role of [
    { token_type: 'batch' },
    { ...service, token_no_default_policy: true },
    { ...service, token_num_uses: 1 },
  ])
    assert.deepEqual(await valuesOf({ appRole: await roleOf(role) }), [only]);
  await keep(KEPT, [made(), only]);
  const appRole = await roleOf({ ...service, token_num_uses: 1 });
  await assert.rejects(valuesOf({ appRole }), /403 to secret/);
});

test('a pod signs in by the token of its service account', async () => {
  const only = made();
  await keep(KEPT, [only]);
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-pod-'));
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const name = { namespace: 'shop', serviceaccount: { name: 'app', uid: '1' } };
  const claims = { iss: 'kubernetes', sub: 'system:serviceaccount:shop:app', 'kubernetes.io': name };
  const jwt = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${Buffer.alloc(256).toString('base64url')}`;
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${jwt}\n`);
  // Of Kubernetes nothing but its judgement of a token.
  const cluster = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { spec } = JSON.parse(body) as { readonly spec: { readonly token: string } };
      const user = { username: 'system:serviceaccount:shop:app', uid: '1', groups: [] };
      const status = spec.token === jwt ? { authenticated: true, user } : { authenticated: false };
      response.writeHead(201, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status }));
    });
  });
  await listening(cluster, async (port) => {
    await bao.ask('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
    const config = { kubernetes_host: `http://127.0.0.1:${port}`, token_reviewer_jwt: jwt };
    // It wants an authority, and has no use for it in the clear.
    const outside = { disable_local_ca_jwt: true, kubernetes_ca_cert: bao.ca };
    await bao.ask('POST', 'auth/kubernetes/config', { ...config, ...outside });
    const bound = { bound_service_account_names: ['app'], bound_service_account_namespaces: ['shop'] };
    await bao.ask('POST', 'auth/kubernetes/role/app', { ...bound, token_policies: ['app'] });
    assert.deepEqual(await valuesOf({ kubernetes: { role: 'app', tokenFile } }), [only]);
    await assert.rejects(valuesOf({ kubernetes: { role: 'none', tokenFile } }), /to auth\/kubernetes\/login/);
    writeFileSync(tokenFile, jwt.slice(0, -4));
    await assert.rejects(valuesOf({ kubernetes: { role: 'app', tokenFile } }), /403 to auth\/kubernetes/);
  });
  rmSync(folder, { recursive: true });
});

test('while it runs: a rotation arrives, a server that is gone is told and changes nothing, and it comes back', async () => {
  const [one, two] = [made(), made()];
  await keep(KEPT, [one]);
  const asked = { ...provider({ token }), refreshMs: 20 };
  const keys = await readKeyRing(asked, new Problems('production'));
  assert.ok(keys !== undefined);
  const signed = keys.sign(TAG, 'm');
  const told: string[] = [];
  const stop = refreshSecrets({ keys, secretProvider: asked }, ({ name }, details) =>
    told.push(`${name} ${JSON.stringify(details)}`),
  );
  const says = (text: string) => (): boolean => told.some((line) => line.includes(text));
  try {
    await bao.ask('POST', KEPT, { data: { value: two } });
    await until('the rotation arrives', says('secrets_rotated {"provider":"vault","count":2}'));
    assert.ok(keys.verify(TAG, 'm', signed));
    await bao.ask('PUT', 'sys/seal');
    await until('the seal is told', says('answered with 503 to secret/data/bulwark_secret'));
    await bao.stop();
    await until('its end is told', says('failed (ECONNREFUSED)'));
    assert.ok(keys.verify(TAG, 'm', signed));
    bao = await startOpenBao(Number(new URL(bao.address).port));
    setDefaultCACertificates([...getCACertificates(), bao.ca]);
    const three = made();
    await keep(KEPT, [two, three]);
    await until('the first one is void', () => !keys.verify(TAG, 'm', signed));
    assert.deepEqual(told.map(maskSecrets), told, 'the log leaves its own words as they are');
  } finally {
    stop();
  }
});
