/** The shape of the house: imports point down in rank, files stay small, exports are named. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';
import { folderOf, measureHouse } from '../tools/house.ts';

const SRC = join(import.meta.dirname, '../src');

/** Rank of each folder of src/. A file imports from lower ranks and from its own room, nothing else. */
const RANKS: Readonly<Record<string, number>> = {
  core: 0,
  ui: 0,
  stores: 1,
  secrets: 1,
  audit: 1,
  'console/options': 1,
  'gateway/options': 1,
  alerts: 2,
  controls: 2,
  identity: 2,
  accounts: 3,
  files: 3,
  policy: 4,
  layer: 5,
  node: 6,
  'account-pages': 7,
  'hosted-files': 7,
  gateway: 7,
  check: 7,
  console: 7,
  adapters: 8,
  testing: 8,
  cli: 9,
};

/** Folders of rooms: each folder in them is a room of its own, which knows no other. */
const HOUSES: readonly string[] = ['controls', 'identity'];

/** The few edges between rooms of one rank. Each names its reason. */
const SIDEWAYS: readonly string[] = [];

/**
 * What a room declares about itself (`*.control.ts`) is collected below some of the rooms that do: in one file, which may
 * name them wherever they stand, since they stand on nothing above that file themselves.
 */
const COLLECTION = 'policy/controls.ts';
const DECLARATION = /\.control\.ts$/;

/** Bulwark is what the main entry and the adapters show; the entry may name anything below an adapter. */
const ENTRY = 'index.ts';

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = globSync('**/*.ts', { cwd: SRC }).filter((file) => !file.endsWith('.test.ts'));
const source = new Map(files.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]));
const imports = files.flatMap((file) => importsOf(file));

test('imports point down in rank', () => {
  const wrong = imports
    .filter(({ from, to }) => !isAllowed(room(from), room(to)) && !isCollected(from, to))
    .map(({ from, to }) => `${from} imports ${to}`);
  assert.deepEqual(wrong, []);
});

test('what a room declares stands on nothing above the file that collects it', () => {
  const collected = imports.filter(({ from, to }) => isCollected(from, to)).map(({ to }) => to);
  assert.ok(collected.length > 0);
  const wrong = imports.filter(
    ({ from, to }) =>
      collected.includes(from) &&
      (RANKS[folder(to)] ?? 99) > (RANKS['policy'] ?? -1) &&
      !/\.(?:events|keys)\.ts$/.test(to),
  );
  assert.deepEqual(wrong, []);
});

test('what a room declares is in its one declaration, and every declaration is collected', () => {
  const collected = imports
    .filter(({ from }) => from === COLLECTION || DECLARATION.test(from))
    .map(({ to }) => to);
  const declared = files.filter((file) => /\.(?:control|events|keys|check)\.ts$/.test(file));
  assert.deepEqual(
    declared.filter((file) => !collected.includes(file)),
    [],
  );
});

test('whoever imports a layer loads no checker, no command, no pages, no mails and no database across a network', () => {
  const loaded = new Set(['adapters/express.ts']);
  for (const file of loaded) for (const { to } of staticImportsOf(file)) loaded.add(to);
  assert.ok(loaded.has('policy/controls.ts') && loaded.has('layer/order.ts'));
  const heavy =
    /\.check\.ts$|^(?:check|cli|account-pages|testing)\/|^console\/(?!options\/|console\.(?:control|events|keys)\.)|^(?:audit\/index|node\/mounted)\/|^stores\/(?:redis|postgres)\/|^accounts\/words\/(?:mail|forms)\.(?:ar|de|es|fr)\.ts$|^identity\/mfa\/passkeys/;
  assert.deepEqual(
    [...loaded].filter((file) => heavy.test(file)),
    [],
  );
});

test('every folder of src has its line in docs/architecture.md, and stands there with whom it stands on', () => {
  const page = readFileSync(join(SRC, '../docs/architecture.md'), 'utf8');
  const house = measureHouse();
  assert.deepEqual(house.map(({ folder: name }) => name).toSorted(), Object.keys(RANKS).toSorted());
  for (const { folder: name, standsOn } of house) {
    assert.match(page, new RegExp(`^\\| \`${name}/\` \\| \\d`, 'm'), name);
    assert.ok(page.includes(` | ${standsOn.join(', ')} |`), name);
    // In words too, beside its rank.
    assert.match(page, new RegExp(`^\\| \\d \\| [^|]*\`${name}/[*]?\``, 'm'), name);
  }
});

test('every folder of src has a rank', () => {
  const unranked = files.filter((file) => file !== ENTRY && RANKS[folder(file)] === undefined);
  assert.deepEqual(unranked, []);
});

test('core imports nothing but Node.js and itself', () => {
  const wrong = files.filter(
    (file) => room(file) === 'core' && /from '(?!node:|\.\/)/.test(source.get(file) ?? ''),
  );
  assert.deepEqual(wrong, []);
});

/** It makes requests, and takes none: what of them is judged is in the rest of its room. */
const CLIENT = 'controls/outbound/hop.ts';

