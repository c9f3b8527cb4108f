/** Against objects of the shapes that the clients publish; the clients themselves are driven in `test/secrets`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problems } from '../../core/problems.ts';
import type { DatedSecret, SecretProvider } from '../provider.ts';
import { azureKeyVault } from './azure.ts';
import { googleSecretManager } from './google.ts';
import { onePassword } from './one-password.ts';

const at = (day: number): Date => new Date(Date.UTC(2026, 10, day));

async function valuesOf(provider: SecretProvider, name = 'BULWARK_SECRET'): Promise<readonly unknown[]> {
  const loaded = await provider.load(name, new Problems('production'));
  return loaded.map((one) => (typeof one === 'string' ? one : [one.value, one.since]));
}

test('Google: the newest enabled versions, by their numbers', async () => {
  const asked: object[] = [];
  const parent = 'projects/my-project/secrets/BULWARK_SECRET';
  const client = {
    listSecretVersions: (request: { parent: string; filter: string }) => {
      asked.push(request);
      if (request.parent !== parent)
        return Promise.reject(Object.assign(new Error('5 NOT_FOUND'), { code: 5 }));
      const versions = [9, 10, 2].map((version) => ({
        name: `${parent}/versions/${version}`,
        createTime: { seconds: String(at(version).getTime() / 1000), nanos: 5 },
      }));
      return Promise.resolve([versions, null, {}] as const);
    },
    accessSecretVersion: ({ name }: { name: string }) =>
      Promise.resolve([{ payload: { data: Buffer.from(`value of ${name.split('/').at(-1)}`) } }] as const),
  };
  const provider = googleSecretManager({ client, project: 'my-project' });
  assert.deepEqual(await valuesOf(provider), [
    ['value of 10', at(10).getTime()],
    ['value of 9', at(9).getTime()],
  ]);
  assert.deepEqual(asked[0], { parent, filter: 'state:ENABLED' });
  assert.deepEqual(await valuesOf(provider, 'OTHER'), []);
  client.listSecretVersions = () =>
    Promise.reject(Object.assign(new Error('7 PERMISSION_DENIED'), { code: 7 }));
  await assert.rejects(valuesOf(provider), /PERMISSION_DENIED/);
});

test('Azure: the newest versions that are enabled, begun and not over', async () => {
  const future = new Date(Date.now() + 60_000);
  const versions: {
    version: string;
    enabled: boolean;
    createdOn: Date;
    notBefore?: Date;
    expiresOn?: Date;
  }[] = [
    { version: 'a', enabled: true, createdOn: at(1) },
    { version: 'b', enabled: false, createdOn: at(4) },
    { version: 'c', enabled: true, createdOn: at(3) },
    { version: 'd', enabled: true, createdOn: at(5), notBefore: future },
    { version: 'e', enabled: true, createdOn: at(6), expiresOn: at(7) },
  ];
  const client = {
    async *listPropertiesOfSecretVersions(name: string) {
      await Promise.resolve();
      if (name !== 'bulwark-secret') throw Object.assign(new Error('SecretNotFound'), { statusCode: 404 });
      yield* versions;
    },
    getSecret: (_name: string, { version }: { version: string }) =>
      Promise.resolve({ value: `value of ${version}` }),
  };
  const provider = azureKeyVault({ client });
  assert.deepEqual(await valuesOf(provider), [
    ['value of c', at(3).getTime()],
    ['value of a', at(1).getTime()],
  ]);
  assert.deepEqual(await valuesOf(provider, 'OTHER'), []);
  Object.assign(versions[2] ?? {}, { expiresOn: future });
  const [ending] = await provider.load('BULWARK_SECRET', new Problems('production'));
  assert.equal((ending as DatedSecret).until, future.getTime());
});

test('1Password: the field in use and the one before it, by their labels', async () => {
  const missing = Object.assign(new Error('none'), { status: 404 });
  let fields = [
    { label: 'Password', value: 'new' },
    { label: 'previous', value: 'old' },
  ];
  const client = {
    getVault: (query: string) =>
      query === 'production' ? Promise.resolve({ id: 'vault-id' }) : Promise.reject(missing),
    getItemByTitle: (vaultId: string, title: string) =>
      vaultId === 'vault-id' && title === 'BULWARK_SECRET'
        ? Promise.resolve({ fields, updatedAt: at(2) })
        : Promise.reject(missing),
  };
  const provider = onePassword({ client, vault: 'production' });
  assert.deepEqual(await valuesOf(provider), [
    ['new', at(2).getTime()],
    ['old', 0],
  ]);
  assert.deepEqual(await valuesOf(provider, 'OTHER'), []);
  fields = [{ label: 'password', value: 'new' }];
  assert.deepEqual(await valuesOf(provider), [['new', at(2).getTime()]]);
  fields = [{ label: 'previous', value: 'old' }];
  assert.deepEqual(await valuesOf(provider), []);
});

test('each is asked again every five minutes, unless it is told otherwise', () => {
  const client = { getVault: () => Promise.resolve({}), getItemByTitle: () => Promise.resolve({}) };
  const refreshOf = (refresh?: '1m' | false): number | undefined =>
    onePassword({ client, vault: 'v', ...(refresh !== undefined && { refresh }) }).refreshMs;
  assert.deepEqual([refreshOf(), refreshOf('1m'), refreshOf(false)], [300_000, 60_000, undefined]);
});
