import { type OptionTable, type Read, readOptions, Unfit } from '../../core/options.ts';
import { listOf, text } from '../../core/readers.ts';

/** What of events is about a person, and can be made unreadable one day. */
export interface PersonalOptions {
  /** Where the keys of persons are, in SQLite: `data/audit-persons.db`. For all processes of a machine. Not beside backups of the log. */
  keys: string;
  /** More details of events that are about a person, such as `iban`; `path` is that of the request. */
  fields?: readonly string[];
}

/** {@link PersonalOptions}, read. */
export interface PersonalSettings {
  readonly keys: string;
  readonly fields: readonly string[];
}

/** The defaults and why. */
export const personalOptions: OptionTable<PersonalSettings> = {
  keys: {
    default: '',
    shown: 'none',
    read: text(/^[^\0\n\r]{1,1000}$/, "a path, such as 'data/audit-persons.db'"),
    reason:
      'Whoever has the keys and the secret reads the log: only the application knows which disk that is.',
    source: 'GDPR Art. 17; NIST SP 800-88r1 2.6 (cryptographic erase)',
    example: "audit: { personal: { keys: 'data/audit-persons.db' } }",
  },
  fields: {
    default: [],
    read: listOf(text(/^\w{1,40}$/, "a name, such as 'iban'"), "a list of names, such as ['iban']"),
    reason:
      'Of account, address and device it is known that they are about a person; of yours only you know.',
    source: 'GDPR Art. 4(1)',
    example: "audit: { personal: { keys: 'data/audit-persons.db', fields: ['iban'] } }",
  },
};

/** Reads `audit.personal`: where keys are, or its options. */
export const personal: Read<PersonalSettings | undefined> = (value, at, problems) => {
  if (value === undefined) return undefined;
  const given = typeof value === 'string' ? { keys: value } : value;
  const settings = readOptions(at, personalOptions, given, problems);
  if (settings.keys === '')
    throw new Unfit("a path, or an object with one, such as { keys: 'data/audit-persons.db' }");
  return settings;
};
