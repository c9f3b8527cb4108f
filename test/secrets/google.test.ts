/** Google's own client, against drongo's server of its interface. */
import { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PassThroughClient } from 'google-auth-library';
import { Problems } from '../../src/core/problems.ts';
import { googleSecretManager } from '../../src/secrets/managers/google.ts';
import { readKeyRing } from '../../src/secrets/read-secrets.ts';
import { refreshSecrets } from '../../src/secrets/refresh-secrets.ts';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { listening } from '../support/listening.ts';
import { endProgram, freePort, startProgram } from '../support/processes.ts';
import { until } from '../support/until.ts';

const TAG = { signs: 'csrf-token' };
const PARENT = 'projects/tests/secrets/BULWARK_SECRET';

let server: Awaited<ReturnType<typeof startProgram>>;
let client: SecretManagerServiceClient;

/** By HTTP: drongo does not speak gRPC. Its errors have the codes of gRPC all the same. */
function clientOf(port: number): SecretManagerServiceClient {
  return new SecretManagerServiceClient({
    fallback: true,
    protocol: 'http',
    apiEndpoint: '127.0.0.1',
    port,
    authClient: new PassThroughClient(),
  });
}

before(async () => {
  const port = await freePort();
  const program = join(pythonEnvironment('test/secrets'), 'drongo');
  server = await startProgram(
    program,
    ['server', '--host', '127.0.0.1', '--port', String(port)],
    'python3-venv',
  );
  client = clientOf(port);
  await until(
    'drongo answers',
    async () => (await client.listSecrets({ parent: 'projects/tests' }))[0].length === 0,
  );
});

after(async () => {
  await client.close();
  await endProgram(server);
});

async function valuesOf(previous = 1, name = 'BULWARK_SECRET'): Promise<readonly string[]> {
  const provider = googleSecretManager({ client, project: 'tests', previous });
  const loaded = await provider.load(name, new Problems('production'));
  return loaded.map((one) => (typeof one === 'string' ? one : one.value));
}

async function add(): Promise<string> {
  const value = randomBytes(32).toString('base64');
  await client.addSecretVersion({ parent: PARENT, payload: { data: Buffer.from(value) } });
  return value;
}

test('a secret that is not there, and one that has no version yet, are none', async () => {
  assert.deepEqual(await valuesOf(), []);
  const secret = { replication: { automatic: {} } };
  await client.createSecret({ parent: 'projects/tests', secretId: 'BULWARK_SECRET', secret });
  assert.deepEqual(await valuesOf(), []);
});

test('the newest enabled version signs and the one before it verifies: by number, the tenth after the ninth', async () => {
  const values: string[] = [];
  for (let version = 1; version <= 11; version += 1) values.push(await add());
  assert.deepEqual(await valuesOf(), [values[10], values[9]]);
  assert.deepEqual(await valuesOf(0), [values[10]]);
  await client.disableSecretVersion({ name: `${PARENT}/versions/11` });
  await client.destroySecretVersion({ name: `${PARENT}/versions/9` });
  assert.deepEqual(await valuesOf(), [values[9], values[7]]);
  await client.enableSecretVersion({ name: `${PARENT}/versions/11` });
  assert.deepEqual(await valuesOf(), [values[10], values[9]]);
});

test('a version is dated', async () => {
  const provider = googleSecretManager({ client, project: 'tests' });
  const [newest] = await provider.load('BULWARK_SECRET', new Problems('production'));
  assert.ok(typeof newest === 'object' && Math.abs(Date.now() - newest.since) < 60_000);
});

/** What the start says, where this is what Google answers. Its errors are told by a state of gRPC in the body. */
async function refusalOf(status: number, state: string): Promise<string> {
  const google = createServer((_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: { code: status, message: 'a secret', status: state } }));
  });
  return await listening(google, async (port) => {
    const problems = new Problems('production');
    const refused = googleSecretManager({ client: clientOf(port), project: 'tests' });
    assert.equal(await readKeyRing(refused, problems), undefined);
    return problems.errors.map(({ reason }) => reason).join('\n');
  });
}

test('a no is told by its word, and never by its message', async () => {
  const answered = 'googleSecretManager failed (Google Secret Manager answered with';
  assert.ok((await refusalOf(403, 'PERMISSION_DENIED')).includes(`${answered} PERMISSION_DENIED)`));
  assert.ok((await refusalOf(401, 'UNAUTHENTICATED')).includes(`${answered} UNAUTHENTICATED)`));
  assert.ok((await refusalOf(429, 'RESOURCE_EXHAUSTED')).includes(`${answered} RESOURCE_EXHAUSTED)`));
});

test('while it runs: a rotation arrives, and a server that is gone is told and changes nothing', async () => {
  const asked = { ...googleSecretManager({ client, project: 'tests' }), refreshMs: 50 };
  const keys = await readKeyRing(asked, new Problems('production'));
  assert.ok(keys !== undefined);
  const signed = keys.sign(TAG, 'm');
  const told: string[] = [];
  const stop = refreshSecrets({ keys, secretProvider: asked }, ({ name }, details) =>
    told.push(`${name} ${JSON.stringify(details)}`),
  );
  try {
    await add();
    await until('the rotation arrives', () => told.some((line) => line.startsWith('secrets_rotated')));
    assert.ok(keys.verify(TAG, 'm', signed));
    await endProgram(server);
    await until('its end is told', () => told.some((line) => line.includes('answered with UNAVAILABLE')));
    assert.ok(keys.verify(TAG, 'm', signed));
  } finally {
    stop();
  }
});
