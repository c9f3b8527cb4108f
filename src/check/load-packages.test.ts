/** Rules of a made-up package: found by its name, run beside ours, and refused with the field that is wrong. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../test/support/command-run.ts';
import { withTree } from '../../test/support/made-tree.ts';
import { BadRules, type RuleSet, withPackages } from './load-packages.ts';

const FACTS = `title: 'Every file says whose it is', level: 'warning', guide: 15, asvs: [], cwe: ['CWE-1104']`;
const PACKAGE = {
  'node_modules/acme-rules/package.json':
    '{"name":"acme-rules","type":"module","exports":{".":{"import":"./rules.js"}}}',
  'node_modules/acme-rules/rules.js': `export const sourceRules = [{
  id: 'acme.owner', ${FACTS}, needs: 'source', mend: { shell: '# owner: ada' },
  start: () => ({
    reads: (path) => path.endsWith('.py'),
    look(file, say) {
      if (!file.text.startsWith('# owner:')) say({ at: { file, at: 0 }, message: 'nobody owns this file', fix: '# owner: ada' });
    },
  }),
}];
export const rules = [{
  id: 'acme.banner', ${FACTS}, needs: 'site', help: 'https://acme.example/banner',
  run: async ({ askOnce }) => ({ outcome: 'held', evidence: String((await askOnce()).status) }),
}];
`,
  'a.py': 'x = 1\n',
  'b.py': '# owner: ada\n',
};
const NONE: RuleSet = { outside: [], inside: [] };

test('a package is found by its name, its rules run, and its findings lead to no page of ours', async () => {
  await withTree(PACKAGE, async (root) => {
    const { outside, inside } = await withPackages(NONE, ['acme-rules'], root);
    assert.deepEqual(
      [...outside, ...inside].map(({ id }) => id),
      ['acme.banner', 'acme.owner'],
    );
    const path = join(root, 'node_modules/acme-rules/rules.js');
    const { code, out } = await runCommand([
      'check',
      '--source',
      root,
      '--rules',
      path,
      '--tag',
      'acme',
      '--json',
    ]);
    const { findings } = JSON.parse(out) as {
      findings: { rule: string; where: { file: string }; help?: string }[];
    };
    assert.deepEqual(
      findings.map(({ rule, where, help }) => [rule, where.file, help]),
      [['acme.owner', 'a.py', undefined]],
    );
    assert.equal(code, 1);
    assert.match((await runCommand(['explain', 'acme.owner', '--rules', path])).out, /# owner: ada/);
    assert.match((await runCommand(['check', '--list', '--rules', path])).out, /acme\.banner +warning/);
    assert.equal((await runCommand(['check', '--source', root, '--rules', 'acme-none'])).code, 2);
  });
});

test('rules that are none are refused before anything runs, by their field', async () => {
  const good = {
    id: 'acme.banner',
    title: 'A',
    level: 'note',
    guide: 1,
    asvs: [],
    cwe: [],
    needs: 'site',
    run: () => undefined,
  };
  const refusal = async (module: object, ours = NONE): Promise<string> => {
    try {
      await withPackages(ours, ['acme'], '/', async () => ({ ...module }));
    } catch (error) {
      if (error instanceof BadRules) return error.message;
      throw error;
    }
    return 'taken';
  };
  assert.equal(await refusal({ rules: [good] }), 'taken');
  for (const [change, field] of [
    [{ id: 'acme' }, /^rules of acme\[0\]: id must/],
    [{ id: "csp.<b>'" }, /id must/],
    [{ title: ' ' }, /title of acme\.banner/],
    [{ level: 'fatal' }, /level of/],
    [{ guide: 99 }, /guide of/],
    [{ asvs: ['3.4.1'] }, /asvs of/],
    [{ cwe: 'CWE-79' }, /cwe of/],
    [{ needs: 'luck' }, /needs of/],
    [{ needs: 'source' }, /goes into sourceRules/],
    [{ run: 'now' }, /run of/],
    // A report has it as a link.
    [{ help: 'javascript:alert(1)' }, /help of/],
    [{ help: 'https://acme.example/"onmouseover="alert(1)' }, /help of/],
    [{ help: 'https://acme.example/\u001b[2J' }, /help of/],
    [{ why: 3 }, /why of/],
    [{ mend: { shell: 3 } }, /mend of/],
  ] as const) {
    assert.match(await refusal({ rules: [{ ...good, ...change }] }), field, JSON.stringify(change));
  }
  assert.match(await refusal({ rules: [good, good] }), /is there twice/);
  assert.match(await refusal({}), /exports neither/);
  assert.match(await refusal({ rules: 'all' }), /is no list/);
  assert.match(await refusal({ sourceRules: [{ ...good, needs: 'source' }] }), /start of acme\.banner/);
  // What stands in a baseline under an id of ours is our word.
  const { loadEveryRule } = await import('./every-rule.ts');
  assert.match(
    await refusal({ rules: [{ ...good, id: 'csp.nothing' }] }, await loadEveryRule()),
    /csp\. is ours/,
  );
});

test('a rule of a package that goes wrong is named, ends no run, and is no pass and no finding', async () => {
  const rules = (body: string, facts = ''): string =>
    `export const sourceRules = [{ id: 'acme.one', ${FACTS}, ${facts} needs: 'source', start: () => (${body}) }];`;
  for (const [body, why] of [
    ['{ reads() { throw new Error("boom \\u001b[2J"); } }', /acme\.one of .*rules\.mjs failed: boom/],
    [
      '{ reads: () => true, look(file, say) { say({ at: { file, at: 0 }, fix: "x" }); } }',
      /message of a fault/,
    ],
    [
      '{ reads: () => true, look(file, say) { say({ at: { file, at: 0 }, message: "x" }); } }',
      /fix of a fault/,
    ],
    ['{ reads: () => true, look(file, say) { say({ message: "x", fix: "x" }); } }', /at of a fault/],
    ['{ reads: () => true, async look() { throw new Error("boom"); } }', /no promise/],
    ['{ reads: () => true, words: "x" }', /words must/],
    ['{ reads: () => true, look() { throw null; } }', /no error/],
    ['undefined', /start must/],
  ] as const) {
    await withTree({ 'a.py': 'x = 1\n', 'rules.mjs': rules(body) }, async (root) => {
      const path = join(root, 'rules.mjs');
      const argv = [
        'check',
        '--source',
        root,
        '--rules',
        path,
        '--only',
        'acme.one,source.scanned',
        '--json',
      ];
      const { code, out } = await runCommand(argv);
      const report = JSON.parse(out) as { findings: unknown[] };
      assert.deepEqual([code, report.findings], [2, []], body);
      assert.match((await runCommand(argv.slice(0, -1))).out, /acme\.one of .*rules\.mjs could not run/);
      assert.match(JSON.stringify(out), why);
      assert.doesNotMatch(out, /\u001b/);
    });
  }
});

test('a pattern with a memory sees each file, and no text of a rule writes on a terminal', async () => {
  const text = `export const sourceRules = [{ id: 'acme.one', title: 'T \\x1b[31m\\n::error::x', why: 'W \\x1b[2J', level: 'warning', guide: 15,
    asvs: [], cwe: [], needs: 'source', start: () => ({ reads: (path) => path.endsWith('.py'), words: /eval/gy,
    look: (file, say) => say({ at: { file, at: 0 }, message: 'M \\x1b[31m', fix: 'F \\x1b[2J' }) }) }];`;
  const files = { 'rules.mjs': text, 'a.py': 'x\neval(1)\n', 'b.py': 'eval(1)\n', 'c.py': 'eval(1)\n' };
  await withTree(files, async (root) => {
    const path = join(root, 'rules.mjs');
    const more = ['--rules', path, '--only', 'acme.one'];
    const { out } = await runCommand(['check', '--source', root, ...more, '--json']);
    assert.equal((JSON.parse(out) as { findings: unknown[] }).findings.length, 3);
    for (const argv of [
      ['check', '--source', root, ...more],
      ['check', '--source', root, ...more, '--verbose'],
      ['check', '--list', ...more],
      ['explain', 'acme.one', '--rules', path],
    ]) {
      const shown = (await runCommand(argv)).out;
      assert.match(shown, /T {1,2}\[31m/);
      assert.doesNotMatch(shown, /\u001b|^::error/m, argv.join(' '));
    }
  });
});

test('a policy names packages for the check, looked for from its own folder, and what it misnames is refused', async () => {
  const policy = (check: string): string => `export default { check: ${check} };`;
  const files = {
    ...PACKAGE,
    'bulwark.config.mjs': policy("{ rules: ['acme-rules'] }"),
    'path.mjs': policy("{ rules: ['./node_modules/acme-rules/rules.js'] }"),
    'none.mjs': policy("{ rules: ['acme-none'] }"),
    'abroad.mjs': policy("{ rules: ['https://acme.example/rules.js'] }"),
    'word.mjs': policy("{ rule: ['acme-rules'] }"),
    'bad/index.js': 'export const sourceRules = [{ id: "acme.bad" }];',
    'bad.mjs': policy("{ rules: ['./bad/index.js'] }"),
  };
  await withTree(files, async (root) => {
    const run = (file: string, ...more: string[]): Promise<{ code: number; out: string; err: string }> =>
      runCommand([
        'check',
        '--source',
        root,
        '--tag',
        'acme',
        '--json',
        '--policy',
        join(root, file),
        ...more,
      ]);
    for (const file of ['bulwark.config.mjs', 'path.mjs']) {
      const { code, out } = await run(file);
      const { findings } = JSON.parse(out) as { findings: { rule: string }[] };
      assert.deepEqual([code, findings.map(({ rule }) => rule)], [1, ['acme.owner']], file);
    }
    const explained = await runCommand([
      'explain',
      'acme.owner',
      '--policy',
      join(root, 'bulwark.config.mjs'),
    ]);
    assert.match(explained.out, /# owner: ada/);
    for (const [file, words] of [
      ['none.mjs', /check\.rules of .*none\.mjs: acme-none does not load/],
      ['abroad.mjs', /check\.rules.*name of a package/s],
      ['word.mjs', /check\.rule\b.*did you mean check\.rules/s],
      ['bad.mjs', /sourceRules of \.\/bad\/index\.js\[0\]: title of acme\.bad/],
      ['gone.mjs', /There is no .*gone\.mjs/],
    ] as const) {
      const { code, out, err } = await run(file);
      // Before anything is looked at.
      assert.deepEqual([code, out.includes('findings')], [2, false], file);
      assert.match(out + err, words);
    }
    // Without the policy nothing of the tree runs, whatever lies in it.
    const { code, err } = await runCommand(['check', '--source', root, '--tag', 'acme']);
    assert.equal(code, 2);
    assert.match(err, /No rule has the tag acme/);
  });
});
