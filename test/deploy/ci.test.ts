/** What stands in deploy/ci, run as far as it runs without its host: the scripts in it, over a tree and a site, with the built command in the place of `npx`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const CI = join(ROOT, 'deploy/ci');
const GOOD = 'import os\n\nNAME = os.environ["NAME"]\n';
const BAD =
  'from flask import Flask, request\napp = Flask(__name__)\n\n@app.route("/x")\ndef x():\n    return str(eval(request.args["q"]))\n';

let folder: string;
let bin: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-ci-'));
  bin = join(folder, 'bin');
  mkdirSync(bin);
  // The registry has no package of this name yet: the sources stand in for it, and for nothing else.
  const command = `exec '${process.execPath}' --conditions=bulwark-source '${join(ROOT, 'src/cli/bulwark.ts')}' "$@"`;
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\ncase "$2" in bulwark*) shift 2 ;; *) exit 97 ;; esac\n${command}\n`,
  );
  chmodSync(join(bin, 'npx'), 0o755);
});
after(() => rmSync(folder, { recursive: true }));

function tree(name: string, source: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'app.py'), source);
  return path;
}

function run(
  shell: string,
  script: string,
  cwd: string,
  more: Readonly<Record<string, string>>,
): { status: number | null; text: string } {
  const env = { ...process.env, ...more, PATH: `${bin}:${process.env['PATH']}` };
  const { status, stdout, stderr } = spawnSync(shell, ['-eu', '-c', script], {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, text: `${stdout}${stderr}` };
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: {
    readonly using: string;
    readonly steps: readonly { readonly run: string; readonly env: Readonly<Record<string, string>> }[];
  };
}

/** As GitHub fills in what an input is. */
function runAction(
  cwd: string,
  inputs: Readonly<Record<string, string>>,
): { status: number | null; text: string; outputs: string } {
  const action = parse(readFileSync(join(CI, 'action.yml'), 'utf8')) as Action;
  const [step] = action.runs.steps;
  assert.ok(step !== undefined && action.runs.using === 'composite');
  assert.doesNotMatch(step.run, /\$\{\{/, 'no input stands in the text of a script');
  const env = Object.fromEntries(
    Object.entries(step.env).map(([name, value]) => {
      const input = /inputs\.([\w-]+)/.exec(value)?.[1] ?? '';
      assert.ok(input in action.inputs, input);
      return [name, inputs[input] ?? action.inputs[input]?.default ?? ''];
    }),
  );
  const output = join(cwd, 'github-output');
  writeFileSync(output, '');
  const ended = run('bash', step.run, cwd, { ...env, GITHUB_OUTPUT: output, RUNNER_TEMP: join(cwd, 'temp') });
  return { ...ended, outputs: readFileSync(output, 'utf8') };
}

test('the action fails on a finding, passes without one, and says where its reports are', () => {
  const bad = runAction(tree('action-bad', BAD), { source: '.' });
  assert.equal(bad.status, 1, bad.text);
  const sarif = /^sarif=(.+)$/m.exec(bad.outputs)?.[1] ?? '';
  assert.ok(existsSync(sarif) && existsSync(sarif.replace('.sarif', '.html')));
  assert.equal((JSON.parse(readFileSync(sarif, 'utf8')) as { version: string }).version, '2.1.0');
  const good = runAction(tree('action-good', GOOD), { source: '.', 'fail-level': 'error' });
  assert.equal(good.status, 0, good.text);
});

test('the action ends with 2 where it could not run, and takes no option from an input', () => {
  assert.equal(runAction(tree('action-none', GOOD), {}).status, 2);
  const odd = runAction(tree('action-odd', GOOD), { url: '--list' });
  assert.equal(odd.status, 2, odd.text);
  assert.equal(
    runAction(tree('action-version', GOOD), { source: '.', url: 'http://127.0.0.1:9/"; touch owned; "' })
      .status,
    2,
  );
  assert.equal(existsSync(join(folder, 'action-version/owned')), false);
});

test('the template of GitLab does the same, and leaves JUnit', () => {
  const { 'bulwark-check': job } = parse(readFileSync(join(CI, 'gitlab.yml'), 'utf8')) as Record<
    string,
    {
      script: readonly string[];
      variables: Record<string, string>;
      artifacts: { reports: { junit: string } };
    }
  >;
  assert.ok(job !== undefined);
  const bad = tree('gitlab-bad', BAD);
  assert.equal(run('sh', job.script.join('\n'), bad, job.variables).status, 1);
  assert.match(readFileSync(join(bad, job.artifacts.reports.junit), 'utf8'), /<testsuites .*<failure /s);
  const good = run('sh', job.script.join('\n'), tree('gitlab-good', GOOD), {
    ...job.variables,
    CHECK_FAIL_LEVEL: 'error',
  });
  assert.equal(good.status, 0, good.text);
});

test('the hook lets no commit through with an error in it, and says when it could not look', () => {
  const repository = tree('hook', BAD);
  const git = (...argv: readonly string[]): { status: number | null; text: string } => {
    const { status, stdout, stderr } = spawnSync(
      'git',
      ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...argv],
      { cwd: repository, env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` }, encoding: 'utf8' },
    );
    return { status, text: `${stdout}${stderr}` };
  };
  git('init', '-q');
  writeFileSync(join(repository, '.git/hooks/pre-commit'), readFileSync(join(CI, 'pre-commit')), {
    mode: 0o755,
  });
  git('add', 'app.py');
  const refused = git('commit', '-q', '-m', 'x');
  assert.equal(refused.status, 1, refused.text);
  assert.match(refused.text, /app\.py:6/);
  writeFileSync(join(repository, 'app.py'), GOOD);
  git('add', 'app.py');
  const taken = git('commit', '-q', '-m', 'x');
  assert.equal(taken.status, 0, taken.text);
  const hooks = parse(readFileSync(join(CI, 'pre-commit-hooks.yaml'), 'utf8')) as readonly {
    id: string;
    entry: string;
  }[];
  assert.match(hooks[0]?.entry ?? '', /bulwark check --source \./);
});
