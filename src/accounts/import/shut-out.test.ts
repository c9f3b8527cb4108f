/** Nobody who was shut out is let in by a move (supertokens-core#1136), whatever the software of before calls it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FakeAccounts } from '../../../test/support/accounts.ts';
import { HASH, importText } from '../../../test/support/import-text.ts';
import { memory } from '../../stores/memory/state.ts';
import type { ImportParts } from './import-accounts.ts';
import { looksLikeShutOut, shutOutBy } from './shut-out.ts';

/** What becomes of the only person of a table: `in`, `out`, or the field for which the row was refused. */
async function fateOf(header: string, marks: string, parts: Partial<ImportParts> = {}): Promise<string> {
  const { store, told } = await importText(
    `email,passwordHash,${header}\na@example.com,${HASH},${marks}\n`,
    parts,
  );
  const record = await store.findByEmail('a@example.com');
  if (record === undefined) return String(told[0]?.field);
  return record.disabledAt === undefined ? 'in' : 'out';
}

async function stopOf(header: string, parts: Partial<ImportParts> = {}): Promise<string> {
  try {
    await importText(`email,password,${header}\n`, parts);
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'ERR_BULWARK_IMPORT_FILE');
    return (error as Error).message;
  }
  return 'goes on';
}

const FUTURE = '2999-01-01T00:00:00Z';
const PAST = '2001-01-01T00:00:00Z';

/** By the software whose export has it: the column, what says yes to the person, and what says no. */
const EXPORTS: readonly (readonly [by: string, column: string, welcome: string, shutOut: string])[] = [
  ['Django, Flask-User', 'is_active', 't', 'f'],
  ['Flask-Security', 'active', '1', '0'],
  ['Devise', 'locked_at', '', '2026-01-02 03:04:05'],
  ['acts_as_paranoid, Laravel', 'deleted_at', '', '2026-01-02 03:04:05'],
  ['Supabase, GoTrue', 'banned_until', '', FUTURE],
  ['Supabase, GoTrue, a ban that is over', 'banned_until', PAST, 'infinity'],
  ['Firebase', 'disabled', 'false', 'true'],
  ['Auth0', 'blocked', 'false', 'true'],
  ['Keycloak', 'ENABLED', 'true', 'false'],
  ['better-auth', 'banned', '0', '1'],
  ['better-auth, for a time', 'banExpires', '', FUTURE],
  ['Clerk', 'locked', 'false', 'true'],
  [
    'ASP.NET Identity',
    'LockoutEnd',
    '2020-01-01 00:00:00.0000000 +00:00',
    '9999-12-31 23:59:59.9999999 +00:00',
  ],
  ['ASP.NET Identity 2', 'LockoutEndDateUtc', '', '9999-12-31 23:59:59'],
  ['ASP.NET Membership', 'IsLockedOut', 'False', 'True'],
  ['ASP.NET Membership', 'IsApproved', 'True', 'False'],
  ['WordPress multisite', 'spam', '0', '1'],
  ['Spring Security', 'account_non_locked', 'true', 'false'],
  ['Discourse', 'suspended_till', '', FUTURE],
  ['isActive of Prisma', 'isActive', 'true', 'false'],
  ['isBanned of Prisma', 'isBanned', 'false', 'true'],
  ['deletedAt of Prisma', 'deletedAt', '', PAST],
  ['disabled-at', 'disabled-at', '', PAST],
  ['in capitals', 'IS_SUSPENDED', 'N', 'Y'],
  ['with whose it is', 'user_is_blocked', 'no', 'yes'],
  ['with its table', 'users.deactivated_at', '', PAST],
  ['by a time since when', 'activated_at', PAST, ''],
  ['by a time since when', 'approvedOn', PAST, ''],
  ['with blanks', 'Account Disabled', 'false', 'true'],
  ['Gitea, Forgejo', 'prohibit_login', 'false', 'true'],
  ['Mattermost, by Postgres', 'deleteat', '0', '1760000000000'],
  ['Unix time', 'lockedUntil', '1000000000', '32503680000'],
];

test('who was shut out is disabled, by the columns of each export; who was not is not (supertokens-core#1136)', async () => {
  for (const [by, column, welcome, shutOut] of EXPORTS) {
    assert.equal(await fateOf(column, welcome), 'in', `${by}: ${column}`);
    assert.equal(await fateOf(column, shutOut), 'out', `${by}: ${column}`);
  }
});

test('columns of public software that say it in words of their own stop the import', async () => {
  for (const column of [
    ...[
      'userAccountControl',
      'shadowExpire',
      'account_expire',
      'cognito:user_status',
      'confirmation',
      'staged',
    ],
    ...[
      'allow_sign_in',
      'nologin',
      'may_login',
      'anonymized_at',
      'offboarded_at',
      'kicked',
      'gesperrt',
      'actif',
    ],
  ])
    assert.match(await stopOf(column), /look as if they said who was/, column);
  for (const column of ['type', 'last_login', 'login_count', 'sign_in_count', 'language', 'LockoutEnabled'])
    assert.equal(await stopOf(column), 'goes on', column);
});

