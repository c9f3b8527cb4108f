import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { findingsIn } from '../../../../test/support/made-tree.ts';
import { secretRules } from './secret-rules.ts';

const options = { rules: secretRules };
/** Drawn, and never the same: nothing of it stands in this tree. */
const drawn = (): string => `q8${randomBytes(18).toString('hex').slice(0, 22)}Zt4mVw2k`;

test('a password on a command line is one, where commands run', async () => {
  const command = (host: string): string =>
    `set -eu\ncurl -fsS \\\n  -u backup:${drawn()} https://${host}/\n`;
  assert.deepEqual(await findingsIn({ 'deploy/backup.sh': command('shop.internal') }, options), [
    'secrets.assigned deploy/backup.sh:3',
  ]);
  assert.deepEqual(
    await findingsIn({ Makefile: `up:\n\tcurl --user=ann:${drawn()} https://shop.internal/\n` }, options),
    ['secrets.assigned Makefile:2'],
  );
  const good = {
    'own.sh': command('localhost:8080'),
    'shown.sh': command('example.com'),
    'from.sh': 'curl -u "backup:$PASSWORD" https://shop.internal/\n',
    'asks.sh': 'curl -u backup https://shop.internal/\n',
    'word.sh': 'curl -u admin:password https://shop.internal/\n',
    // Shown to whoever reads it, and run by nobody.
    'src/help.ts': `console.log('curl -u backup:${drawn()} https://shop.internal/');\n`,
  };
  assert.deepEqual(await findingsIn(good, options), []);
});

test('a header that signs in, and an address with a password', async () => {
  const bad = {
    'call.js': `fetch(url, { headers: { Authorization: 'Bearer ${drawn()}' } });\n`,
    'put.py': `put("https://reports:${drawn()}@reports.internal/put")\n`,
  };
  assert.deepEqual(await findingsIn(bad, options), [
    'secrets.assigned call.js:1',
    'secrets.assigned put.py:1',
  ]);
  const good = {
    'call.js': 'fetch(url, { headers: { Authorization: `Bearer ${token}` } });\n',
    'word.js': "fetch(url, { headers: { Authorization: 'Bearer your-token-goes-here' } });\n",
    'put.py': `put("https://reports:{password}@reports.internal/put")\n`,
    'own.py': `put("https://reports:${drawn()}@localhost:9000/put")\n`,
    'shown.py': `put("https://reports:${drawn()}@proxy.example.com/put")\n`,
  };
  assert.deepEqual(await findingsIn(good, options), []);
});

test('files that programs sign in with have no place in a tree', async () => {
  const files = {
    '.netrc': `machine api.internal\n  login deploy\n  password ${drawn()}\n`,
    '.pypirc': `[packages]\npassword = ${drawn()}\n`,
    '.npmrc': `//packages.internal/:_authToken=${drawn()}\n`,
    '.docker/config.json': `{ "auths": { "a": {\n"auth": "${Buffer.from(`deploy:${drawn()}`).toString('base64')}" } } }\n`,
    '.git-credentials': `https://deploy:${drawn()}@git.internal\n`,
    '.pgpass': `db.internal:5432:shop:shop:${drawn()}\n`,
  };
  assert.deepEqual(
    await findingsIn(files, options),
    ['.docker/config.json:2', '.git-credentials:1', '.netrc:3', '.npmrc:1', '.pgpass:1', '.pypirc:2'].map(
      (place) => `secrets.assigned ${place}`,
    ),
  );
  const good = {
    '.npmrc': '//packages.internal/:_authToken=${NPM_TOKEN}\n',
    '.netrc': 'machine api.internal\n  login deploy\n',
    '.docker/config.json': '{ "credsStore": "secretservice" }\n',
  };
  assert.deepEqual(await findingsIn(good, options), []);
});
