/** The package as it is published, and folders in which somebody has installed it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The tarball, in a folder of its own. */
export class Tarball {
  readonly #folder = mkdtempSync(join(tmpdir(), 'consumers-'));
  #file = '';

  /** Its path, once it is packed. */
  get file(): string {
    return this.#file;
  }

  /** What was built for it. */
  get dist(): string {
    return join(this.#folder, 'package/dist');
  }

  /** The package as `npm publish` would have it, built apart from `dist/`, which other checks write. */
  pack(): void {
    const staging = join(this.#folder, 'package');
    mkdirSync(staging);
    for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'src', 'docs'])
      cpSync(join(ROOT, name), join(staging, name), { recursive: true });
    run(ROOT, 'node', ['tools/build.ts', join(staging, 'dist')]);
    const [packed] = JSON.parse(
      run(staging, 'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', this.#folder]),
    ) as [{ filename: string }];
    this.#file = join(this.#folder, packed.filename);
  }

  /** Packs another package of this repository, which is published as it stands. Returns where it is. */
  packBeside(folder: string): string {
    const options = ['--json', '--ignore-scripts', '--pack-destination', this.#folder];
    const [packed] = JSON.parse(run(join(ROOT, folder), 'npm', ['pack', ...options])) as [
      { filename: string },
    ];
    return join(this.#folder, packed.filename);
  }

  /** Installs it and other packages in a folder of their own. Strict peers: a version we do not promise is an error. */
  install(name: string, packages: readonly string[]): string {
    const home = join(this.#folder, name.replaceAll(/[^\w.]+/g, '-'));
    mkdirSync(home);
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--strict-peer-deps', '--save-exact'];
    run(home, 'npm', ['install', ...options, this.#file, ...packages]);
    return home;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Runs a program to its end. Fails with all that it said. */
export function run(cwd: string, program: string, args: readonly string[]): string {
  try {
    // Told that it runs within a test, `node --test` runs none, and says that all is well.
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    return assert.fail(`${program} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}`);
  }
}
