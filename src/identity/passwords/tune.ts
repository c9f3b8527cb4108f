/**
 * What a hash should cost on this machine: as much as a sign-in can wait for, since whoever guesses pays it for every
 * guess. Memory first, which is what graphics cards have least of for each of their cores; then passes.
 */
import { availableParallelism, totalmem } from 'node:os';
import { showSize, type Size } from '../../core/readers.ts';
import { argon2Engine } from './argon2.ts';
import { defaultConcurrency } from './hash-queue.ts';
import { hashPassword } from './password-hash.ts';
import type { PasswordsOptions } from './passwords.options.ts';
import { type Argon2Cost, MAX_MEMORY_KIB, MAX_PASSES, OWASP_MINIMUM } from './phc-string.ts';

/** The machine, and what one hash takes on it. */
export interface TuneFacts {
  /** Milliseconds that a hash may take while as many run as will. */
  readonly target: number;
  /** Hashes at once. */
  readonly concurrency: number;
  /** Bytes of memory that this process may have. */
  readonly memory: number;
  /** Milliseconds of one hash at a cost, while `concurrency` of them run. */
  readonly measure: (cost: Argon2Cost) => Promise<number>;
}

/** What was found. */
export interface Tuning {
  /** What to give to `Passwords.of`. */
  readonly options: Required<Pick<PasswordsOptions, 'memory' | 'passes' | 'parallelism' | 'waiting'>>;
  /** Milliseconds of one hash at that cost, as measured. */
  readonly milliseconds: number;
  /** Sign-ins this process can verify in a second, at most. */
  readonly perSecond: number;
  /**
   * `minimum`: even the least that is allowed takes longer than the target. `bounds`: the most that is allowed takes
   * less. `none`: the target decided.
   */
  readonly limit: 'none' | 'minimum' | 'bounds';
}

/** What a sign-in may wait for by default: a quarter of a second is noticed and not minded. */
export const DEFAULT_TARGET_MS = 250;

/** All hashes at once may take this part of the memory: the rest is the application's. */
const MEMORY_SHARE = 1 / 8;
/** Whoever is last in line waits so long at most. */
const LONGEST_WAIT_MS = 2000;
const MOST_WAITING = 64;
const STEP_KIB = 1024;
const ATTEMPTS = 6;
/** Close enough to the target from below; and where to aim after having been above it. */
const CAUTION = 0.93;

/**
 * Finds the dearest cost that stays within the target. Never below OWASP's minimum, whatever the machine, and never
 * above what a stored hash may ask for.
 */
export async function tune(facts: TuneFacts): Promise<Tuning> {
  const share = Math.floor((facts.memory * MEMORY_SHARE) / facts.concurrency / 1024);
  const mostMemory = Math.max(OWASP_MINIMUM.memory, Math.min(MAX_MEMORY_KIB, share));
  let cost = OWASP_MINIMUM;
  let milliseconds = await facts.measure(cost);
  if (milliseconds >= facts.target) return tuning(cost, milliseconds, facts, 'minimum');

  // Time grows with memory times passes, nearly: a step that is aimed, and a few that correct it.
  let best = { cost, milliseconds };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const aimedBelow = milliseconds > facts.target ? CAUTION : 1;
    const next = aim(cost, (aimedBelow * facts.target) / milliseconds, mostMemory);
    if (next.memory === cost.memory && next.passes === cost.passes) break;
    cost = next;
    milliseconds = await facts.measure(cost);
    const isBetter = milliseconds <= facts.target && workOf(cost) > workOf(best.cost);
    if (isBetter) best = { cost, milliseconds };
    if (isBetter && milliseconds > CAUTION * facts.target) break;
  }
  return tuning(best.cost, best.milliseconds, facts, limitOf(best.cost));
}

/** This machine, measured as it is now. Anything else that runs makes the result cheaper than it could be. */
export function measureHere(target: number): TuneFacts {
  const concurrency = defaultConcurrency();
  return { target, concurrency, memory: memoryHere(), measure: (cost) => measure(cost, concurrency) };
}

/** What computes, on what: for the report. */
export function describeMachine(): {
  readonly engine: string;
  readonly cores: number;
  readonly memory: number;
} {
  return { engine: argon2Engine().name, cores: availableParallelism(), memory: memoryHere() };
}

/** What this process may have: a container's limit where there is one. */
function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

/** The middle of three rounds, each of as many hashes as run at once. The first round warms up and is not counted. */
async function measure(cost: Argon2Cost, concurrency: number): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const started = performance.now();
    await Promise.all(Array.from({ length: concurrency }, () => hashPassword('a password of no one', cost)));
    if (round > 0) rounds.push(performance.now() - started);
  }
  return rounds.sort((a, b) => a - b)[1] ?? Number.POSITIVE_INFINITY;
}

/** A cost so many times as dear: more memory while there is some, then more passes. */
function aim(cost: Argon2Cost, factor: number, mostMemory: number): Argon2Cost {
  const work = workOf(cost) * factor;
  const { passes: fewest, memory: least, parallelism } = OWASP_MINIMUM;
  const passes = clamp(Math.floor(work / mostMemory), fewest, MAX_PASSES);
  const memory = clamp(Math.floor(work / passes / STEP_KIB) * STEP_KIB, least, mostMemory);
  return { memory, passes, parallelism };
}

function limitOf(cost: Argon2Cost): Tuning['limit'] {
  return cost.memory === MAX_MEMORY_KIB && cost.passes === MAX_PASSES ? 'bounds' : 'none';
}

function tuning(
  { memory, passes, parallelism }: Argon2Cost,
  milliseconds: number,
  { concurrency }: TuneFacts,
  limit: Tuning['limit'],
): Tuning {
  const perSecond = (1000 * concurrency) / milliseconds;
  const waiting = clamp(Math.floor((LONGEST_WAIT_MS / 1000) * perSecond), concurrency, MOST_WAITING);
  const options = { memory: showSize(memory * 1024) as Size, passes, parallelism, waiting };
  return { options, milliseconds, perSecond, limit };
}

function workOf({ memory, passes }: Argon2Cost): number {
  return memory * passes;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
