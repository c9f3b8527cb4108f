import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findingsIn, saidOf, withTree } from '../../../test/support/made-tree.ts';
import { allFindings } from '../report/report.ts';
import { checkSource } from './check-source.ts';
import { maskSecrets } from './mask-secrets.ts';
import type { SourceRule } from './source-rule.ts';

const BAD = 'import yaml\nyaml.load(text)\n';

test('follows no link, in a ring or out of the tree', async () => {
  await withTree({ 'outside/bad.py': BAD, 'tree/good.py': 'x = 1\n' }, async (root) => {
    const tree = join(root, 'tree');
    symlinkSync(join(root, 'outside'), join(tree, 'folder'));
    symlinkSync(join(root, 'outside/bad.py'), join(tree, 'file.py'));
    symlinkSync(tree, join(tree, 'ring'));
    const report = await checkSource(tree);
    assert.deepEqual(saidOf(report), []);
    assert.deepEqual(
      report.leftOut.flatMap(({ paths }) => paths),
      ['file.py', 'folder', 'ring'],
    );
    assert.equal(report.files.seen, 1);
  });
});

test('leaves out packages of others, and says so', async () => {
  const files = {
    'env/pyvenv.cfg': '',
    'env/bin/python': '',
    'env/lib/bad.py': BAD,
    'node_modules/a/bad.py': BAD,
    'app.py': BAD,
  };
  await withTree(files, async (root) => {
    const report = await checkSource(root);
    assert.deepEqual(saidOf(report), ['python.yaml app.py:2']);
    assert.deepEqual(report.leftOut, [
      { why: 'packages of others', count: 1, paths: ['node_modules'] },
      { why: 'a virtual environment', count: 1, paths: ['env'] },
    ]);
  });
});

test('a file that anybody can add takes no folder out of sight', async () => {
  assert.deepEqual(await findingsIn({ 'src/pyvenv.cfg': '', 'src/app.py': BAD }), [
    'python.yaml src/app.py:2',
  ]);
});

test('says what it could not read, and takes none of it for clean', async () => {
  const files = {
    'binary.py': Buffer.from('x = 1\0'),
    'latin.py': Buffer.from('# -*- coding: latin-1 -*-\nimport yaml\nyaml.load(name) # \xe4\n', 'latin1'),
    'broken.py': Buffer.from([0x78, 0x20, 0x3d, 0xff, 0xfe]),
    'long.py': `import yaml\n${'#'.repeat(3000)}\nyaml.load(text)\n`,
    'odd.py': 'import yaml\nx = = 3\nyaml.load(text)\n',
  };
  await withTree(files, async (root) => {
    const report = await checkSource(root, { limits: { fileBytes: 2000 } });
    assert.deepEqual(
      report.notScanned.map(({ path }) => path),
      ['binary.py', 'broken.py', 'long.py', 'odd.py'],
    );
    // What comes after a broken line is read all the same.
    assert.deepEqual(saidOf(report), [
      'python.yaml latin.py:3',
      'python.yaml odd.py:3',
      'source.scanned binary.py:1',
      'source.scanned broken.py:1',
      'source.scanned long.py:1',
      'source.scanned odd.py:1',
    ]);
  });
});

test('a rule without a file that it reads has seen nothing', async () => {
  await withTree({ 'README.md': 'hello\n' }, async (root) => {
    const { results } = await checkSource(root);
    assert.equal(results.find(({ rule }) => rule === 'python.yaml')?.outcome, 'not-seen');
  });
});

test('ends at its bounds on a tree that is deep, wide, or full of brackets', async () => {
  const deep = `${'a/'.repeat(80)}bad.py`;
  const files = {
    [deep]: BAD,
    'brackets.py': `yaml.safe_load(x)\nx = ${'('.repeat(20_000)}\n`,
    'blocks.py': `yaml.safe_load(x)\n${Array.from({ length: 500 }, (_, at) => `${' '.repeat(at)}if x:`).join('\n')}\n`,
    'calls.py': `yaml.safe_load(x)\nx = ${'f('.repeat(5000)}${')'.repeat(5000)}\n`,
  };
  await withTree(files, async (root) => {
    const report = await checkSource(root, { limits: { files: 10 } });
    assert.match(report.notScanned[0]?.why ?? '', /folders deep/);
    assert.deepEqual(
      report.notScanned.slice(1).map(({ path }) => path),
      ['blocks.py', 'brackets.py', 'calls.py'],
    );
    assert.equal(allFindings(report.results).filter(({ rule }) => rule === 'source.scanned').length, 4);
  });
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`f${at}.py`, BAD]));
  await withTree(many, async (root) => {
    const report = await checkSource(root, { limits: { files: 10 } });
    assert.equal(report.files.seen, 10);
    assert.match(report.notScanned[0]?.why ?? '', /more than 10 files/);
    const told = allFindings(report.results).find(({ rule }) => rule === 'source.scanned');
    assert.equal(told?.level, 'warning');
  });
});

test('reads no pipe, and waits for none', async () => {
  await withTree({}, async (root) => {
    execFileSync('mkfifo', [join(root, 'pipe.py')]);
    assert.equal((await checkSource(root)).files.seen, 0);
  });
});

test('a name with a line break or a mark of direction stands in no report as it is', async () => {
  await withTree({}, async (root) => {
    mkdirSync(join(root, 'a'));
    writeFileSync(join(root, 'a', 'x\n::error::\u202e.py'), BAD);
    const said = saidOf(await checkSource(root));
    assert.deepEqual(said, ['python.yaml a/x\\u{a}::error::\\u{202e}.py:2']);
  });
});

