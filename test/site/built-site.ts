/** The site, built once and served by its own server: what a reader of it meets. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const LONGEST_MS = 240_000;

/** A site that is served. */
export interface BuiltSite {
  readonly url: string;
  /** Every file by its path on the site; pages of folders end with a slash. */
  readonly files: ReadonlyMap<string, string>;
  readonly stop: () => Promise<void>;
}

/** Runs `npm run site` and `npm run site:serve`, as the README has them. */
export async function buildSite(): Promise<BuiltSite> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-site-'));
  const built = spawnSync('npm', ['run', '--silent', 'site', '--', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: LONGEST_MS,
  });
  if (built.status !== 0) throw new Error(`the site was not built:\n${built.stdout}${built.stderr}`);
  const server = spawn('node', ['--conditions=bulwark-source', 'site/serve.ts', folder], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], PORT: '0', NODE_NO_WARNINGS: '1' },
  });
  return {
    url: await urlOf(server.stdout),
    files: readFiles(folder),
    stop: async () => {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

/** What it says later is read too, and not looked at: a full pipe would stop it. */
function urlOf(output: NodeJS.ReadableStream): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    output.on('data', (piece: Buffer) => {
      said += String(piece);
      const url = /The site is at (http:\S+?)\/\n/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    output.once('end', () => reject(new Error(`the server ended: ${said}`)));
  });
}

function readFiles(folder: string): ReadonlyMap<string, string> {
  const names = globSync('**/*.*', { cwd: folder }).concat(globSync('**/.*.html', { cwd: folder }));
  return new Map(
    names.map((name) => {
      const path = `/${name.replaceAll('\\', '/')}`.replace(/\/index\.html$/, '/');
      return [path, /\.(?:png|json)$/.test(name) ? '' : readFileSync(join(folder, name), 'utf8')];
    }),
  );
}
