/** What `npm create bulwark` says of the folder that somebody names, from its source. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const PROGRAM = join(import.meta.dirname, '../create-bulwark/create-bulwark.js');
const HOME = realpathSync(mkdtempSync(join(tmpdir(), 'bulwark-create-')));
after(() => rmSync(HOME, { recursive: true, force: true }));

function create(folder: string): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, folder], {
    cwd: HOME,
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

test('a folder that cannot be is told in a sentence', () => {
  symlinkSync(join(HOME, 'gone/nowhere'), join(HOME, 'link'));
  writeFileSync(join(HOME, 'file'), '');
  for (const [name, code] of [
    ['', 'ENOENT'],
    ['link', 'E[A-Z]+'],
    ['file/in', 'ENOTDIR'],
  ] as const) {
    const { status, err } = create(name);
    assert.equal(status, 2, name);
    assert.match(err, new RegExp(`^'?${name}'? cannot be read or written \\(${code}\\)\\. .*\\n$`));
  }
});

test('the line that is printed leads into the folder, and does nothing else', () => {
  const names = [
    'plain',
    'with space',
    "it's $(touch owned) `touch owned`; touch owned",
    "\u001b[31mred\n\u202eb\\x'",
  ];
  for (const name of names) {
    const { status, out } = create(name);
    assert.equal(status, 0);
    assert.doesNotMatch(out, /[^\n\u0020-\u007e]/);
    const line = /^ {4}(cd .*)$/m.exec(out)?.[1] ?? assert.fail(out);
    const { stdout } = spawnSync('bash', ['-c', `${line} && printf %s "$PWD"`], {
      cwd: HOME,
      encoding: 'utf8',
    });
    assert.equal(stdout, join(HOME, name));
    assert.ok(readdirSync(stdout).includes('package.json'));
  }
  assert.ok(!existsSync(join(HOME, 'owned')));
});
