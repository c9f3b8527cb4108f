/** Modules of whoever calls a command: running them runs their code, with whatever it prints and leaves open. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { importQuietly } from '../policy/quiet-import.ts';
import { Failed, WrongUse } from './terminal.ts';

/**
 * What a module exports.
 *
 * @throws WrongUse where there is no such file, Failed where it does not run
 */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const file = resolve(path);
  if (!existsSync(file)) throw new WrongUse(`There is no ${path}.`);
  try {
    return await importQuietly(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failed(`${path} does not load: ${reason}`, { cause });
  }
}

/** Does a work whose output is not the command's: what it prints goes to standard error. */
export async function printingAside<T>(work: () => Promise<T>): Promise<T> {
  const { stdout, stderr } = process;
  const before = Object.getOwnPropertyDescriptor(stdout, 'write');
  stdout.write = stderr.write.bind(stderr);
  try {
    return await work();
  } finally {
    // Usually there is none, and the method is the stream's own again.
    if (before === undefined) Reflect.deleteProperty(stdout, 'write');
    else Object.defineProperty(stdout, 'write', before);
  }
}
