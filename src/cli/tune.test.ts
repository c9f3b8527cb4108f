import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Passwords, type PasswordsOptions } from '../identity/passwords/passwords.ts';
import type { TuneFacts } from '../identity/passwords/tune.ts';
import { Failed } from './terminal.ts';
import { tuneHere } from './tune.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-tune-'));
after(() => rmSync(FOLDER, { recursive: true }));

/** A machine that takes a millisecond for each MiB and pass. */
function facts(target: number): TuneFacts {
  return {
    target,
    concurrency: 2,
    memory: 16 * 2 ** 30,
    measure: ({ memory, passes }) => Promise.resolve((memory / 1024) * passes),
  };
}

async function tuned(flags: Partial<Parameters<typeof tuneHere>[0]> = {}): Promise<string> {
  let text = '';
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  await tuneHere({ target: '250ms', ...flags }, { out, err: out }, facts);
  return text;
}

const EXPECTED = { memory: '124MB', passes: 2, parallelism: 1, waiting: 16 };

test('prints the line to write, what a hash takes and how many sign-ins that leaves', async () => {
  const text = await tuned();
  assert.ok(text.includes("passwords: { memory: '124MB', passes: 2, parallelism: 1, waiting: 16 }"), text);
  assert.ok(
    text.includes('248 ms a hash: 8.1 sign-ins a second in each process. The target is 250ms.'),
    text,
  );
  assert.match(await tuned({ target: '10ms' }), /OWASP's minimum/);
});

test('prints one line of JSON', async () => {
  const text = await tuned({ json: true });
  assert.match(text, /^\{.*\}\n$/);
  const { options, milliseconds, perSecond, limit } = JSON.parse(text) as Record<string, unknown>;
  assert.deepEqual(
    { options, milliseconds, perSecond, limit },
    {
      options: EXPECTED,
      milliseconds: 248,
      perSecond: 8.1,
      limit: 'none',
    },
  );
});

test('writes options that an application takes, as a module and as JSON', async () => {
  for (const name of ['a.ts', 'a.mjs', 'a.json']) {
    const path = join(FOLDER, name);
    assert.ok((await tuned({ write: path })).endsWith(`\nWritten to ${path}.\n`));
    const options = name.endsWith('.json')
      ? (JSON.parse(readFileSync(path, 'utf8')) as PasswordsOptions)
      : ((await import(pathToFileURL(path).href)) as { passwords: PasswordsOptions }).passwords;
    assert.deepEqual(options, EXPECTED);
    assert.ok(Passwords.of(options) instanceof Passwords);
  }
});

test('does not write over a file unless it is told to, and leaves nothing beside it', async () => {
  const path = join(FOLDER, 'mine.ts');
  writeFileSync(path, 'export const mine = 1;\n');
  await assert.rejects(
    tuned({ write: path }),
    (error) => error instanceof Failed && /--force/.test(error.message),
  );
  assert.equal(readFileSync(path, 'utf8'), 'export const mine = 1;\n');
  await tuned({ write: path, force: true });
  assert.match(readFileSync(path, 'utf8'), /export const passwords = \{ memory: '124MB'/);
  await assert.rejects(tuned({ write: join(FOLDER, 'no', 'folder.ts'), force: true }), { code: 'ENOENT' });
  assert.ok(!readdirSync(FOLDER).some((name) => name.endsWith('.tmp')));
});
