import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type CommandRun, runCommand } from '../../test/support/command-run.ts';
import { filterFile } from '../identity/passwords/passwords.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-cli-filter-'));
after(() => rmSync(FOLDER, { recursive: true }));
const LIST = join(FOLDER, 'list.txt');
const OUT = join(FOLDER, 'breached.filter');
writeFileSync(
  LIST,
  Array.from({ length: 500 }, (_, index) => `${hash('sha1', `p${index}`, 'hex')}:${index}\n`).join(''),
);

/** Runs `passwords filter build` with these arguments, on a terminal or not. */
function build(argv: readonly string[], isTTY = false): Promise<CommandRun> {
  return runCommand(['passwords', 'filter', 'build', ...argv], isTTY);
}

test('makes a filter and says what is in it and how often it errs', async () => {
  const { code, out, err } = await build([LIST, '--out', OUT, '--at-least', '100', '--one-in', '5000']);
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /: 400 hashes of 500 lines in [\d,]+ bytes\. One in \d,\d{3} good passwords/);
  const filter = filterFile(OUT);
  assert.equal(filter.keys, 400);
  assert.equal(filter.lookUp(hash('sha1', 'p499', 'buffer')), 'breached');
});

test('prints one line of JSON', async () => {
  const { code, out } = await build([LIST, '--out', OUT, '--json']);
  assert.equal(code, 0);
  const { keys, lines, oneIn } = JSON.parse(out) as Record<string, number>;
  assert.deepEqual([keys, lines], [499, 500]);
  assert.ok((oneIn ?? 0) >= 1000);
});

test('shows on a terminal how far it is, and wipes that away', async () => {
  const { err } = await build([LIST, '--out', OUT], true);
  assert.match(err, /^\rReading: \d+ %/);
  assert.ok(err.endsWith('\r\u001B[K'));
});

test('a list that is none is exit code 1, with its line, and leaves no filter', async () => {
  const bad = join(FOLDER, 'bad.txt');
  const out = join(FOLDER, 'none.filter');
  writeFileSync(bad, '32ED87BDB5FDC5E9CBA88547376818D4:12\n');
  const result = await build([bad, '--out', out]);
  assert.equal(result.code, 1);
  assert.match(result.err, /^line 1 is an NTLM or MD5 hash.*SHA-1 hashes\n$/);
  assert.ok(!existsSync(out));
  assert.deepEqual(await build([FOLDER, '--out', out]), {
    code: 1,
    out: '',
    err: 'That is a directory, not a file.\n',
  });
});
