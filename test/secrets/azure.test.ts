/** Azure's own client, against a stand-in that answers as the documents of Key Vault say: no package has one that could be started here. */
import { SecretClient } from '@azure/keyvault-secrets';
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { test } from 'node:test';
import { setDefaultCACertificates, getCACertificates } from 'node:tls';
import { Problems } from '../../src/core/problems.ts';
import { azureKeyVault } from '../../src/secrets/managers/azure.ts';
import { readKeyRing } from '../../src/secrets/read-secrets.ts';
import { makeCertificate } from '../support/certificate.ts';
import { listening } from '../support/listening.ts';

const TOKEN = 'token-of-the-tests';
const HOUR = 3600;
const now = Math.floor(Date.now() / 1000);

interface Version {
  readonly value: string;
  readonly enabled: boolean;
  readonly created: number;
  readonly nbf?: number;
  readonly exp?: number;
}

const certificate = makeCertificate('127.0.0.1');
setDefaultCACertificates([...getCACertificates(), certificate.cert.toString()]);

/** Runs with a vault of these versions by their ids. Two a page: a list goes on behind an address. */
async function withKeyVault(
  versions: Readonly<Record<string, Version>>,
  work: (client: (token?: string) => SecretClient, asked: readonly string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  const server = createServer(certificate, (request, response) => {
    const { pathname, searchParams, origin } = new URL(request.url ?? '/', `https://${request.headers.host}`);
    asked.push(pathname);
    const answer = (status: number, json: object, headers: Readonly<Record<string, string>> = {}): void => {
      response
        .writeHead(status, { 'Content-Type': 'application/json', ...headers })
        .end(JSON.stringify(json));
    };
    const refuse = (status: number, code: string, headers?: Readonly<Record<string, string>>): void =>
      answer(status, { error: { code, message: 'a secret' } }, headers);
    const { authorization } = request.headers;
    if (authorization === undefined) {
      const where = 'authorization="https://login.example.com/tenant", resource="https://vault.azure.net"';
      return refuse(401, 'Unauthorized', { 'WWW-Authenticate': `Bearer ${where}` });
    }
    if (authorization !== `Bearer ${TOKEN}`) return refuse(403, 'Forbidden');
    const [, , name = '', id = ''] = pathname.split('/');
    if (name !== 'bulwark-secret') return refuse(404, 'SecretNotFound');
    const idOf = (version: string): string => `${origin}/secrets/${name}/${version}`;
    const propertiesOf = ([version, { value: _value, ...attributes }]: readonly [
      string,
      Version,
    ]): object => ({
      id: idOf(version),
      attributes: { ...attributes, updated: attributes.created },
    });
    if (id === 'versions') {
      const skip = Number(searchParams.get('$skiptoken') ?? 0);
      const all = Object.entries(versions);
      const nextLink =
        skip + 2 < all.length ? `${origin}${pathname}?api-version=7.6&$skiptoken=${skip + 2}` : null;
      return answer(200, { value: all.slice(skip, skip + 2).map(propertiesOf), nextLink });
    }
    const found = versions[id];
    if (found === undefined) return refuse(404, 'SecretNotFound');
    if (!found.enabled) return refuse(403, 'Forbidden');
    return answer(200, { value: found.value, ...propertiesOf([id, found]) });
  });
  await listening(server, async (port) => {
    const client = (token = TOKEN): SecretClient =>
      new SecretClient(
        `https://127.0.0.1:${port}`,
        { getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) },
        // It asks for a token of Azure's names alone; and it waits a second before it asks again.
        { disableChallengeResourceVerification: true, retryOptions: { maxRetries: 0 } },
      );
    await work(client, asked);
  });
}

const VERSIONS: Readonly<Record<string, Version>> = {
  c: { value: 'third', enabled: true, created: now - 3 * HOUR, exp: now + 30 * 24 * HOUR },
  a: { value: 'first', enabled: true, created: now - 5 * HOUR },
  e: { value: 'not begun', enabled: true, created: now - HOUR, nbf: now + HOUR },
  d: { value: 'disabled', enabled: false, created: now - 2 * HOUR },
  f: { value: 'over', enabled: true, created: now - HOUR, exp: now - 1 },
  b: { value: 'second', enabled: true, created: now - 4 * HOUR },
};

test('the newest version in force signs, over all pages; no value is asked for that is not used', async () => {
  await withKeyVault(VERSIONS, async (client, asked) => {
    const provider = azureKeyVault({ client: client() });
    assert.deepEqual(await provider.load('BULWARK_SECRET', new Problems('production')), [
      { value: 'third', since: (now - 3 * HOUR) * 1000, until: (now + 30 * 24 * HOUR) * 1000 },
      { value: 'second', since: (now - 4 * HOUR) * 1000 },
    ]);
    const read = asked.filter((path) => !path.endsWith('/versions'));
    assert.deepEqual(read.toSorted(), ['/secrets/bulwark-secret/b', '/secrets/bulwark-secret/c']);
    assert.deepEqual(await provider.load('OTHER', new Problems('production')), []);
  });
});

test('a no is told by its code, and never by its message', async () => {
  await withKeyVault(VERSIONS, async (client) => {
    const problems = new Problems('production');
    assert.equal(await readKeyRing(azureKeyVault({ client: client('wrong') }), problems), undefined);
    const said = JSON.stringify(problems.errors);
    assert.match(said, /azureKeyVault failed \(Forbidden\)/);
    assert.doesNotMatch(said, /a secret/);
  });
});

test('a vault that is gone is told by the code of the connection', async () => {
  let kept: SecretClient | undefined;
  await withKeyVault(VERSIONS, (client) => {
    kept = client();
    return Promise.resolve();
  });
  assert.ok(kept !== undefined);
  const problems = new Problems('production');
  assert.equal(await readKeyRing(azureKeyVault({ client: kept }), problems), undefined);
  assert.match(JSON.stringify(problems.errors), /azureKeyVault failed \(ECONNREFUSED\)/);
});