test('an address that nobody confirmed is told by each name of it, and one of several is enough', async () => {
  for (const column of [
    'emailVerified',
    'email_verified',
    'EMAIL_VERIFIED',
    'EmailConfirmed',
    'isVerified',
    'confirmed_at',
    'emailVerification',
  ]) {
    assert.equal(await fateOf(column, '0'), 'confirmed', column);
    assert.equal(await fateOf(column, '1'), 'in', column);
  }
  // Supabase says so twice; its second is there where a telephone was confirmed too.
  assert.equal(
    await fateOf('email_confirmed_at,confirmed_at,phone_confirmed_at', `,${PAST},${PAST}`),
    'confirmed',
  );
  assert.equal(await fateOf('email_confirmed_at,confirmed_at,phone_confirmed_at', `${PAST},${PAST},`), 'in');
});

test('a mark that is neither yes nor no, and a time that is none, refuse the row', async () => {
  for (const [column, mark] of [
    ['isActive', ''],
    ['isBanned', 'maybe'],
    ['bannedUntil', 'forever'],
    ['bannedUntil', '0000-00-00'],
    ['approved_at', '7'],
  ] as const) {
    assert.notEqual(await fateOf(column, mark), 'in', `${column} ${mark}`);
    assert.notEqual(await fateOf(column, mark), 'out', `${column} ${mark}`);
  }
});

test('a column that looks as if it shut somebody out, and is not read, stops the import (supertokens-core#1136)', async () => {
  for (const column of [
    ...[
      'status',
      'user_status',
      'accountStatus',
      'state',
      'ban',
      'banned_forever',
      'isBlockedNow',
      'shadowbanned',
    ],
    ...[
      'suspended_indefinitely',
      'expires_at',
      'valid_until',
      'isactive2',
      'active_yn',
      'verified_email_addresses',
    ],
    ...[
      'user_inactive_reason',
      'ban_reason',
      'rejected',
      'is_approved_by_admin',
      'email_unverified',
      'revoked_at',
      'del_flag',
      'is_delete',
      'closed_account',
      'pending_approval',
      'lockedby',
      'emailisverified',
      'isEnable',
      'is_forbidden',
    ],
    // By a table of states, by whom, or by when.
    ...['status_id', 'StatusId', 'status_code', 'account_status_id', 'userStatusCode', 'acct_status'],
    ...['login_status', 'membership_status', 'cognito:user_status', 'ban_id', 'banned_by_user_id'],
    ...['deleted_by_id', 'blockedById', 'suspension_id', 'lockout_code', 'deletion_date', 'expires_on'],
    ...['deletion_requested_at', 'termination_date', 'expiration', 'expire_date', 'anonymized_at'],
    ...['confirmation', 'userAccountControl', 'no_login', 'may_login', 'is_on_hold'],
  ]) {
    const message = await stopOf(`name,${column}`);
    assert.match(message, /^row 1: nobody may be let in who was shut out/, column);
    assert.ok(message.includes(column) && message.includes('--unread'), column);
  }
});

test('--columns says what such a column is, beside those that are found; --unread that it is nothing', async () => {
  const disabled = { named: { disabled: ['frozen_flag2'] } };
  assert.equal(await fateOf('frozen_flag2,banned', '1,0', disabled), 'out');
  assert.equal(await fateOf('frozen_flag2,banned', '0,1', disabled), 'out');
  assert.equal(await fateOf('frozen_flag2,banned', '0,0', disabled), 'in');
  assert.equal(
    await fateOf('status,state', '1,0', { named: { active: ['status'], disabled: ['state'] } }),
    'in',
  );
  assert.equal(await fateOf('status', 'gold', { unread: ['STATUS'] }), 'in');
  assert.match(
    await stopOf('status', { unread: ['statsu'] }),
    /--unread names statsu, and there is no such column/,
  );
  // Who is shut out is no matter of choice.
  assert.match(await stopOf('is_banned', { unread: ['is_banned'] }), /or it is one that is read/);
  assert.match(await stopOf('ban_reason', {}), /ban_reason/);
  assert.equal(await fateOf('banned,ban_reason,banned_by', '0,,'), 'in');
});

