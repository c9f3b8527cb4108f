/** Which core does what, so that load and server do not take each other's time. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Runs the servers, one of which works at a time. */
export const SERVER_CORE = 0;
/** Runs Redis, and the load of all that is not timed by CPU. */
export const LOAD_CORE = 1;

/** A command, held to a core. Undefined: to none. */
export function onCore(core: number | undefined, command: readonly string[]): string[] {
  if (core === undefined) return [...command];
  return ['taskset', '--cpu-list', String(core), ...command];
}

/** What is missing to measure on this machine, as a line for a person; undefined where nothing is. */
export function missingForLoad(): string | undefined {
  if (availableParallelism() < 2) return 'This takes two cores: one for the server, one for the load.';
  return missingOf(PROGRAMS);
}

/** The same, for counts of instructions. */
export function missingForInstructions(): string | undefined {
  return missingOf([['valgrind', 'valgrind', 'counts instructions']]);
}

function missingOf(programs: typeof PROGRAMS): string | undefined {
  const missing = programs.filter(([program]) => spawnSync(program, ['--version']).error !== undefined);
  if (missing.length === 0) return undefined;
  const names = missing.map(([program, , why]) => `${program} (${why})`).join(', ');
  const packages = missing.map(([, name]) => name).join(' ');
  return `Missing: ${names}. On Debian or Ubuntu: sudo apt-get install ${packages}`;
}

const PROGRAMS: readonly (readonly [program: string, debianPackage: string, why: string])[] = [
  ['wrk', 'wrk', 'makes the load'],
  ['taskset', 'util-linux', 'holds server and load to a core each'],
  ['redis-server', 'redis-server', 'for the stacks on Redis'],
];
