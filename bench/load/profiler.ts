/** A CPU profile of this process, added up by function and by line. */
import { Session } from 'node:inspector/promises';
import type { Profiler } from 'node:inspector';
import { fileURLToPath } from 'node:url';

/** One place in the code and its share of all samples, of which idle ones are none. */
export interface Hot {
  /** Where: a path, `node:...`, or what V8 calls its own work. */
  readonly file: string;
  readonly name: string;
  /** 1-based; 0 where there is none. */
  readonly line: number;
  /** The first line of the function. */
  readonly start: number;
  readonly share: number;
}

/** A profile. Both lists have the dearest first. */
export interface Profile {
  readonly functions: readonly Hot[];
  readonly lines: readonly Hot[];
}

const INTERVAL_US = 200;

/** Starts. Call what it returns to stop and have the result. */
export async function startProfiler(): Promise<() => Promise<Profile>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return addUp(profile);
  };
}

function addUp({ nodes }: Profiler.Profile): Profile {
  const functions = new Map<string, Hot>();
  const lines = new Map<string, Hot>();
  const busy = nodes.filter(({ callFrame }) => !IDLE.has(callFrame.functionName));
  const total = busy.reduce((sum, { hitCount = 0 }) => sum + hitCount, 0);
  for (const { callFrame, hitCount = 0, positionTicks = [] } of busy) {
    const file = callFrame.url.startsWith('file:') ? fileURLToPath(callFrame.url) : callFrame.url;
    const name = callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName;
    const start = callFrame.lineNumber + 1;
    add(functions, { file, name, line: start, start, share: hitCount / total });
    for (const { line, ticks } of positionTicks)
      add(lines, { file, name, line, start, share: ticks / total });
  }
  return { functions: dearest(functions), lines: dearest(lines) };
}

const IDLE: ReadonlySet<string> = new Set(['(idle)', '(root)']);

function add(all: Map<string, Hot>, hot: Hot): void {
  const key = `${hot.file}:${hot.line}:${hot.name}`;
  all.set(key, { ...hot, share: hot.share + (all.get(key)?.share ?? 0) });
}

function dearest(all: ReadonlyMap<string, Hot>): Hot[] {
  return [...all.values()].filter(({ share }) => share > 0).sort((a, b) => b.share - a.share);
}
