import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Problems } from '../core/problems.ts';
import { env } from './env.ts';
import { files } from './files.ts';
import type { DatedSecret, SecretProvider } from './provider.ts';
import { readSecrets } from './read-secrets.ts';

const root = mkdtempSync(join(tmpdir(), 'bulwark-secrets-'));
after(() => rmSync(root, { recursive: true }));

const CURRENT = randomBytes(32).toString('base64');
const OLDER = randomBytes(32).toString('base64');
const OLDEST = randomBytes(32).toString('hex');

/** A directory of its own with the given files in it, readable by their owner alone. */
function directory(contents: Record<string, string | Uint8Array> = {}): string {
  const path = mkdtempSync(join(root, 'd'));
  for (const [name, content] of Object.entries(contents)) {
    writeFileSync(join(path, name), content, { mode: 0o600 });
  }
  return path;
}

interface Loaded {
  readonly secrets: unknown;
  readonly problems: Problems;
  /** All that would be shown, as one text. */
  readonly told: string;
}

function load(provider: SecretProvider, environment: 'production' | 'development' = 'production'): Loaded {
  const problems = new Problems(environment);
  const secrets = provider.load('BULWARK_SECRET', problems);
  return { secrets, problems, told: JSON.stringify([problems.errors, problems.warnings]) };
}

test('env reads the current secret, then the previous ones in their order', () => {
  const environment = { BULWARK_SECRET: CURRENT, BULWARK_SECRET_PREVIOUS: `${OLDER}, ${OLDEST},` };
  const { secrets, told } = load(env({ environment, directory: directory() }));
  assert.deepEqual(secrets, [CURRENT, OLDER, OLDEST]);
  assert.equal(told, '[[],[]]');
});

test('env reads the day on which a secret ends, and refuses a text that is none', () => {
  const environment = {
    BULWARK_SECRET: CURRENT,
    BULWARK_SECRET_PREVIOUS: OLDER,
    BULWARK_SECRET_ENDS: '2027-06-30',
  };
  const at = directory();
  const { secrets, told } = load(env({ environment, directory: at }));
  assert.deepEqual(secrets, [{ value: CURRENT, since: 0, until: Date.UTC(2027, 6, 1) }, OLDER]);
  assert.equal(told, '[[],[]]');
  const { problems } = load(
    env({ environment: { ...environment, BULWARK_SECRET_ENDS: 'in June' }, directory: at }),
  );
  assert.equal(problems.errors[0]?.option, 'BULWARK_SECRET_ENDS');
});

test('env finds nothing where nothing or nothing but spaces is set', () => {
  assert.deepEqual(load(env({ environment: {}, directory: directory() })).secrets, []);
  const environment = { BULWARK_SECRET: ' ', BULWARK_SECRET_FILE: '' };
  assert.deepEqual(load(env({ environment, directory: directory() })).secrets, []);
});

test('env reads mounted files, and drops the line break at their end', () => {
  const at = directory({ now: `${CURRENT}\n`, before: `${OLDER}\r\n${OLDEST}\r\n` });
  const environment = { BULWARK_SECRET_FILE: join(at, 'now'), BULWARK_SECRET_PREVIOUS_FILE: 'before' };
  const { secrets, told } = load(env({ environment, directory: at }));
  assert.deepEqual(secrets, [CURRENT, OLDER, OLDEST]);
  assert.equal(told, '[[],[]]');
});

test('env refuses a value and a file for the same secret', () => {
  const at = directory({ now: CURRENT });
  const environment = { BULWARK_SECRET: OLDER, BULWARK_SECRET_FILE: 'now' };
  const { problems } = load(env({ environment, directory: at }));
  assert.equal(problems.errors[0]?.code, 'ERR_BULWARK_INVALID_OPTION');
  assert.equal(problems.errors[0]?.option, 'BULWARK_SECRET');
});

test('env names the path and the fix for a file it cannot read', () => {
  const at = directory();
  mkdirSync(join(at, 'folder'));
  for (const [path, expected] of [
    ['missing', /missing could not be read \(ENOENT\).*mount the secret there/],
    ['folder', /folder is not a file/],
  ] as const) {
    const { told, secrets } = load(env({ environment: { BULWARK_SECRET_FILE: path }, directory: at }));
    assert.match(told, expected);
    assert.match(told, new RegExp(at));
    assert.deepEqual(secrets, []);
  }
});

test('env refuses what is no text or no secret by its size', () => {
  const at = directory({ binary: Buffer.from([0xff, 0xfe, 0x00]), large: 'a'.repeat(100_000) });
  assert.match(
    load(env({ environment: { BULWARK_SECRET_FILE: 'binary' }, directory: at })).told,
    /is not text/,
  );
  assert.match(
    load(env({ environment: { BULWARK_SECRET_FILE: 'large' }, directory: at })).told,
    /is not a file of at most/,
  );
});

