/** `bulwark check --source DIR --watch`: what is found, and then what each change of a file brings and takes away. */
import { setImmediate as soon } from 'node:timers/promises';
import { type Baseline, judgeFindings, type Judged, NO_BASELINE } from '../check/baseline.ts';
import { type Finding, placeText } from '../check/finding.ts';
import type { Level } from '../core/rule.ts';
import type { Chosen } from './check-run.ts';
import { AnsweredNo, faint, strong, type Terminal, WrongUse } from './terminal.ts';

/** As much of standard input as keys need. */
export interface Keys {
  readonly isTTY?: boolean;
  setRawMode?: (raw: boolean) => unknown;
  on: (event: 'data', listener: (bytes: Buffer) => void) => unknown;
  off: (event: 'data', listener: (bytes: Buffer) => void) => unknown;
  resume: () => unknown;
  pause: () => unknown;
}

/** What goes with it. */
export interface Watched {
  readonly keys?: Keys;
  readonly baseline?: Baseline;
}

const ORDER: readonly Level[] = ['note', 'warning', 'error'];

/**
 * Watches until somebody ends it, by `q` or by a signal.
 *
 * @throws AnsweredNo where at its end something is left at or over the level, or a waiver is past its last day
 */
export async function watchAndTell(
  { inside, flags }: Chosen,
  level: Level,
  { out, err }: Terminal,
  { keys = process.stdin, baseline = NO_BASELINE }: Watched = {},
): Promise<void> {
  const { watchSource } = await import('../check/source/watch-source.ts');
  const { source = '.' } = flags;
  const end = new AbortController();
  const onSignal = (): void => end.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  let lookAgain: () => void = () => undefined;
  const letGo = listen(keys, { quit: onSignal, again: () => lookAgain() });
  let judged: Pick<Judged, 'open' | 'expired'> = { open: [], expired: [] };
  const shown = (sign: string, finding: Finding): string =>
    `${sign} ${strong(`${finding.level.padEnd(7)} ${finding.rule}`, out)}  ${placeText(finding.where)}\n    ${finding.message}\n    ${faint(finding.fix.split('\n', 1)[0] ?? '', out)}\n`;
  try {
    await watchSource(source, {
      rules: inside,
      signal: end.signal,
      again: (look) => (lookAgain = look),
      onLook({ found, gone, all, rules }) {
        const now = new Date();
        judged = judgeFindings(all, baseline, now);
        const { open } = judged;
        const counts = ORDER.toReversed().map(
          (one) => `${open.filter((finding) => finding.level === one).length} ${one}s`,
        );
        const rest = all.length - open.length;
        const counted = (some: readonly Finding[]): readonly Finding[] =>
          judgeFindings(some, baseline, now).open;
        out.write(
          [
            ...counted(gone).map((one) => shown('-', one)),
            ...counted(found).map((one) => shown('+', one)),
          ].join(''),
        );
        out.write(
          `${counts.join(', ')}${rest === 0 ? '' : `, ${rest} known or waived`} by ${rules} rules.${keys.isTTY === true ? ' q ends, Enter looks again.' : ''}\n`,
        );
      },
    });
  } catch (cause) {
    if (cause instanceof TypeError) throw new WrongUse(cause.message, { cause });
    throw cause;
  } finally {
    letGo();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
    await soon();
  }
  err.write('No longer watching.\n');
  const bad = ORDER.slice(ORDER.indexOf(level));
  const { open, expired } = judged;
  if (expired.length > 0 || open.some((finding) => bad.includes(finding.level))) throw new AnsweredNo();
}

/** Without a terminal there are no keys: what is piped in is nobody's wish. */
function listen(keys: Keys, does: { readonly quit: () => void; readonly again: () => void }): () => void {
  if (keys.isTTY !== true || keys.setRawMode === undefined) return () => undefined;
  const onKey = (bytes: Buffer): void => {
    const key = bytes.toString('latin1');
    // Raw mode takes Ctrl+C for a letter.
    if (/^[qQ\u0003\u0004]/.test(key) || key === '\u001B') does.quit();
    else if (/^[\r\n ]/.test(key)) does.again();
  };
  keys.setRawMode(true);
  keys.on('data', onKey);
  keys.resume();
  return () => {
    keys.off('data', onKey);
    keys.setRawMode?.(false);
    keys.pause();
  };
}