test('no room knows node:http or a framework: only node/ and the adapters do', () => {
  const wrong = files.filter(
    (file) =>
      file !== CLIENT &&
      (RANKS[folder(file)] ?? 9) < (RANKS['node'] ?? 0) &&
      /from '(?:node:https?|node:http2|express|fastify|hono)'/.test(source.get(file) ?? ''),
  );
  assert.deepEqual(wrong, []);
});

test('no adapter imports another', () => {
  assert.deepEqual(
    imports.filter(({ from, to }) => room(from) === 'adapters' && room(to) === 'adapters'),
    [],
  );
});

test('no file is longer than 400 lines, no adapter than 150', () => {
  const long = [...source].filter(
    ([file, text]) => text.split('\n').length > (room(file) === 'adapters' ? 150 : 400),
  );
  assert.deepEqual(
    long.map(([file]) => file),
    [],
  );
});

test('exports are named, one by one', () => {
  const wrong = [...source].filter(([, text]) => /^export (?:\*|default)/m.test(text)).map(([file]) => file);
  assert.deepEqual(wrong, []);
});

test('sources are ASCII: no letter looks like another', () => {
  // A language has its own letters, in files of their own.
  const own: Readonly<Record<string, RegExp>> = {
    de: /[^\x00-\x7f\u00e4\u00f6\u00fc\u00c4\u00d6\u00dc\u00df]/,
    es: /[^\x00-\x7f\u00e1\u00e9\u00ed\u00f3\u00fa\u00f1\u00c1\u00bf\u00a1]/,
    fr: /[^\x00-\x7f\u00c0\u00c9\u00e0\u00e2\u00e7\u00e8\u00e9\u00ea\u00ee\u00f4\u00f9\u00fb\u2019]/,
    // Letters and their signs, comma, question mark: no mark that turns the direction of writing.
    ar: /[^\x00-\x7f\u060c\u061f\u0621-\u063a\u0641-\u0652]/,
  };
  const letters = (file: string): RegExp => own[/\.(\w\w)\.ts$/.exec(file)?.[1] ?? ''] ?? /[^\x00-\x7f]/;
  const wrong = [...source].filter(([file, text]) => letters(file).test(text)).map(([file]) => file);
  assert.deepEqual(wrong, []);
});

test('every control, and all that accounts stand on, has a README', () => {
  const rooms = [...new Set(files.map(room))].filter((name) => HOUSES.includes(folder(name)));
  assert.ok(rooms.length > 10);
  const readmes = globSync('*/*/README.md', { cwd: SRC }).map((file) => dirname(file));
  assert.deepEqual(
    rooms.filter((name) => !readmes.includes(name)),
    [],
  );
});

/** Hash functions that break are used where nothing rests on them, or where a standard or somebody else's data asks. */
const OLD_HASHES: Readonly<Record<string, string>> = {
  'gateway/tls/http2/request-head.ts': 'the answer to a handshake of a WebSocket (RFC 6455)',
  'identity/mfa/totp-code.ts': 'what authenticator apps compute (RFC 6238); HMAC rests on no collision',
  'identity/passwords/breached/breached.ts': 'the keys of published lists of breached passwords',
  'identity/passwords/password-rules.ts': 'a list of common passwords, in the same form',
  'stores/redis/scripts.ts': 'the name of a script in Redis',
};

