/** Takes out of an entry what is about a person, and puts it back sealed under the key of that person. */
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

// What rooms call these. `about` and its like are of alerts.
const FIELDS = [
  'email', 'name', 'phone', 'userAgent', 'device', 'passkey', 'address', 'userInfo', 'about', 'because', 'summary',
]; // prettier-ignore
const MOST_TEXT = 300;

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
  write(entry: AuditEvent, redactor: Redactor): string {
    const { account, client, path, details = {} } = entry;
    const other = textOf(details['account']);
    const subject = account ?? other ?? textOf(details['email']) ?? textOf(details['about']);
    if (subject === undefined) return safeJson(entry, redactor);
    const persons = new Persons((name) => this.#personOf(name));
    const hidesPath = path !== undefined && this.#fields.has('path');
    if (account !== undefined) persons.hidden(account).account = cut(account);
    // Whoever acts is at that address, and not whom they acted on.
    if (client !== undefined) persons.hidden(subject).client = client;
    if (hidesPath) persons.hidden(subject).path = cut(path);
    const shown = Object.entries(details).map(([name, value]): [string, unknown] => {
      if (name === 'account' && other !== undefined) {
        persons.hidden(other).details.push([name, cut(other)]);
        return [name, persons.nameOf(other)];
      }
      if (!this.#fields.has(name)) return [name, value];
      persons.hidden(other ?? subject).details.push([name, typeof value === 'string' ? cut(value) : value]);
      return [name, SEALED];
    });
    const rest = {
      ...entry,
      ...(account !== undefined && { account: persons.nameOf(account) }),
      ...(client !== undefined && { client: SEALED }),
      ...(hidesPath && { path: SEALED }),
      // An own property of any name, `__proto__` too.
      ...(entry.details !== undefined && { details: Object.fromEntries(shown) }),
    };
    const line = safeJson(rest, redactor);
    const sealed = persons.sealed((hidden) => safeJson(hidden, redactor), entry.time);
    return sealed === '' ? line : `${line.slice(0, -1)},"sealed":{${sealed}}}`;
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

/** The persons that one entry is about. */
class Persons {
  readonly #find: (name: string) => Person | undefined;
  readonly #all = new Map<string, { readonly person: Person | undefined; readonly hidden: Hidden }>();

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
    return [...this.#all.values()]
      .flatMap(({ person, hidden }) => {
        if (person === undefined) return [];
        const text = write({ ...hidden, details: Object.fromEntries(hidden.details) });
        return [`"${person.ref}":"${sealFor(person, text, time)}"`];
      })
      .join(',');
  }

  #of(name: string): { readonly person: Person | undefined; readonly hidden: Hidden } {
    const known = this.#all.get(name);
    if (known !== undefined) return known;
    const made = { person: this.#find(name), hidden: { details: [] } };
    this.#all.set(name, made);
    return made;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? text.slice(0, MOST_TEXT) : text;
}