test('env does not hang on a pipe in the place of a file', { skip: process.platform === 'win32' }, () => {
  const at = directory();
  execFileSync('mkfifo', [join(at, 'pipe'), join(at, '.env')]);
  const { told } = load(env({ environment: { BULWARK_SECRET_FILE: 'pipe' }, directory: at }));
  assert.match(told, /is not a file/);
});

test(
  'warns of a secret file that others on the machine can read',
  { skip: process.platform === 'win32' },
  () => {
    const at = directory({ now: CURRENT });
    const environment = { BULWARK_SECRET_FILE: 'now' };
    for (const [mode, warned] of [
      [0o600, false],
      [0o440, false],
      [0o644, true],
      [0o602, true],
    ] as const) {
      chmodSync(join(at, 'now'), mode);
      const { problems, secrets } = load(env({ environment, directory: at }));
      assert.equal(problems.warnings.length === 1, warned, mode.toString(8));
      assert.deepEqual(secrets, [CURRENT]);
    }
  },
);

test('env reads .env in development, quotes and comments included', () => {
  const at = directory({
    '.env': `# secrets\nexport BULWARK_SECRET="${CURRENT}" # now\nBULWARK_SECRET_PREVIOUS=${OLDER}\n`,
  });
  const { secrets, told } = load(env({ environment: {}, directory: at }), 'development');
  assert.deepEqual(secrets, [CURRENT, OLDER]);
  assert.equal(told, '[[],[]]');
});

test('.env never overrides the environment, whichever way that names the secret', () => {
  const at = directory({ '.env': `BULWARK_SECRET=${OLDER}`, now: CURRENT });
  for (const environment of [{ BULWARK_SECRET: CURRENT }, { BULWARK_SECRET_FILE: 'now' }]) {
    assert.deepEqual(load(env({ environment, directory: at }), 'development').secrets, [CURRENT]);
  }
});

test('.env is not read in production, and the message says so', () => {
  const at = directory({ '.env': `BULWARK_SECRET=${CURRENT}` });
  const { secrets, told } = load(env({ environment: {}, directory: at }));
  assert.deepEqual(secrets, []);
  assert.match(told, /not read in production/);
  assert.ok(!told.includes(CURRENT));
  const given = load(env({ environment: { BULWARK_SECRET: OLDER }, directory: at }));
  assert.deepEqual(given.secrets, [OLDER]);
  assert.equal(given.told, '[[],[]]');
});

test('env refuses a secret that its own list could not hold after a rotation', () => {
  const { told } = load(
    env({ environment: { BULWARK_SECRET: `${CURRENT},${OLDER}` }, directory: directory() }),
  );
  assert.match(told, /comma/);
});

test('env refuses previous secrets without a current one', () => {
  const environment = { BULWARK_SECRET_PREVIOUS: OLDER };
  assert.match(load(env({ environment, directory: directory() })).told, /nothing to sign with/);
});

test('env takes no variable from a prototype', () => {
  const environment = Object.create({ BULWARK_SECRET: CURRENT }) as Record<string, string>;
  assert.deepEqual(load(env({ environment, directory: directory() })).secrets, []);
});

test('files reads one file a secret, as containers mount them', () => {
  const at = directory({ bulwark_secret: `${CURRENT}\n`, bulwark_secret_previous: `${OLDER}\n${OLDEST}\n` });
  const { secrets, told } = load(files({ directory: at }));
  assert.deepEqual(secrets, [CURRENT, OLDER, OLDEST]);
  assert.equal(told, '[[],[]]');
});

test('files finds nothing in an empty or missing directory', () => {
  assert.deepEqual(load(files({ directory: directory() })).secrets, []);
  assert.deepEqual(load(files({ directory: join(root, 'nowhere') })).secrets, []);
});

test('both say with which line a new secret gets there', () => {
  assert.match(env().remedy?.('BULWARK_SECRET') ?? '', /^BULWARK_SECRET=\$\(openssl rand -base64 32\)/);
  assert.equal(
    files({ directory: '/run/s' }).remedy?.('BULWARK_SECRET'),
    'openssl rand -base64 32 > /run/s/bulwark_secret',
  );
});

test('the line for a secret that ends keeps the one of now', () => {
  const until = Date.now() + 86_400_000;
  const { rotation, remedy, ...bare } = files({ directory: '/run/s' });
  const line = (provider: Partial<SecretProvider>): string | undefined => {
    const problems = new Problems('production');
    const load = (): readonly DatedSecret[] => [{ value: CURRENT, since: 0, until }];
    void readSecrets({ ...bare, ...provider, load }, problems);
    return problems.warnings[0]?.fix;
  };
  assert.ok(rotation && remedy);
  assert.equal(line({ rotation, remedy }), 'npx bulwark secrets rotate /run/s');
  assert.match(
    line(env()) ?? '',
    /BULWARK_SECRET_PREVIOUS.* BULWARK_SECRET=\$\(openssl .*BULWARK_SECRET_ENDS/,
  );
  assert.match(line({ remedy }) ?? '', /the one of now behind it/);
});
