/** A program in a process that nothing has warmed up. */
import { execFileSync, spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { onCore, SERVER_CORE } from './cores.ts';

/** What one start took, in milliseconds: from its beginning to its end, and of CPU time. */
export interface Start {
  readonly wall: number;
  readonly cpu: number;
}

/** Builds the package of a checkout as it is published. */
export function buildPackage(root: string): void {
  const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  const env = { ...process.env, PATH: path };
  execFileSync(process.execPath, ['tools/build.ts'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
}

/** Runs a program with what the bench of a checkout can import, of the package as it was built. */
export function coldStart(code: string, root: string): Start {
  const arguments_ = ['--input-type=module', '--eval', `${code}\n${TELL_CPU}`];
  const [program = '', ...args] = onCore(SERVER_CORE, [process.execPath, ...arguments_]);
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: join(root, 'bench'),
    env: { ...process.env, NODE_ENV: 'production' },
    encoding: 'utf8',
  });
  const wall = performance.now() - started;
  if (status !== 0) throw new Error(`a cold start failed with ${status}:\n${code}\n${stderr}`);
  const { user, system } = JSON.parse(stdout.split('\n').at(-1) ?? '') as NodeJS.CpuUsage;
  return { wall, cpu: (user + system) / 1000 };
}

const TELL_CPU = `process.once('exit', () => process.stdout.write(JSON.stringify(process.cpuUsage())));`;
