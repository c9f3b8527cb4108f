/** Whether a secret is one. */
import type { Level } from '../../../core/rule.ts';
import type { Known } from '../python/values.ts';

/** What is wrong with where a secret comes from. */
export interface SecretFault {
  readonly level: Level;
  readonly message: string;
}

/** Undefined where it comes from the environment alone, or where nobody here can tell. */
export function secretFault(value: Known): SecretFault | undefined {
  if (value.kind === 'text') {
    return value.value === ''
      ? // Flask and Django sign nothing with an empty key, and say so: it is a place to fill in.
        { level: 'note', message: 'is empty: nothing that signs works until it is set' }
      : {
          level: 'error',
          message: 'stands in the source, where everybody reads it who ever sees the repository',
        };
  }
  if (value.kind === 'environment') {
    const { fallback } = value;
    if (fallback?.kind === 'text' && fallback.value !== '') {
      return { level: 'error', message: 'is a word of the source wherever the environment has none' };
    }
    return fallback?.kind === 'random'
      ? { level: 'note', message: 'is another in each process, wherever the environment has none' }
      : undefined;
  }
  return value.kind === 'random'
    ? {
        level: 'warning',
        message: 'is another in each process, and after each start: sessions of one are refused by the next',
      }
    : undefined;
}