/** Tables as they are, with nobody shut out: none of these may stop anybody who has nothing to say. */
const TABLES: Readonly<Record<string, string>> = {
  Django: 'id,last_login,is_superuser,username,first_name,last_name,is_staff,is_active,date_joined',
  Devise:
    'id,reset_password_token,reset_password_sent_at,remember_created_at,sign_in_count,current_sign_in_at,last_sign_in_at,confirmation_token,confirmed_at,confirmation_sent_at,unconfirmed_email,failed_attempts,unlock_token,locked_at,created_at,updated_at',
  Supabase:
    'instance_id,id,aud,email_confirmed_at,invited_at,confirmation_token,confirmation_sent_at,recovery_token,recovery_sent_at,email_change_token_new,email_change,email_change_sent_at,last_sign_in_at,raw_app_meta_data,raw_user_meta_data,is_super_admin,created_at,updated_at,phone,phone_confirmed_at,phone_change,confirmed_at,email_change_confirm_status,banned_until,reauthentication_token,is_sso_user,deleted_at,is_anonymous',
  'ASP.NET Identity':
    'Id,UserName,NormalizedUserName,NormalizedEmail,EmailConfirmed,SecurityStamp,ConcurrencyStamp,PhoneNumber,PhoneNumberConfirmed,TwoFactorEnabled,LockoutEnd,LockoutEnabled,AccessFailedCount',
  'better-auth':
    'id,name,emailVerified,image,createdAt,updatedAt,role,banned,banReason,banExpires,twoFactorEnabled',
  Keycloak:
    'ID,EMAIL_CONSTRAINT,EMAIL_VERIFIED,ENABLED,FEDERATION_LINK,FIRST_NAME,REALM_ID,USERNAME,CREATED_TIMESTAMP,NOT_BEFORE',
  Laravel:
    'id,name,email_verified_at,remember_token,two_factor_secret,two_factor_recovery_codes,two_factor_confirmed_at,created_at,updated_at,deleted_at',
  Auth0: 'user_id,email_verified,blocked,created_at,last_login,logins_count,last_password_reset,identities',
  SuperTokens: 'user_id,time_joined,isVerified,isPrimary',
  'WordPress multisite':
    'ID,user_login,user_nicename,user_url,user_registered,user_activation_key,spam,deleted,display_name',
  Clerk:
    'id,first_name,username,totp_secret,password_hasher,phone_number_verified,two_factor_enabled,banned,locked,delete_self_enabled,last_active_at',
};

test('the tables of other software are read as they are, without a doubt where there is none', async () => {
  const yes = /^(?:is_?active|enabled)$/i;
  const confirmed = /confirmed(_at)?$|verified(_at)?$/i;
  for (const [software, header] of Object.entries(TABLES)) {
    const marks = header.split(',').map((name) => (yes.test(name) || confirmed.test(name) ? '1' : ''));
    // Where nothing but a mark of no will do.
    const filled = marks.map((mark, at) =>
      /^(?:banned|locked|blocked|spam|deleted)$/.test(header.split(',')[at] ?? '') ? '0' : mark,
    );
    assert.equal(await fateOf(header, filled.join(',')), 'in', software);
  }
});

test('names of something else are no doubt', () => {
  for (const name of [
    ...['plan_status_id', 'home_state_name', 'activation_key', 'verification_code', 'confirmation_token'],
    ...['email_change_confirm_status', 'status_message', 'role_id', 'state_id_card', 'ip_address'],
    ...['last_active_at', 'blocked_users', 'newsletter_confirmed', 'subscription_status', 'marital_status'],
    ...[
      'activeOrganizationId',
      'phoneVerified',
      'bank_account',
      'urban',
      'description',
      'clock',
      'login_count',
    ],
    ...[
      'deleted_posts_count',
      'notifications_enabled',
      'LastLockoutDate',
      'phoneverified',
      'password_expired',
      'lastconfirmedat',
      'home_country',
    ],
  ]) {
    assert.equal(looksLikeShutOut(name, false), false, name);
    assert.equal(shutOutBy(name), undefined, name);
  }
});

const FLASK = JSON.parse(
  readFileSync(new URL('../../../test/vectors/passwords/flask-security.json', import.meta.url), 'utf8'),
) as { salt: string; columns: string[]; hashes: { password: string; stored: string }[] };

test('a table of Flask-Security stops until somebody says how its passwords are hashed, and then people sign in', async () => {
  const header = FLASK.columns.join(',');
  const row = (email: string, stored: string): string =>
    FLASK.columns
      .map((name) => ({ email, password: `"${stored}"`, active: '1', confirmed_at: PAST })[name] ?? '')
      .join(',');
  const table = `${header}\n${FLASK.hashes.map(({ stored }, at) => row(`p${at}@example.com`, stored)).join('\n')}\n`;
  await assert.rejects(
    importText(table),
    /Flask-Security.*--flask-security.*flaskSecuritySalt.*--no-flask-security/,
  );
  const state = memory();
  const { result } = await importText(table, { flaskSecurity: true }, state);
  assert.deepEqual(result.formats, { 'flask-security': FLASK.hashes.length });
  const passwords = { flaskSecuritySalt: FLASK.salt };
  const site = new FakeAccounts({}, state, { passwords });
  for (const [at, { password }] of FLASK.hashes.entries()) {
    const person = site.person(`192.0.2.${at + 1}`);
    assert.equal(await person.signIn(`p${at}@example.com`, `${password}!`), 'credentials');
    assert.equal(await person.signIn(`p${at}@example.com`, password), 'signed in');
    const hash = (await state.accounts?.findByEmail(`p${at}@example.com`))?.passwordHash;
    assert.match(hash ?? '', /^\$argon2id\$v=19\$m=19456/);
  }
  const single = await importText(table, { flaskSecurity: false });
  assert.equal(single.result.formats['flask-security'], undefined);
});
