/** Other scanners, each as its own documentation says that it is run, and what it says as places. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

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
  ];
}

interface Row {
  readonly row: number;
}

function run(
  program: string,
  args: readonly string[],
  folder: string,
  read: (said: unknown) => readonly Said[],
): readonly Said[] | undefined {
  if (!existsSync(program)) return undefined;
  const { stdout } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
  return read(JSON.parse(stdout));
}

function listOf(said: unknown, key: string): readonly Record<string, unknown>[] {
  return (said as Record<string, readonly Record<string, unknown>[]>)[key] ?? [];
}

function place(id: unknown, file: unknown, line: unknown): Said {
  return { id: String(id), file: String(file).replace(/^\.\//, ''), line: Number(line) };
}
