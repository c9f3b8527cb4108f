/** Other scanners, each as its own documentation says that it is run, and what it says as places. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';

/** One thing that a scanner says. */
export interface Said {
  readonly id: string;
  /** From the folder that was scanned, the application first. */
  readonly file: string;
  readonly line: number;
}

/** One scanner. */
export interface Scanner {
  readonly name: string;
  /** Undefined where it is not installed. */
  readonly scan: (folder: string) => readonly Said[] | undefined;
}

const SECURITY = `import security from 'eslint-plugin-security';
export default [{ ...security.configs.recommended, files: ['**/*.js', '**/*.mjs'] }];
`;

/** Those of a folder that compare.sh has filled. */
export function scannersIn(tools: string): readonly Scanner[] {
  const python = (name: string): string => join(tools, 'venv/bin', name);
  return [
    {
      name: 'bandit',
      scan: (folder) =>
        run(python('bandit'), ['-q', '-r', '.', '-f', 'json'], folder, (said) =>
          listOf(said, 'results').map((one) => place(one['test_id'], one['filename'], one['line_number'])),
        ),
    },
    {
      name: 'ruff (S)',
      scan: (folder) =>
        run(
          python('ruff'),
          ['check', '--isolated', '--no-cache', '--select', 'S', '--output-format', 'json', '.'],
          folder,
          (said) =>
            (said as readonly Record<string, unknown>[]).map((one) =>
              place(one['code'], relative(folder, String(one['filename'])), (one['location'] as Row).row),
            ),
        ),
    },
    {
      name: 'detect-secrets',
      scan: (folder) =>
        run(python('detect-secrets'), ['scan', '--all-files', '.'], folder, (said) =>
          Object.entries(
            (said as { readonly results: Record<string, readonly Record<string, unknown>[]> }).results,
          ).flatMap(([file, all]) => all.map((one) => place(one['type'], file, one['line_number']))),
        ),
    },
    {
      name: 'eslint-plugin-security',
      scan: (folder) => {
        const config = join(tools, 'eslint.config.mjs');
        writeFileSync(config, SECURITY);
        return run(
          join(tools, 'node_modules/.bin/eslint'),
          ['-c', config, '-f', 'json', '.'],
          folder,
          (said) =>
            (said as readonly Record<string, unknown>[]).flatMap((file) =>
              listOf(file, 'messages').map((one) =>
                place(one['ruleId'], relative(folder, String(file['filePath'])), one['line']),
              ),
            ),
        );
      },
    },
    {
      // semgrep ships no rule; these are semgrep's over Node.js, shipped by njsscan.
      name: 'semgrep (njsscan)',
      scan: (folder) =>
        run(python('njsscan'), ['--json', '.'], folder, (said) =>
          ['nodejs', 'templates'].flatMap((part) =>
            Object.entries(
              (said as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[part] ?? {},
            ).flatMap(([id, rule]) =>
              listOf(rule, 'files').map((one) =>
                // The last line is where it happens; the first is where what it is about was declared.
                place(id, one['file_path'], (one['match_lines'] as readonly number[])[1]),
              ),
            ),
          ),
        ),
    },
    {
      name: 'gitleaks',
      scan: (folder) => {
        const report = join(tools, 'gitleaks.json');
        const args = [
          'dir',
          '.',
          '--report-format',
          'json',
          '--report-path',
          report,
          '--exit-code',
          '0',
          '--no-banner',
        ];
        return run(
          python('gitleaks'),
          args,
          folder,
          (said) =>
            (said as readonly Record<string, unknown>[]).map((one) =>
              place(one['RuleID'], one['File'], one['StartLine']),
            ),
          report,
        );
      },
    },
    {
      name: 'hadolint',
      scan: (folder) =>
        run(
          python('hadolint'),
          ['--no-fail', '-f', 'json', ...globSync('**/*Dockerfile', { cwd: folder })],
          folder,
          (said) =>
            (said as readonly Record<string, unknown>[]).map((one) =>
              place(one['code'], one['file'], one['line']),
            ),
        ),
    },
    {
      name: 'dockerfilelint',
      scan: (folder) =>
        run(
          join(tools, 'node_modules/.bin/dockerfilelint'),
          ['-o', 'json', ...globSync('**/*Dockerfile', { cwd: folder })],
          folder,
          (said) =>
            listOf(said, 'files').flatMap((file) =>
              listOf(file, 'issues').map((one) => place(one['title'], file['file'], one['line'])),
            ),
        ),
    },
  ];
}

interface Row {
  readonly row: number;
}

/** What one says, on its standard output or in a report. */
function run(
  program: string,
  args: readonly string[],
  folder: string,
  read: (said: unknown) => readonly Said[],
  report?: string,
): readonly Said[] | undefined {
  if (!existsSync(program)) return undefined;
  const { stdout } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
    // njsscan starts semgrep by its name.
    env: {
      ...process.env,
      PATH: [dirname(program), process.env['PATH']].join(delimiter),
      SEMGREP_SEND_METRICS: 'off',
    },
  });
  return read(JSON.parse(report === undefined ? stdout : readFileSync(report, 'utf8')));
}

function listOf(said: unknown, key: string): readonly Record<string, unknown>[] {
  return (said as Record<string, readonly Record<string, unknown>[]>)[key] ?? [];
}

function place(id: unknown, file: unknown, line: unknown): Said {
  return { id: String(id), file: String(file).replace(/^\.\//, ''), line: Number(line) };
}
