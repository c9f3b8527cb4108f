/**
 * The short way of `safeJson`: most events are plain objects of short plain texts, in which there is nothing to escape, to redact
 * or to cut. What is anything else goes the long way, which writes these the same.
 */
import { types } from 'node:util';
import { mayHoldSecret, type Redactor } from './redact.ts';

const PLAIN = /^[\w ./:@%*+-]{0,200}$/;
const NAME = /^\w{1,40}$/;
const MOST_ENTRIES = 30;
const DEEPEST = 2;
const MOST_NAMES = 1000;

/** JSON of a plain value. Undefined: it is none. */
export function plainJson(value: unknown, redactor: Redactor): string | undefined {
  try {
    return objectJson(value, redactor, 0);
  } catch {
    // A getter that throws: the long way names it.
    return undefined;
  }
}

function objectJson(value: unknown, redactor: Redactor, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null || depth === DEEPEST) return undefined;
  if (types.isProxy(value) || Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value)
    return undefined;
  const names = Object.keys(value);
  if (names.length > MOST_ENTRIES) return undefined;
  let text = '';
  for (const name of names) {
    const one = (value as Readonly<Record<string, unknown>>)[name];
    if (one === undefined) continue;
    const start = redactor.plainNames.get(name) ?? plainName(name, redactor);
    const json = start === undefined ? undefined : valueJson(one, redactor, depth);
    if (json === undefined) return undefined;
    text += start + json;
  }
  return `{${text.slice(1)}}`;
}

function valueJson(value: unknown, redactor: Redactor, depth: number): string | undefined {
  if (typeof value === 'string') return PLAIN.test(value) && !mayHoldSecret(value) ? `"${value}"` : undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : undefined;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return objectJson(value, redactor, depth + 1);
}

function plainName(name: string, redactor: Redactor): string | undefined {
  if (!NAME.test(name) || mayHoldSecret(name) || redactor.hides(name)) return undefined;
  const start = `,"${name}":`;
  // Names may come from clients: a flood of made-up ones must not fill memory.
  if (redactor.plainNames.size >= MOST_NAMES) redactor.plainNames.clear();
  redactor.plainNames.set(name, start);
  return start;
}
