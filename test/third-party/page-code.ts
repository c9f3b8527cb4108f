/** The code of docs/guides/third-party-pages.md, started as it stands there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';

export const FOLDER: string = import.meta.dirname;

/** The whole page. */
export const PAGE: string = readFileSync(join(FOLDER, '../../docs/guides/third-party-pages.md'), 'utf8');

/** The blocks of code below a heading. */
export function codeOf(heading: string): readonly string[] {
  const section = PAGE.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code);
}

/** The first `csp: { ... }` in a text, or nothing. */
export function cspOf(code: string): string | undefined {
  const start = code.indexOf('csp: {');
  if (start === -1) return undefined;
  let depth = 0;
  for (let at = code.indexOf('{', start); at < code.length; at++) {
    if (code[at] === '{') depth++;
    if (code[at] === '}' && --depth === 0) return code.slice(start, at + 1);
  }
  return undefined;
}

/** An application that runs. */
export interface Application extends AsyncDisposable {
  readonly origin: string;
  /** Its working folder, which is empty but for what it makes. */
  readonly folder: string;
  /** What it has written so far, the log of the layer too. */
  readonly said: () => string;
}

/** What stands in place of the numbers of the page: any free ones. */
const PORTS = /\b(?:3000|35729)\b/g;

/** Starts it. `prepare` is called with its folder before that. */
export async function startCode(
  code: string,
  env: Readonly<Record<string, string>> = {},
  prepare: (folder: string) => void = () => undefined,
): Promise<Application> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-third-party-'));
  const second = await freePort();
  // Among the packages, so that it finds them.
  const file = join(FOLDER, 'node_modules/.applications', `${randomBytes(8).toString('hex')}.js`);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(
    file,
    code.replaceAll(PORTS, (port) => (port === '3000' ? '0' : String(second))),
  );
  prepare(folder);
  const child = spawn(process.execPath, ['--import', join(FOLDER, 'tell-port.mjs'), file], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'development',
      BULWARK_SECRET: randomBytes(32).toString('base64'),
      ...env,
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  let port: number | undefined;
  child.on('message', (told) => {
    if (typeof told === 'number' && told !== second) port = told;
  });
  const end = async (): Promise<void> => {
    await stop(child);
    rmSync(file, { force: true });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until('the application listens', () => port !== undefined || child.exitCode !== null);
    if (port === undefined) throw new Error(`the application ended: ${said}`);
  } catch (error) {
    await end();
    throw error;
  }
  return { origin: `http://localhost:${port}`, folder, said: () => said, [Symbol.asyncDispose]: end };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGKILL');
  await gone;
}
