/** The check from outside over Strongroom, which is started for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BULWARK, measure, type Turn } from './measure.ts';

const MAIN = join(import.meta.dirname, '../../examples/strongroom/main.ts');

/** What one run took. */
export async function checkStrongroom(): Promise<Turn> {
  const data = mkdtempSync(join(tmpdir(), 'bulwark-strongroom-'));
  const child = spawn(process.execPath, ['--conditions=bulwark-source', MAIN], {
    env: { ...process.env, PORT: '0', STRONGROOM_DATA: data },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const url = await addressOf(child);
    return measure([...BULWARK, 'check', url, '--active']);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('Strongroom has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /ready at (\S+)/.exec(line)?.[1];
    if (url !== undefined) return `${url.replace(/\/$/, '')}/`;
  }
  throw new Error('Strongroom did not start');
}
