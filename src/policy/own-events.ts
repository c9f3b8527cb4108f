/** The events that an application declares, beside those of every room. */
import type { EventKind } from '../core/events.ts';
import { isPlainObject, refuseUnknown } from '../core/options.ts';
import type { Problems } from '../core/problems.ts';
import { allEvents } from './controls.ts';

/** Every event that may be written, by its name. */
export type KnownEvents = ReadonlyMap<string, EventKind>;

const CODE = 'ERR_BULWARK_INVALID_OPTION';
const NAME = /^[a-z][a-z0-9]{0,19}(?:_[a-z0-9]{1,20}){1,5}$/;
const LEVELS: readonly unknown[] = ['info', 'warn', 'critical'];
const DETAIL = /^(?:text|number|flag|texts|any|person|personal|anyone)\??$/;
const KEYS = ['name', 'level', 'meaning', 'details', 'bounded', 'stack'];
const EXAMPLE =
  "events: [{ name: 'document_shared', level: 'info', meaning: 'A document was shared.', details: { document: 'text' } }]";

/**
 * Reads `events` of a policy, and what its guards declare.
 *
 * @param declared - by guards: one that is in both lists is one event
 */
export function readEvents(value: unknown, declared: readonly unknown[], problems: Problems): KnownEvents {
  const known = new Map(allEvents().map(([, kind]) => [kind.name, kind]));
  const ours = new Set(known.keys());
  if (value !== undefined && !Array.isArray(value)) {
    problems.refuse(CODE, 'events', 'it must be a list of events.', EXAMPLE);
    return known;
  }
  const given = [...new Set([...((value ?? []) as readonly unknown[]), ...declared])];
  for (const [index, kind] of given.entries()) {
    const path = `events[${index}]`;
    if (!isEventKind(kind, path, problems)) continue;
    if (ours.has(kind.name)) {
      const reason = 'Bulwark has an event of this name: alarms could not tell yours from it.';
      problems.refuse(CODE, `${path}.name`, reason, `name: 'own_${kind.name}', or write it by its name`);
    } else if (known.has(kind.name)) {
      problems.refuse(CODE, `${path}.name`, 'two events have this name.', EXAMPLE);
    } else known.set(kind.name, kind);
  }
  return known;
}

function isEventKind(kind: unknown, path: string, problems: Problems): kind is EventKind {
  const before = problems.errors.length;
  const refuse = (field: string, reason: string): void =>
    problems.refuse(CODE, field === '' ? path : `${path}.${field}`, reason, EXAMPLE);
  if (!isPlainObject(kind)) {
    refuse('', 'it must be an event: name, level, meaning and details.');
    return false;
  }
  for (const key of Object.keys(kind)) if (!KEYS.includes(key)) refuseUnknown(path, key, KEYS, problems);
  const { name, level, meaning, details } = kind;
  if (typeof name !== 'string' || !NAME.test(name))
    refuse('name', 'it must be lower-case words joined by underscores, two at least.');
  if (!LEVELS.includes(level)) refuse('level', "it must be one of 'info', 'warn', 'critical'.");
  if (typeof meaning !== 'string' || meaning.trim() === '')
    refuse('meaning', 'it must say what happened, to whoever reads the log at night.');
  if (!isPlainObject(details)) refuse('details', "it must be an object, such as { document: 'text' }.");
  else if (Object.values(details).some((type) => typeof type !== 'string' || !DETAIL.test(type)))
    refuse(
      'details',
      "each must be 'text', 'number', 'flag', 'texts' or 'any', or of persons 'person', 'personal' or 'anyone', with a ? where it may be missing.",
    );
  return problems.errors.length === before;
}
