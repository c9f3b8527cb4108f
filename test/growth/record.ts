/** A kind of record that nobody needs, in every store that keeps accounts: what whoever adds one writes, and where. */
import type { Change } from './made-up.ts';

export const RECORD: Change = {
  files: {
    'src/stores/ports/consents.ts': `
/** What accounts agreed to. */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { keep, look, NONE, type Rules } from '../rules.ts';

/** One text that an account agreed to. */
export interface ConsentRecord {
  readonly account: string;
  readonly text: string;
  readonly at: number;
}

/** What accounts agreed to: it goes with its account. */
export interface ConsentStore {
  /** False: there is no such account, or it agreed before. */
  add(record: ConsentRecord): MaybePromise<boolean>;
  /** Oldest first. */
  list(account: string): MaybePromise<readonly ConsentRecord[]>;
}

export const consentRules: Rules<ConsentStore> = { add: keep('consent'), list: look(NONE) };
`,
    'src/stores/sql/consents.ts': `
/** What accounts agreed to: how it stands in a table. */
import type { ConsentRecord } from '../ports/consents.ts';
import type { Fields } from './columns.ts';
import type { Migration } from './migration.ts';

export const CONSENT: Fields<ConsentRecord> = { account: 'text', text: 'text', at: 'number' };

export const CONSENT_TABLE: Migration = {
  sqlite: \`CREATE TABLE consents (
     account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     text    TEXT NOT NULL,
     at      INTEGER NOT NULL,
     PRIMARY KEY (account, text)
   ) STRICT, WITHOUT ROWID;\`,
  postgres: \`CREATE TABLE consents (
     account text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     text    text COLLATE "C" NOT NULL,
     at      bigint NOT NULL,
     PRIMARY KEY (account, text)
   );\`,
};
`,
    'src/stores/sqlite/consents.ts': `
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ConsentRecord, ConsentStore } from '../ports/consents.ts';
import { CONSENT } from '../sql/consents.ts';
import { allRows, change } from './open.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(CONSENT);

/** What accounts agreed to, in SQLite. */
export class SqliteConsents implements ConsentStore {
  readonly #add: StatementSync;
  readonly #list: StatementSync;

  constructor(db: DatabaseSync) {
    this.#add = db.prepare(
      \`WITH fresh (\${ROW.columns}) AS (VALUES (\${ROW.places})) INSERT INTO consents (\${ROW.columns})
       SELECT * FROM fresh WHERE account IN (SELECT id FROM accounts) ON CONFLICT DO NOTHING\`,
    );
    this.#list = db.prepare('SELECT * FROM consents WHERE account = ? ORDER BY at');
  }

  add(record: ConsentRecord): boolean {
    return change(this.#add, ...ROW.values(record)) === 1;
  }

  list(account: string): readonly ConsentRecord[] {
    return allRows(this.#list, account).map(ROW.record);
  }
}
`,
    'src/stores/postgres/consents.ts': `
import type { ConsentRecord, ConsentStore } from '../ports/consents.ts';
import { CONSENT } from '../sql/consents.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { inPostgres } from './rows.ts';
import { toStored } from './text.ts';

const ROW = inPostgres(CONSENT);

/** What accounts agreed to, in PostgreSQL. */
export class PostgresConsents implements ConsentStore {
  readonly #database: PostgresDatabase;
  readonly #add: Prepared;
  readonly #list: Prepared;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#add = prepare(
      \`INSERT INTO @.consents (\${ROW.columns})
       SELECT id, $2, $3::bigint FROM @.accounts WHERE id = $1 FOR KEY SHARE ON CONFLICT DO NOTHING\`,
    );
    this.#list = prepare(\`SELECT \${ROW.columns} FROM @.consents AS c WHERE account = $1 ORDER BY c.at\`);
  }

  async add(record: ConsentRecord): Promise<boolean> {
    return (await this.#database.query(this.#add(...ROW.values(record)))).rowCount === 1;
  }

  async list(account: string): Promise<readonly ConsentRecord[]> {
    return ROW.records(await this.#database.query(this.#list(toStored(account))));
  }
}
`,
    'src/stores/memory/consents.ts': `
import type { ConsentRecord, ConsentStore } from '../ports/consents.ts';
import type { IsAccount } from './accounts.ts';

/** What accounts agreed to, in the memory of this process. */
export class MemoryConsents implements ConsentStore {
  readonly #isAccount: IsAccount;
  readonly #consents = new Map<string, readonly ConsentRecord[]>();

  constructor(isAccount: IsAccount) {
    this.#isAccount = isAccount;
  }

  add(record: ConsentRecord): boolean {
    const before = this.list(record.account);
    if (!this.#isAccount(record.account) || before.some(({ text }) => text === record.text)) return false;
    this.#consents.set(record.account, [...before, { ...record }].sort((a, b) => a.at - b.at));
    return true;
  }

  list(account: string): readonly ConsentRecord[] {
    return this.#consents.get(account) ?? [];
  }

  /** Removes everything of an account. */
  removeAll(account: string): void {
    this.#consents.delete(account);
  }
}
`,
    'src/testing/conformance/accounts-consents.ts': `
import assert from 'node:assert/strict';
import { accountTest } from './accounts.ts';
import { countTrue, HOSTILE_TEXTS, NOW, type OpenState } from './support.ts';

/** Registers what holds of what accounts agreed to. */
export function consentConformance(open: OpenState): void {
  accountTest(open, 'keeps a consent once, of accounts that are there', async ({ consents }) => {
    const terms = { account: 'ann', text: 'terms', at: NOW };
    assert.equal(await countTrue([1, 2, 3].map(() => consents.add(terms))), 1);
    assert.equal(await consents.add({ ...terms, account: 'nobody' }), false);
    assert.deepEqual(await consents.list('ann'), [terms]);
    for (const text of HOSTILE_TEXTS) assert.equal(await consents.add({ ...terms, account: 'bob', text }), true);
    assert.deepEqual((await consents.list('bob')).map(({ text }) => text).sort(), [...HOSTILE_TEXTS].sort());
  });

  accountTest(open, 'consents go with their account', async (accounts) => {
    await accounts.consents.add({ account: 'ann', text: 'terms', at: NOW });
    assert.ok(await accounts.remove('ann'));
    assert.deepEqual(await accounts.consents.list('ann'), []);
  });
}
`,
  },
  lines: {
    'src/stores/ports/accounts.ts': [
      [
        "import type { MaybePromise } from '../../core/maybe-promise.ts';",
        "import { type ConsentStore, consentRules } from './consents.ts';",
      ],
      ['  readonly apiTokens: ApiTokenStore;', '  readonly consents: ConsentStore;'],
      ['  outbox: outboxRules,', '  consents: consentRules,'],
    ],
    'src/stores/sql/migrations.ts': [
      ["import { OUTBOX_TABLE } from './mail.ts';", "import { CONSENT_TABLE } from './consents.ts';"],
      ['  FILE_TABLES,', '  CONSENT_TABLE,'],
    ],
    'src/stores/sqlite/accounts.ts': [
      [
        "import { SqliteApiTokens } from './api-tokens.ts';",
        "import { SqliteConsents } from './consents.ts';",
      ],
      ['  readonly apiTokens: SqliteApiTokens;', '  readonly consents: SqliteConsents;'],
      ['    this.apiTokens = new SqliteApiTokens(db);', '    this.consents = new SqliteConsents(db);'],
    ],
    'src/stores/postgres/accounts.ts': [
      [
        "import { PostgresApiTokens } from './api-tokens.ts';",
        "import { PostgresConsents } from './consents.ts';",
      ],
      ['  readonly apiTokens: PostgresApiTokens;', '  readonly consents: PostgresConsents;'],
      [
        '    this.apiTokens = new PostgresApiTokens(database, prepare);',
        '    this.consents = new PostgresConsents(database, prepare);',
      ],
    ],
    'src/stores/memory/accounts.ts': [
      [
        "import { MemoryApiTokens } from './api-tokens.ts';",
        "import { MemoryConsents } from './consents.ts';",
      ],
      [
        '  readonly apiTokens: MemoryApiTokens = new MemoryApiTokens(this.#isAccount);',
        '  readonly consents: MemoryConsents = new MemoryConsents(this.#isAccount);',
      ],
      ['    this.apiTokens.removeAll(id);', '    this.consents.removeAll(id);'],
    ],
    'src/testing/conformance.ts': [
      [
        "import { identityConformance } from './conformance/accounts-identities.ts';",
        "import { consentConformance } from './conformance/accounts-consents.ts';",
      ],
      ['    identityConformance(open);', '    consentConformance(open);'],
    ],
  },
};
