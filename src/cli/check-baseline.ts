/** The file of `--baseline`. */
import { readFileSync } from 'node:fs';
import { BadBaseline, type Baseline, readBaseline } from '../check/baseline.ts';
import { messageOf, WrongUse } from './terminal.ts';

/**
 * Reads it.
 *
 * @throws WrongUse where there is none, or it is no baseline
 */
export function loadBaseline(path: string): Baseline {
  try {
    return readBaseline(readFileSync(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof BadBaseline)
      throw new WrongUse(`${path} is no baseline: ${cause.message}.`, { cause });
    throw new WrongUse(messageOf(cause), { cause });
  }
}
