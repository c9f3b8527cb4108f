/** Takes out of an entry what is about a person, and puts it back sealed under the key of that person. */
import type { EventKind } from '../../core/events.ts';
import type { AuditEvent } from '../audit-event.ts';
import type { Redactor } from '../redact.ts';
import { safeJson } from '../safe-json.ts';
import { type Person, type PersonKeys, sealFor } from './person-keys.ts';

/** What the log calls a person, in the place of an account. */
export const PERSON = 'person.';
/** What stands in the place of a value that is sealed: of characters that need no look. */
export const SEALED = '*sealed*';
/** And of one that could not be, as the database of keys takes none: it must not stand there in clear for ever. */
export const LEFT_OUT = '[left out]';

// Of events whose kind does not say: the application's own.
const FIELDS = ['email', 'name', 'phone', 'userAgent', 'device', 'address'];
const MOST_TEXT = 300;

/** What becomes of a detail. */
type Part = 'shown' | 'person' | 'personal' | 'anyone';

/** What is about one person, as it is sealed. */
interface Hidden {
  account?: string;
  client?: string;
  path?: string;
  readonly details: [name: string, value: unknown][];
}

/** Writes entries whose personal fields are sealed. */
export class EventSealer {
  readonly #keys: Pick<PersonKeys, 'of'>;
  readonly #fields: ReadonlySet<string>;
  readonly #onFault: (error: unknown) => void;

  /** @param onFault - called where a field was left out, since there was no key to be had */
  constructor(
    keys: Pick<PersonKeys, 'of'>,
    fields: readonly string[],
    onFault: (error: unknown) => void = () => undefined,
  ) {
    this.#keys = keys;
    this.#fields = new Set([...FIELDS, ...fields]);
    this.#onFault = onFault;
  }

  /** A line of JSON. */
  write(entry: AuditEvent, kind: EventKind, redactor: Redactor): string {
    const { account, client, path, details = {} } = entry;
    const parts = Object.entries(details).map(
      ([name, value]) => [name, value, this.#partOf(kind, name, value)] as const,
    );
    const other = textOf(details['account']);
    const named = parts.find(([, , part]) => part === 'person')?.[1];
    const subject = account ?? other ?? textOf(named) ?? textOf(details['email']);
    if (subject === undefined && parts.every(([, , part]) => part !== 'anyone'))
      return safeJson(entry, redactor);
    const persons = new Persons((name) => this.#personOf(name));
    const seal = (name: string, add: (hidden: Hidden) => void): void => add(persons.hidden(name));
    const hidesPath = path !== undefined && subject !== undefined && this.#fields.has('path');
    if (account !== undefined) seal(account, (hidden) => (hidden.account = cut(account)));
    if (subject !== undefined) {
      // Whoever acts is at that address, and not whom they acted on.
      if (client !== undefined) seal(subject, (hidden) => (hidden.client = client));
      if (hidesPath) seal(subject, (hidden) => (hidden.path = cut(path)));
    }
    const shown = parts.map(([name, value, part]): [string, unknown] => {
      if (part === 'anyone') return [name, LEFT_OUT];
      const whose = part === 'person' ? textOf(value) : part === 'personal' ? (other ?? subject) : undefined;
      // Whoever writes the very word would be read as one that nobody can read any more.
      if (whose === undefined) return [name, value === SEALED ? `'${SEALED}'` : value];
      seal(whose, ({ details: own }) => own.push([name, typeof value === 'string' ? cut(value) : value]));
      return [name, part === 'person' ? persons.nameOf(whose) : SEALED];
    });
    const rest = {
      ...entry,
      ...(account !== undefined && { account: persons.nameOf(account) }),
      ...(client !== undefined && subject !== undefined && { client: SEALED }),
      ...(hidesPath && { path: SEALED }),
      // An own property of any name, `__proto__` too.
      ...(entry.details !== undefined && { details: Object.fromEntries(shown) }),
    };
    const line = safeJson(rest, redactor);
    const sealed = persons.sealed((hidden) => safeJson(hidden, redactor), entry.time);
    return sealed === '' ? line : `${line.slice(0, -1)},"sealed":{${sealed}}}`;
  }

  #partOf({ details }: EventKind, name: string, value: unknown): Part {
    // What is not there is nobody's: sealed, it would be shown as something that was forgotten.
    if (value === undefined) return 'shown';
    const declared = Object.hasOwn(details, name) ? details[name]?.replace('?', '') : undefined;
    if (declared === 'anyone') return 'anyone';
    if (declared === 'person' || name === 'account') return textOf(value) === undefined ? 'shown' : 'person';
    return declared === 'personal' || this.#fields.has(name) ? 'personal' : 'shown';
  }

  #personOf(name: string): Person | undefined {
    try {
      return this.#keys.of(name);
    } catch (error) {
      this.#onFault(error);
      return undefined;
    }
  }
}

interface Sealed {
  readonly person: Person | undefined;
  readonly hidden: Hidden;
}

/** The persons that one entry is about. */
class Persons {
  readonly #find: (name: string) => Person | undefined;
  readonly #byName = new Map<string, Sealed>();
  readonly #all: Sealed[] = [];

  constructor(find: (name: string) => Person | undefined) {
    this.#find = find;
  }

  hidden(name: string): Hidden {
    return this.#of(name).hidden;
  }

  nameOf(name: string): string {
    const { person } = this.#of(name);
    return person === undefined ? LEFT_OUT : `${PERSON}${person.ref}`;
  }

  /** As the fields of an object of JSON. */
  sealed(write: (hidden: object) => string, time: string): string {
    return this.#all
      .flatMap(({ person, hidden }) => {
        if (person === undefined) return [];
        const text = write({ ...hidden, details: Object.fromEntries(hidden.details) });
        return [`"${person.ref}":"${sealFor(person, text, time)}"`];
      })
      .join(',');
  }

  #of(name: string): Sealed {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const person = this.#find(name);
    // An address in another case is the same person, who has one place in the entry.
    const same = person && this.#all.find(({ person: one }) => one?.ref === person.ref);
    const made = same ?? { person, hidden: { details: [] } };
    if (same === undefined) this.#all.push(made);
    this.#byName.set(name, made);
    return made;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? text.slice(0, MOST_TEXT) : text;
}
