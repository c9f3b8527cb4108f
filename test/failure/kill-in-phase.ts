/** A process of files that is killed (SIGKILL) in a phase, from both sides. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts a file of this folder, waits until it is in the phase, and kills it there. Returns what it said before, from JSON. */
export async function killInPhase(file: string, phase: string, folder: string): Promise<unknown> {
  const child = spawn(process.execPath, ['--conditions=bulwark-source', join(import.meta.dirname, file)], {
    env: { PATH: process.env['PATH'] ?? '', PHASE: phase, FOLDER: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (line === 'there') child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.deepEqual([said[1], child.signalCode], ['there', 'SIGKILL'], `the phase "${phase}" was never there`);
  return JSON.parse(said[0] ?? '[]');
}

/** In the process that is killed: says that it is there, and goes on no more. */
export async function thereForGood(): Promise<void> {
  process.stdout.write('there\n');
  // Something to wait for, or the process would end by itself.
  await new Promise(() => setInterval(() => undefined, 1000));
}

/** Names of files of bytes: those of the database are beside their folders. */
export function bytesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.includes('/') && statSync(join(folder, name)).isFile(),
  );
}
