/** A whole Strongroom in a process of its own, as `npm start` runs it, on a free port and in an empty directory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const DIRECTORY = join(import.meta.dirname, '..');
const START_MS = 20_000;

/** A started program. */
export interface RunningProgram {
  readonly url: string;
  readonly data: string;
  /** Sends SIGTERM and waits. Returns the exit code. */
  readonly stop: () => Promise<number | null>;
}

/** What a program that ended said. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** An empty directory, and a function that removes it. */
export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'strongroom-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts Strongroom and waits until it says that it is ready. */
export async function startProgram(
  data: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningProgram> {
  const child = launch('main.ts', [], { PORT: '0', STRONGROOM_DATA: data, ...environment });
  const said: string[] = [];
  child.stderr?.on('data', (text: Buffer) => said.push(text.toString()));
  const url = await readyUrl(child, said);
  child.stdout?.resume();
  const stop = async (): Promise<number | null> => {
    if (child.exitCode !== null) return child.exitCode;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    return child.exitCode;
  };
  return { url, data, stop };
}

/** Runs one of Strongroom's files to its end. */
export async function runToEnd(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input = '',
): Promise<Ended> {
  const child = launch(file, args, environment);
  let out = '';
  let err = '';
  child.stdout?.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
  child.stdin?.end(input);
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}

function launch(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  return spawn(process.execPath, ['--conditions=bulwark-source', join(DIRECTORY, file), ...args], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: 'pipe',
  });
}

async function readyUrl(child: ChildProcess, said: readonly string[]): Promise<string> {
  if (child.stdout === null) throw new Error('the program has no output');
  const late = setTimeout(() => child.kill('SIGKILL'), START_MS);
  const lines = createInterface(child.stdout);
  try {
    for await (const line of lines) {
      const url = /^Strongroom is ready at (\S+)/.exec(line)?.[1];
      if (url !== undefined) return url;
    }
  } finally {
    clearTimeout(late);
  }
  throw new Error(`Strongroom did not start:\n${said.join('')}`);
}