test('no evidence holds a secret', () => {
  assert.equal(maskSecrets("app.secret_key = 'hunter2'"), "app.secret_key = '...'");
  assert.equal(maskSecrets('connect("postgres://user:pw@db/app")'), 'connect("postgres://user:...@db/app")');
  assert.equal(maskSecrets("key('AKIAIOSFODNN7EXAMPLE12345')"), "key('...')");
});

test('no evidence holds a secret, however it is written', () => {
  const long = 'k3yPart'.repeat(300);
  for (const line of [
    'PASSWORD = """hunter2"""',
    'const secret = `hunter2`',
    'app.config["SECRET_KEY"] = str("hunter2")',
    'os.environ.get("SECRET_KEY", "hunter2")',
    'proxy_set_header Authorization "Basic hunter2hunter2";',
    'run("mysql -p hunter2 " + name)',
    'run("mysql -phunter2 " + name)',
    'jwt.encode(claims, "hunter2", algorithm="HS256")',
    'hashlib.md5(b"hunter2")',
    'PASSWORD = ("a" \'hunter2\')',
    'password = "a\\"hunter2"',
    'PASSWORD = "hunter2',
    'password: hunter2',
    'ENV DB_PASSWORD hunter2',
    'url = "postgres://app:a@hunter2@db/app"',
    'git+https://hunter2@git.example.com/a/b',
    `SECRET_KEY = "hunter2${long}"`,
    `connect("${'x'.repeat(100)}://app:hunter2${long.slice(0, 300)}@db")`,
  ]) {
    const shown = maskSecrets(line);
    assert.doesNotMatch(shown, /hunter2|k3yPart/, line);
    assert.match(shown, /\.\.\./);
  }
  // What tells the finding stays.
  for (const line of [
    'db.query("SELECT a FROM b" + req.query.id)',
    'const a = req.body.password;',
    'mkdir -p a/b',
  ])
    assert.equal(maskSecrets(line), line);
  assert.equal(maskSecrets('app.config["SECRET_KEY"] = "x"'), 'app.config["SECRET_KEY"] = "..."');
});

test('no way of a value shows a secret of its line', async () => {
  const app =
    'from flask import Flask, request\nimport os\napp = Flask(__name__)\n@app.route("/")\ndef f():\n    os.system("mysql -p hunter2 " + request.args["q"])\n';
  await withTree({ 'app.py': app }, async (root) => {
    const { results } = await checkSource(root);
    assert.ok(allFindings(results).some(({ rule, flow }) => rule === 'python.command' && flow !== undefined));
    assert.doesNotMatch(JSON.stringify(results), /hunter2/);
  });
});

test(
  'follows no more calls than its bounds, and says what it has not followed',
  { timeout: 60_000 },
  async () => {
    const head = 'from flask import Flask, request\nimport os\napp = Flask(__name__)\n';
    const end = '@app.route("/")\ndef v():\n    os.system(a0(request.args["q"]))\n';
    const twofold = Array.from({ length: 24 }, (_, at) =>
      ['a', 'b'].map(
        (name) => `def ${name}${at}(x):\n    return ${at === 23 ? '"s"' : `a${at + 1}(x) + b${at + 1}(x)`}\n`,
      ),
    );
    const chain = Array.from({ length: 2000 }, (_, at) => `def a${at}(x):\n    return a${at + 1}(x)\n`);
    for (const functions of [twofold.flat(), chain]) {
      await withTree({ 'app.py': `${head}${functions.join('')}${end}` }, async (root) => {
        const report = await checkSource(root);
        assert.match(report.notScanned.find(({ path }) => path === 'app.py')?.why ?? '', /more calls than/);
        assert.ok(saidOf(report).includes('source.scanned app.py:1'));
      });
    }
  },
);

test('a rule that fails has seen nothing, and ends no run', async () => {
  const rule = {
    id: 'made.up',
    title: 'made up',
    level: 'note',
    guide: 1,
    asvs: [],
    cwe: [],
    needs: 'source',
    start: () => ({
      reads: () => true,
      look(): void {
        throw new Error('out of luck');
      },
    }),
  } as const;
  await withTree({ 'a.py': '' }, async (root) => {
    const { results } = await checkSource(root, { rules: [rule] });
    assert.deepEqual(results, [
      { rule: 'made.up', outcome: 'not-seen', why: 'the rule failed: out of luck', failed: true },
    ]);
  });
});

test('notes hide no warning of the same rule, and what is left out is said and is no pass', async () => {
  const rule: SourceRule = {
    id: 'made.up',
    title: 'made up',
    level: 'warning',
    guide: 1,
    asvs: [],
    cwe: [],
    needs: 'source',
    start: () => ({
      reads: () => true,
      look(file, say) {
        const last = file.path === 'z.py';
        for (let at = 0; at < (last ? 1 : 2500); at += 1)
          say({ at: { file, at: 0 }, level: last ? 'warning' : 'note', message: `thing ${at}`, fix: 'x' });
      },
    }),
  };
  await withTree({ 'a.py': 'x\n', 'z.py': 'x\n' }, async (root) => {
    const report = await checkSource(root, { rules: [rule] });
    assert.deepEqual([report.counts.warnings, report.counts.notes], [1, 2000]);
    assert.deepEqual(report.leftOut, [
      { why: 'made.up found more than 2000 of level note', count: 500, paths: [] },
    ]);
    assert.match(report.blind ?? '', /made\.up found more than/);
  });
});

test('a folder that is none is refused', async () => {
  await assert.rejects(checkSource('/no/such/folder'), TypeError);
  assert.deepEqual(await findingsIn({ 'a.py': '' }), []);
});
