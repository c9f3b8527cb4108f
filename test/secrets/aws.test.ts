/** AWS Secrets Manager's own client, against moto's server of its interface. */
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { KeyRing } from '../../src/core/key-ring.ts';
import { Problems } from '../../src/core/problems.ts';
import type { DatedSecret, SecretProvider } from '../../src/secrets/provider.ts';
import { readKeyRing } from '../../src/secrets/read-secrets.ts';
import { refreshSecrets } from '../../src/secrets/refresh-secrets.ts';
import { awsSecretsManager } from '../../src/secrets/managers/aws.ts';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { listening } from '../support/listening.ts';
import { endProgram, freePort, startProgram } from '../support/processes.ts';
import { until } from '../support/until.ts';

const [FIRST, SECOND] = [0, 1].map(() => randomBytes(32).toString('base64')) as [string, string];
const TAG = { signs: 'csrf-token' };

let server: Awaited<ReturnType<typeof startProgram>>;
let client: SecretsManager;

before(async () => {
  const port = await freePort();
  const program = join(pythonEnvironment('test/secrets'), 'moto_server');
  server = await startProgram(program, ['-H', '127.0.0.1', '-p', String(port)], 'python3-venv');
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const endpoint = `http://127.0.0.1:${port}`;
  client = new SecretsManager({ region: 'eu-central-1', endpoint, credentials, maxAttempts: 1 });
  await until('moto answers', async () => (await client.listSecrets({})).SecretList !== undefined);
});

after(async () => {
  client.destroy();
  await endProgram(server);
});

async function load(provider: SecretProvider, name: string): Promise<readonly (string | DatedSecret)[]> {
  return await provider.load(name, new Problems('production'));
}

async function ringOf(provider: SecretProvider): Promise<KeyRing | undefined> {
  return await readKeyRing(provider, new Problems('production'));
}

test('a secret that is not there is none, and its absence is said', async () => {
  const provider = awsSecretsManager({ client });
  assert.deepEqual(await load(provider, 'NO_SUCH_SECRET'), []);
  const problems = new Problems('production');
  assert.equal(await readKeyRing(provider, problems), undefined);
  assert.match(JSON.stringify(problems.errors), /the provider awsSecretsManager has no BULWARK_SECRET/);
});

test('the version in use signs, the one before it verifies, and the one before that does not', async () => {
  await client.createSecret({ Name: 'BULWARK_SECRET', SecretString: FIRST });
  const provider = awsSecretsManager({ client, refresh: false });
  const first = await ringOf(provider);
  const signed = first?.sign(TAG, 'm') ?? Buffer.alloc(0);
  await client.putSecretValue({ SecretId: 'BULWARK_SECRET', SecretString: SECOND });
  const loaded = await load(provider, 'BULWARK_SECRET');
  assert.deepEqual(
    loaded.map((one) => (typeof one === 'string' ? one : one.value)),
    [SECOND, FIRST],
  );
  const second = await ringOf(provider);
  assert.equal(second?.verify(TAG, 'm', signed), true);
  assert.notDeepEqual(second?.sign(TAG, 'm'), signed);
  const third = randomBytes(32).toString('base64');
  await client.putSecretValue({ SecretId: 'BULWARK_SECRET', SecretString: third });
  assert.equal((await ringOf(provider))?.verify(TAG, 'm', signed), false);
});

test('a version is dated, so that one that came just now can wait until all processes have it', async () => {
  const [newest] = await load(awsSecretsManager({ client }), 'BULWARK_SECRET');
  assert.ok(typeof newest === 'object' && Math.abs(Date.now() - newest.since) < 60_000);
});

test('a member of an object, another id, bytes', async () => {
  const all = { name: 'app', secret: FIRST };
  await client.createSecret({ Name: 'prod/app', SecretString: JSON.stringify(all) });
  const provider = awsSecretsManager({ client, id: () => 'prod/app', field: 'secret', previous: 0 });
  assert.deepEqual(
    (await load(provider, 'BULWARK_SECRET')).map((one) => (typeof one === 'string' ? one : one.value)),
    [FIRST],
  );
  const wrong = awsSecretsManager({ client, id: () => 'prod/app', field: 'toString' });
  await assert.rejects(load(wrong, 'BULWARK_SECRET'), (error: Error) => {
    assert.ok(!error.message.includes(FIRST));
    return /no object in JSON with a text in toString/.test(error.message);
  });
  await client.createSecret({ Name: 'prod/bytes', SecretBinary: Buffer.from(SECOND) });
  const bytes = awsSecretsManager({ client, id: () => 'prod/bytes' });
  const [only] = await load(bytes, 'BULWARK_SECRET');
  assert.equal(typeof only === 'object' ? only.value : only, SECOND);
});

test('a no is told by its name, and never by its message', async () => {
  // By the form of AWS's interface: what moto refuses with is none that AWS's client reads.
  const refusing = createServer((_request, response) => {
    response.writeHead(400, { 'Content-Type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: 'AccessDeniedException', message: 'a secret' }));
  });
  await listening(refusing, async (port) => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const endpoint = `http://127.0.0.1:${port}`;
    const refused = new SecretsManager({ region: 'eu-central-1', endpoint, credentials, maxAttempts: 1 });
    const problems = new Problems('production');
    assert.equal(await readKeyRing(awsSecretsManager({ client: refused }), problems), undefined);
    refused.destroy();
    const said = JSON.stringify(problems.errors);
    assert.match(said, /awsSecretsManager failed \(AccessDeniedException\)/);
    assert.doesNotMatch(said, /a secret/);
  });
});

test('while it runs: a rotation arrives, and a server that is gone is told and changes nothing', async () => {
  const provider = { ...awsSecretsManager({ client }), refreshMs: 50 };
  const keys = await ringOf(provider);
  assert.ok(keys !== undefined);
  const signed = keys.sign(TAG, 'm');
  const told: string[] = [];
  const stop = refreshSecrets({ keys, secretProvider: provider }, ({ name }, details) =>
    told.push(`${name} ${JSON.stringify(details)}`),
  );
  try {
    const next = randomBytes(32).toString('base64');
    await client.putSecretValue({ SecretId: 'BULWARK_SECRET', SecretString: next });
    await until('the rotation arrives', () => told.some((line) => line.startsWith('secrets_rotated')));
    assert.ok(keys.verify(TAG, 'm', signed));
    await endProgram(server);
    await until('its end is told', () => told.some((line) => line.includes('failed (ECONNREFUSED)')));
    assert.ok(keys.verify(TAG, 'm', signed));
  } finally {
    stop();
  }
});