test('v5.0.0-11.3.1 v5.0.0-11.3.2 one cipher, in two places, values and files: AES-256 in GCM', () => {
  // Looks for these words in the sources of others.
  const found = [...source].filter(
    ([file, text]) =>
      file !== 'check/source/javascript/code-rules.ts' &&
      /create(?:De)?[cC]ipher|\b(?:public|private)(?:En|De)crypt/.test(text),
  );
  assert.deepEqual(found.map(([file]) => file).toSorted(), ['core/key-ring.ts', 'files/bytes/sealed.ts']);
  for (const file of ['core/key-ring.ts', 'files/bytes/sealed.ts']) {
    const text = source.get(file) ?? '';
    assert.deepEqual(
      [...text.matchAll(/'(aes-[^']+)'/g)].map(([, name]) => name),
      ['aes-256-gcm'],
    );
    assert.deepEqual(
      [...text.matchAll(/create(?:De)?[cC]ipheriv\((\w+)/g)].map(([, name]) => name),
      ['CIPHER', 'CIPHER'],
    );
  }
});

test('v5.0.0-11.4.1 (in part) hashes are of SHA-2, but for the few that a reason is named for', () => {
  const old = [...source].filter(([file, text]) => {
    const named = [...text.matchAll(/\b(?:hash|createHash|createHmac|hkdfSync)\(\s*'([^']+)'/g)];
    return (
      !file.startsWith('identity/passwords/foreign/') &&
      named.some(([, name]) => !/^sha(?:256|384|512)$/.test(name ?? ''))
    );
  });
  assert.deepEqual(old.map(([file]) => file).toSorted(), Object.keys(OLD_HASHES).toSorted());
});

/** Read JSON that is ours: kept in a store or sealed, written by the operator, or, the last, one string out of a text. */
const OWN_JSON: readonly string[] = [
  'accounts/answered-posts.ts',
  'accounts/flows/change-email.ts',
  'accounts/flows/registration.ts',
  'accounts/flows/reset.ts',
  'accounts/mail/outbox.ts',
  'controls/sessions/session-data.ts',
  'controls/step-up/held-requests.ts',
  'controls/validation/validation.options.ts',
  'gateway/observed/observed-report.ts',
  'gateway/pages/accepted-sources.ts',
  'gateway/tls/acme/folder.ts',
  'gateway/vault/vault.ts',
  'controls/rate-limit/account-name.ts',
];

test('JSON that a client sent is parsed in one place, which knows of the names that V8 takes for others', () => {
  const wrong = [...source].filter(
    ([file, text]) =>
      /^(?:account-pages|accounts|adapters|controls|files|gateway|hosted-files|identity|layer|node)\//.test(
        file,
      ) && /^(?! *(?:\*|\/\/|\/\*)).*(?:\bJSON\.parse\(|\.json\(\))/m.test(text),
  );
  assert.deepEqual(wrong.map(([file]) => file).toSorted(), OWN_JSON.toSorted());
});

/** Starts what the operator wrote behind `bulwark run --`, word by word; the one text for a shell is a constant. */
const STARTS_PROGRAMS = 'gateway/application/watched-child.ts';
/** Starts `git`, for whoever runs `check` over a tree, with words of ours and nothing of the repository's settings. */
const STARTS_GIT = 'check/source/secrets/git.ts';

test('v5.0.0-1.2.5 v5.0.0-1.3.2 no request starts a program, and no text is run as code', () => {
  const wrong = [...source].filter(([, text]) =>
    /node:(?:child_process|vm)|\beval\(|new Function\(|setTimeout\(\s*['"`]/.test(text),
  );
  assert.deepEqual(wrong.map(([file]) => file).toSorted(), [STARTS_GIT, STARTS_PROGRAMS]);
  assert.ok(!/shell:|exec/.test((source.get(STARTS_GIT) ?? '').replaceAll('execPath', '')));
  const text = source.get(STARTS_PROGRAMS) ?? '';
  assert.deepEqual(
    [...text.matchAll(/ spawn\(([^,]+, [^,]+, [^,]+)/g)].map(([, words]) => words),
    ["'/bin/sh', ['-c', WATCHER", 'program, args, { env'],
  );
  assert.ok(!/shell:|exec/.test(text.replaceAll('execPath', '')));
});

test('v5.0.0-15.2.4 every package comes from the one registry, and is the one that was looked at', () => {
  const locks = globSync(['package-lock.json', 'test/frameworks/*/package-lock.json'], {
    cwd: join(SRC, '..'),
  });
  assert.ok(locks.length > 1);
  for (const file of locks) {
    const lock = JSON.parse(readFileSync(join(SRC, '..', file), 'utf8')) as {
      packages: Readonly<
        Record<string, { resolved?: string; integrity?: string; link?: boolean; inBundle?: boolean }>
      >;
    };
    const foreign = Object.entries(lock.packages).filter(
      ([path, { resolved, integrity, link, inBundle }]) =>
        path.includes('node_modules/') &&
        link !== true &&
        inBundle !== true &&
        !(
          (resolved ?? 'https://registry.npmjs.org/').startsWith('https://registry.npmjs.org/') &&
          integrity?.startsWith('sha512-') === true
        ),
    );
    assert.deepEqual(
      foreign.map(([path]) => path),
      [],
      file,
    );
  }
});

function importsOf(file: string): Import[] {
  const found = (source.get(file) ?? '').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g);
  return [...found].map((match) => ({
    from: file,
    to: relative(SRC, normalize(join(SRC, dirname(file), match[1] ?? ''))),
  }));
}

/** What is loaded with a file: no types, and nothing that is imported when it is asked for. */
function staticImportsOf(file: string): readonly Import[] {
  const text = (source.get(file) ?? '').replaceAll(/^(?:import|export) type [^;]*;/gm, '');
  const found = text.matchAll(/^(?:import|export|\}) [^;]*?from '(\.[^']+)'/gm);
  return [...found].map((match) => ({
    from: file,
    to: relative(SRC, normalize(join(SRC, dirname(file), match[1] ?? ''))),
  }));
}

/** `controls/csrf` of a file in a folder of rooms, else the folder. */
function room(file: string): string {
  const [top = '', second = ''] = file.split('/');
  return HOUSES.includes(top) ? `${top}/${second}` : folder(file);
}

function folder(file: string): string {
  return folderOf(file);
}

function isCollected(from: string, to: string): boolean {
  return from === COLLECTION && DECLARATION.test(to);
}

function isAllowed(from: string, to: string): boolean {
  if (from === to || from === ENTRY) return true;
  return (RANKS[folder(to)] ?? 99) < (RANKS[folder(from)] ?? -1) || SIDEWAYS.includes(`${from} -> ${to}`);
}
