/** Programs in processes of their own: what CPU time and memory each took, start included. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Asked through Python, which says what its children have used; bandit needs it anyway. */
const MEASURE = `import resource, subprocess, sys, time
begin = time.monotonic()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, time.monotonic() - begin)`;

/** One turn. */
export interface Turn {
  /** Of the CPU, user and system. */
  readonly seconds: number;
  readonly megabytes: number;
  /** By the clock. */
  readonly elapsed: number;
}

/** The command as users have it, from source. */
export const BULWARK: readonly string[] = [
  process.execPath,
  '--conditions=bulwark-source',
  join(import.meta.dirname, '../../src/cli/bulwark.ts'),
];

/** Runs one, and waits. */
export function measure(command: readonly string[]): Turn {
  const { stdout } = spawnSync('python3', ['-c', MEASURE, ...command], { encoding: 'utf8' });
  const [seconds = Number.NaN, kilobytes = Number.NaN, elapsed = Number.NaN] = stdout
    .trim()
    .split(' ')
    .map(Number);
  return { seconds, megabytes: kilobytes / 1024, elapsed };
}

/** The quickest: what else the machine does makes none quicker. */
export function best(turns: readonly Turn[]): Turn {
  const [first, ...rest] = turns;
  if (first === undefined) throw new Error('no turn was taken');
  return rest.reduce((one, other) => (other.seconds < one.seconds ? other : one), first);
}
