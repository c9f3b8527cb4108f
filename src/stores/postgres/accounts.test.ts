import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { types } from 'pg';
import { PASSWORD } from '../../../test/support/postgres.ts';
import { postgresStates } from '../../../test/support/postgres-states.ts';
import type { AccountStore } from '../ports/accounts.ts';
import { accountStoreConformance } from '../../testing/conformance.ts';
import {
  ACT,
  MANY,
  sketchAccount,
  sketchActRequest,
  sketchActivity,
  sketchApiToken,
  sketchIdentity,
  sketchKnownBrowser,
  sketchMailToken,
  TTL,
} from '../../testing/conformance/accounts.ts';
import { NOW } from '../../testing/conformance/support.ts';
import type { State } from '../ports/state.ts';
import { POSTGRES_STEPS } from '../sql/migrations.ts';
import type { PostgresStatement } from './pool.ts';
import { openPostgres, type PostgresPool } from './state.ts';

const ISSUER = 'https://issuer.example';
const once = { failures: 1, streak: 1, lastAt: NOW };
const twice = { failures: 2, streak: 2, lastAt: NOW };

describe('accounts in PostgreSQL', () => {
  const on = postgresStates('accounts');

  accountStoreConformance('postgres', () => on.open());

  test('a schema without accounts gets their tables, and keeps what it has', async () => {
    const schema = on.freshSchema();
    (await openPostgres(on.pool, schema, POSTGRES_STEPS.slice(0, 2))).close();
    await on.pool.query(`INSERT INTO ${schema}.recovery_codes VALUES ('ann', '["a"]', ${NOW})`);
    const state = await on.open({ schema });
    assert.ok(await accountsOf(state).create(sketchAccount('ann')));
    assert.deepEqual(await accountsOf(await on.open({ schema })).find('ann'), sketchAccount('ann'));
    assert.equal(await state.factors?.recoveryCodes.count('ann'), 1);
  });

  test('asks once for whatever it is asked, by a statement that is parsed once', async () => {
    const sent: PostgresStatement[] = [];
    const counting: PostgresPool = {
      connect: () => on.pool.connect(),
      query: (statement) => {
        sent.push(statement);
        return on.pool.query(statement as { text: string });
      },
    };
    const calls = Object.entries(callsOf(accountsOf(await on.open({}, counting))));
    const names = new Set<string | undefined>();
    for (const [name, call] of calls) {
      sent.length = 0;
      await call();
      assert.equal(sent.length, 1, name);
      names.add(sent[0]?.name);
    }
    assert.ok([...names].every((name) => /^bulwark_[0-9a-f]{24}$/.test(name ?? '')));
    assert.equal(names.size, calls.length);
  });

  test('needs no right but to read and write rows, whatever schema the connection looks in first', async () => {
    const schema = on.freshSchema();
    await on.open({ schema });
    await on.pool.query(
      `CREATE ROLE clerk LOGIN PASSWORD '${PASSWORD}';
       CREATE SCHEMA decoy AUTHORIZATION clerk;
       GRANT USAGE ON SCHEMA ${schema} TO clerk;
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO clerk`,
    );
    const own = on.server.pool(on.url.replace('tester', 'clerk'), { options: '-c search_path=decoy' });
    await own.query('CREATE TABLE accounts (id text); CREATE TABLE activity (id text)');
    const accounts = accountsOf(await on.open({ schema }, own));
    for (const call of Object.values(callsOf(accounts))) await call();
    assert.equal((await own.query('SELECT 1 FROM decoy.accounts, decoy.activity')).rowCount, 0);
  });

  test('reads its rows as it wrote them, whatever the application has told pg to make of values', async () => {
    const { BOOL, INT4, INT8, TEXT } = types.builtins;
    const usual = [BOOL, INT4, INT8, TEXT].map((type) => [type, types.getTypeParser(type)] as const);
    for (const [type] of usual) types.setTypeParser(type, () => 'nothing of the kind');
    try {
      const accounts = accountsOf(await on.open());
      assert.ok(await accounts.create(sketchAccount('ann')));
      assert.deepEqual(await accounts.find('ann'), sketchAccount('ann'));
      assert.equal(await accounts.change('ann', 1, { roles: ['admin'] }), 'changed');
      assert.ok(await accounts.guesses.advance('k', undefined, once, NOW + 1, NOW));
      assert.deepEqual(await accounts.guesses.find('k', NOW), once);
      assert.ok(await accounts.apiTokens.add(sketchApiToken('t'), 1, NOW));
      assert.ok(!(await accounts.apiTokens.add(sketchApiToken('u'), 1, NOW)));
      assert.deepEqual(await accounts.apiTokens.find('hash of t', NOW), sketchApiToken('t'));
      assert.equal(await accounts.sweep(NOW + TTL), 2);
    } finally {
      for (const [type, parser] of usual) types.setTypeParser(type, parser);
    }
  });

  test('fails with its code once it is closed, and says yes to nothing', async () => {
    const state = await on.open();
    await state.close();
    for (const [name, call] of Object.entries(callsOf(accountsOf(state)))) {
      await assert.rejects(async () => call(), { code: 'ERR_BULWARK_STORE_DOWN' }, name);
    }
  });

  test('looks rows up, and sweeps, by an index', async () => {
    const schema = on.freshSchema();
    await on.open({ schema });
    const n = 'FROM generate_series(1, 20000) n';
    await on.pool.query(
      `SET search_path = ${schema};
       INSERT INTO accounts SELECT 'a' || n, '', 'e' || n, '', '[]', n, NULL, 1 ${n};
       INSERT INTO mail_tokens (hash, purpose, subject, data, expires_at) SELECT 'h' || n, 'p', 's' || n, '', n ${n};
       INSERT INTO guesses SELECT 'k' || n, 1, 1, n, n ${n};
       INSERT INTO known_devices SELECT 'a' || n, 'd', n, n, '', '' ${n};
       INSERT INTO activity (account, at, event, detail, address, user_agent) SELECT 'a' || n, n, '', '', '', '' ${n};
       INSERT INTO identities (issuer, subject, account, label, linked_at) SELECT 'i', 's' || n, 'a' || n, '', n ${n};
       INSERT INTO api_tokens (id, hash, account, name, scopes, hint, used_from, created_at, expires_at)
         SELECT 'i' || n, 'h' || n, 'a' || n, '', '[]', '', '', n, n ${n};
       INSERT INTO act_requests SELECT 'delete/' || n, 'd', 'a' || n, '', '', n, n ${n};
       ANALYZE accounts, act_requests, mail_tokens, guesses, known_devices, activity, identities, api_tokens;
       RESET search_path`,
    );
    const plan = async (sql: string): Promise<string> => {
      const { rows } = await on.pool.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN ${sql.replaceAll('@', schema)}`,
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    for (const [sql, index] of [
      ["SELECT * FROM @.accounts WHERE email_key = 'e7'", /accounts_email_key_key/],
      ["SELECT * FROM @.accounts WHERE id > 'a7' ORDER BY id LIMIT 9", /accounts_pkey/],
      ["SELECT * FROM @.mail_tokens WHERE hash = 'h7' AND expires_at > 5", /mail_tokens_pkey/],
      ["SELECT * FROM @.mail_tokens WHERE subject = 's7'", /mail_tokens_by_subject/],
      ['SELECT 1 FROM @.mail_tokens WHERE expires_at <= 100 LIMIT 1000', /mail_tokens_by_end/],
      ['SELECT 1 FROM @.guesses WHERE expires_at <= 100 LIMIT 1000', /guesses_by_end/],
      ["SELECT * FROM @.known_devices WHERE account = 'a7'", /known_devices_pkey/],
      ["SELECT * FROM @.activity WHERE account = 'a7' ORDER BY at DESC, seq DESC", /activity_by_account/],
      [
        "SELECT * FROM @.act_requests WHERE act = 'r' AND id > coalesce(NULL::text, '') AND expires_at > 5 ORDER BY id LIMIT 9",
        /act_requests_by_act/,
      ],
      ["SELECT * FROM @.act_requests WHERE act = 'd' AND account = 'a7'", /act_requests_account_act_key/],
      ["SELECT * FROM @.identities WHERE account = 'a7'", /identities_by_account/],
      ["SELECT * FROM @.api_tokens WHERE hash = 'h7' AND expires_at > 5", /api_tokens_hash_key/],
      ["SELECT * FROM @.api_tokens WHERE account = 'a7'", /api_tokens_by_account/],
      ['SELECT 1 FROM @.api_tokens WHERE expires_at <= 100 LIMIT 1000', /api_tokens_by_end/],
    ] as const) {
      assert.match(await plan(sql), index);
    }
  });
});

function accountsOf({ accounts }: State): AccountStore {
  assert.ok(accounts);
  return accounts;
}

/** Each method once, in an order in which each has something to do. */
function callsOf(accounts: AccountStore): Readonly<Record<string, () => unknown>> {
  const { mailTokens, guesses, knownBrowsers, activity, identities, apiTokens, actRequests } = accounts;
  return {
    create: () => accounts.create(sketchAccount('ann')),
    find: () => accounts.find('ann'),
    findByEmail: () => accounts.findByEmail('ann@example.com'),
    change: () => accounts.change('ann', 1, { roles: ['admin'] }),
    replacePasswordHash: () => accounts.replacePasswordHash('ann', 'hash of ann', 'stronger'),
    first: () => accounts.after(undefined, 5),
    after: () => accounts.after('a', 5),
    'first by address': () => accounts.afterEmail(undefined, 5),
    'after an address': () => accounts.afterEmail('a', 5),
    'put a mail token': () => mailTokens.put(sketchMailToken('m'), 2),
    'find a mail token': () => mailTokens.find('m', 'reset', NOW),
    'take a mail token': () => mailTokens.take('m', 'reset', NOW),
    'remove mail tokens': () => mailTokens.removeAll('ann'),
    'begin to count': () => guesses.advance('k', undefined, once, NOW + 1, NOW),
    'find a count': () => guesses.find('k', NOW),
    'count on': () => guesses.advance('k', once, twice, NOW + 1, NOW),
    'clear a count': () => guesses.clear('k'),
    'put a browser': () => knownBrowsers.put(sketchKnownBrowser('d'), 2),
    'find a browser': () => knownBrowsers.find('ann', 'd'),
    'list browsers': () => knownBrowsers.list('ann'),
    'remove browsers': () => knownBrowsers.removeAll('ann', 'e'),
    'add a line': () => activity.add(sketchActivity('signed-in'), 2),
    'list lines': () => activity.list('ann', MANY),
    'add an identity': () => identities.add(sketchIdentity('s')),
    'find an identity': () => identities.find(ISSUER, 's'),
    'use an identity': () => identities.use(ISSUER, 's', NOW),
    'list identities': () => identities.list('ann'),
    'remove an identity': () => identities.remove('ann', ISSUER, 's'),
    'add an API token': () => apiTokens.add(sketchApiToken('t'), 2, NOW),
    'find an API token': () => apiTokens.find('hash of t', NOW),
    'note a use': () => apiTokens.noteUse('t', '192.0.2.1', NOW, 0),
    'list API tokens': () => apiTokens.list('ann'),
    'remove an API token': () => apiTokens.remove('ann', 't'),
    'remove API tokens': () => apiTokens.removeAll('ann'),
    'ask for an act': () => actRequests.ask(sketchActRequest('r'), NOW),
    'find a request': () => actRequests.find(ACT, 'r', NOW),
    'find what is about an account': () => actRequests.about(ACT, 'ann', NOW),
    'list requests': () => actRequests.list(ACT, undefined, 5, NOW),
    'take a request': () => actRequests.take(ACT, 'r', 'bob', NOW),
    'replace a request': () => actRequests.replace('r', NOW, sketchActRequest('r'), NOW),
    'remove a request': () => actRequests.remove(ACT, 'r'),
    remove: () => accounts.remove('ann'),
    sweep: () => accounts.sweep(NOW),
  };
}
