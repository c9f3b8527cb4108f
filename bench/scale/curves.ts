/** The curves of scale: what is measured, and at which sizes. Each point is a process of its own. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { onCore, SERVER_CORE } from '../load/cores.ts';
import { Progress } from '../report/progress.ts';
import { LIMITERS } from './limiters.ts';
import { SESSION_SUBJECTS } from './sessions.ts';

/** Which curve. */
export type CurveName = 'limiter' | 'flood' | 'sessions' | 'routes';

/** What was seen at one size. */
export interface Point {
  readonly size: number;
  /** Nanoseconds of one decision or look-up. */
  readonly ns?: number;
  readonly bytesPerKey?: number;
  readonly stillBlocked?: boolean;
  readonly grownBytes?: number;
}

/** One subject of a curve. */
export interface Curve {
  readonly curve: CurveName;
  readonly subject: string;
  readonly points: readonly Point[];
}

const FLOOD = 1_000_000;
const QUICK_MOST = 100_000;
/** Small points of ours are measured so often; the fastest counts, since noise only adds. */
const RUNS = 2;

/** Draws every curve. */
export function drawCurves(quick: boolean): readonly Curve[] {
  const plans = PLANS.map(({ curve, subject, sizes }) => ({
    curve,
    subject,
    sizes: quick ? sizes.filter((size) => size <= QUICK_MOST || curve === 'flood') : sizes,
  }));
  const progress = new Progress('points of curves');
  const total = plans.reduce((sum, { sizes }) => sum + sizes.length, 0);
  let done = 0;
  return plans.map(({ curve, subject, sizes }) => {
    const points = sizes.map((size) => {
      progress.report(done, total);
      done += 1;
      return bestOf(quick || size > QUICK_MOST || !subject.startsWith('bulwark') ? 1 : RUNS, () =>
        runPoint(curve, subject, size),
      );
    });
    if (done === total) progress.report(done, total);
    return { curve, subject, points };
  });
}

/** Which routes are asked for: with all of them at random, what is not in a cache of the processor counts too. */
export const TEN_ROUTES = 'bulwark, ten of them asked';
const ROUTE_SUBJECTS = [TEN_ROUTES, 'bulwark, all of them asked'] as const;

interface Plan {
  readonly curve: CurveName;
  readonly subject: string;
  readonly sizes: readonly number[];
}

const PLANS: readonly Plan[] = [
  ...LIMITERS.map(({ name, most }) => ({ curve: 'limiter', subject: name, sizes: powers(3, most) }) as const),
  ...LIMITERS.map(({ name }) => ({ curve: 'flood', subject: name, sizes: [FLOOD] }) as const),
  ...SESSION_SUBJECTS.map(
    ({ name, most }) => ({ curve: 'sessions', subject: name, sizes: powers(3, most) }) as const,
  ),
  ...ROUTE_SUBJECTS.map((subject) => ({ curve: 'routes', subject, sizes: powers(1, 10_000) }) as const),
];

function powers(first: number, most: number): number[] {
  const last = Math.round(Math.log10(most));
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
}

function bestOf(runs: number, run: () => Point): Point {
  const points = Array.from({ length: runs }, run);
  return points.reduce((best, point) => ((point.ns ?? 0) < (best.ns ?? 0) ? point : best));
}

function runPoint(curve: CurveName, subject: string, size: number): Point {
  const script = join(import.meta.dirname, 'child.ts');
  const options = [
    '--conditions=bulwark-source',
    '--expose-gc',
    '--max-old-space-size=8192',
    '--no-warnings',
  ];
  const command = onCore(SERVER_CORE, [process.execPath, ...options, script, curve, subject, String(size)]);
  const [program = '', ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${curve} of ${subject} at ${size} ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout) as Point;
}
