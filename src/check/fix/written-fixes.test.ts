/** What of a file a diff shows to others, and whose the file is that is written. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../../test/support/command-run.ts';
import { withTree } from '../../../test/support/made-tree.ts';
import { allFindings } from '../report/report.ts';
import { checkSource } from '../source/check-source.ts';
import { MaskedLines } from './masked-lines.ts';
import { planFixes } from './plan-fixes.ts';
import { writeFixes } from './write-fixes.ts';

const app = (line: string): string =>
  `from flask import Flask, request, session\napp = Flask(__name__)\n${line}\n`;

test('a diff shows no secret that stands beside a fix, and says that it does not', async () => {
  const secrets = [
    "app.config['SECRET_KEY'] = 'f3cfe9ed8fae309f02079dbf-hunter2'",
    "app.config['DEBUG'] = True",
    "AWS = 'AKIAIOSFODNN7HUNTERQ'",
    'PASSWORD = (',
    "    'hunter2'",
    ')',
  ];
  const begin = { 'app.py': app(secrets.join('\n')) };
  await withTree(begin, async (root) => {
    const { out, err } = await runCommand(['check', '--source', root, '--fix', '--only', 'flask.debug']);
    assert.doesNotMatch(out, /hunter2|HUNTER/);
    assert.match(
      out,
      /^-app\.config\['DEBUG'\] = True\n\+app\.config\['DEBUG'\] = False\n AWS = 'AKIA\.\.\. /m,
    );
    assert.match(err, /3 lines are masked/);
    await runCommand(['check', '--source', root, '--fix', '--yes', '--only', 'flask.debug']);
    assert.equal(
      readFileSync(join(root, 'app.py'), 'utf8'),
      begin['app.py'].replace("['DEBUG'] = True", "['DEBUG'] = False"),
    );
  });
  const removed = { 'app.py': app("app.config.update(SECRET_KEY='hunter2\u001b[2J', DEBUG=True)") };
  await withTree(removed, async (root) => {
    const { out } = await runCommand(['check', '--source', root, '--fix', '--only', 'flask.debug']);
    assert.match(out, /^-app\.config/m);
    assert.doesNotMatch(out, /hunter2|\u001b/);
  });
  for (const text of ['TOKEN = """\nhunter2\n"""\n', 'password: |\n  hunter2\n', 'secret =\n  hunter2\n']) {
    const lines = new MaskedLines(text);
    assert.doesNotMatch(
      text
        .split('\n')
        .map((line) => lines.shown(`${line}\n`))
        .join(''),
      /hunter2/,
      text,
    );
  }
});

const asRoot = process.getuid?.() === 0 ? {} : { skip: 'only root gives files to others' };

test('a mended file belongs to whom it did, or is left as it is', asRoot, async () => {
  await withTree({ 'app.py': app('app.debug = True') }, async (root) => {
    const path = join(root, 'app.py');
    const plan = await debugFixes(root);
    const { uid, gid } = statSync(path);
    const theirs = { uid: uid + 1, gid: gid + 1 };
    chownSync(path, theirs.uid, theirs.gid);
    chmodSync(path, 0o4750);
    const refused = writeFixes(root, plan, () => {
      throw new Error('EPERM');
    });
    assert.match(refused[0]?.why ?? '', /owner/);
    // Neither where it was taken for granted and did not happen.
    assert.match(writeFixes(root, plan, () => undefined)[0]?.why ?? '', /owner/);
    assert.equal(readFileSync(path, 'utf8'), app('app.debug = True'));
    assert.deepEqual(readdirSync(root), ['app.py']);
    assert.equal(writeFixes(root, plan)[0]?.why, undefined);
    const now = statSync(path);
    assert.deepEqual({ uid: now.uid, gid: now.gid }, theirs);
    assert.equal(now.mode & 0o7777, 0o4750);
    assert.equal(readFileSync(path, 'utf8'), app('app.debug = False'));
  });
});

async function debugFixes(root: string): ReturnType<typeof planFixes> {
  const all = allFindings((await checkSource(root)).results);
  return planFixes(
    root,
    all,
    all.filter(({ rule }) => rule === 'flask.debug'),
  );
}
