/** Settings of a policy as an operator may see them: what is secret, and what could be, is only said to be set. */
import { isPlainObject, type OptionSpec } from '../core/options.ts';
import { showRate } from '../core/rate.ts';
import { showDuration, showSize } from '../core/readers.ts';
import type { Redactor } from '../audit/redact.ts';

/** What stands in the place of what is not shown. */
export const SET = '(set)';

const LONGEST = 200;
const MOST_ENTRIES = 12;
const DEEPEST = 4;

/** A value as it is in force. Amounts are written in the unit in which a policy writes them. */
export function settingText(
  value: unknown,
  name: string,
  { example, table, secret }: Pick<OptionSpec<unknown>, 'example' | 'table' | 'secret'>,
  redactor: Redactor,
): string {
  if (secret === true) return namesOnly(value);
  if (typeof value === 'number' && table === undefined) {
    if (/'\d+(?:ms|s|m|h|d)'/.test(example) && value > 0) return `'${showDuration(value)}'`;
    if (/'\d+(?:B|KB|MB|GB)'/.test(example) && value > 0) return `'${showSize(value)}'`;
  }
  return plainText(value, name, redactor, 0);
}

/** Whoever sets a header of a receiver names it as they please: no list of names knows which of them lets somebody in. */
function namesOnly(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  if (!isPlainObject(value)) return SET;
  const names = Object.keys(value);
  return names.length === 0 ? '{}' : `{ ${names.map((name) => `${name}: ${SET}`).join(', ')} }`;
}

/** Any value, by what it is: nothing is shown that is no plain datum. */
export function plainText(value: unknown, name: string, redactor: Redactor, depth: number): string {
  if (value === undefined || value === null) return 'none';
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return stringText(value, name, redactor);
  if (depth >= DEEPEST) return SET;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const shown = value.slice(0, MOST_ENTRIES).map((one) => plainText(one, name, redactor, depth + 1));
    return `[${shown.join(', ')}${value.length > MOST_ENTRIES ? `, and ${value.length - MOST_ENTRIES} more` : ''}]`;
  }
  if (!isPlainObject(value) || Object.values(value).some((one) => typeof one === 'function')) return SET;
  const { count, windowMs } = value;
  if (typeof count === 'number' && typeof windowMs === 'number' && Object.keys(value).length === 2)
    return `'${showRate({ count, windowMs })}'`;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  const shown = entries
    .slice(0, MOST_ENTRIES)
    .map(([key, one]) => `${key}: ${plainText(one, key, redactor, depth + 1)}`);
  if (entries.length > MOST_ENTRIES) shown.push(`and ${entries.length - MOST_ENTRIES} more`);
  return shown.length === 0 ? '{}' : `{ ${shown.join(', ')} }`;
}

/** An address is cut to its origin: what stands behind it may let somebody in, as that of a chat's hook does. */
function stringText(value: string, name: string, redactor: Redactor): string {
  if (redactor.hides(name) || value.length > LONGEST || /[\n\r]/.test(value)) return SET;
  if (!value.includes('://')) return `'${value}'`;
  if (!URL.canParse(value)) return SET;
  const { protocol, host } = new URL(value);
  return `'${protocol}//${host}'`;
}
