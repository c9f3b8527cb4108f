/** Someone has a dump of the database, and tries every piece of it as every kind of key. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { SoftAuthenticator } from '../../../test/support/authenticator.ts';
import { fromBase32 } from '../../../test/support/base32.ts';
import { FakeFactors } from '../../../test/support/second-factors.ts';
import { FakeBrowser, FakeSite, look, signedIn } from '../../../test/support/sessions.ts';
import { sqlite } from '../../stores/sqlite/state.ts';
import { BROWSER_COOKIE } from './browser-cookie.ts';
import { oneTimeCode, timeStep } from './totp-code.ts';

const directory = mkdtempSync(join(tmpdir(), 'bulwark-dump-'));
const state = sqlite(directory);
const site = new FakeFactors({ state, options: { attempts: '100/hour' } });
const sessions = new FakeSite(state.sessions);

/** What was handed out to Ann: what a dump must not hold. */
const given: string[] = [];
let cookie = '';
/** Every value of every row, and every piece of those that are lists. */
const stored = new Set<string>();

before(async () => {
  const { factors, visit } = site;
  const browser = await signedIn(sessions, 'ann');
  given.push(browser.id ?? '', await look(browser, (session) => session.issueToken('confirm', 60_000)));
  const enrolment = await factors.totp.enrol('ann', 'ann');
  const secret = enrolment.secret.replaceAll(' ', '');
  const bytes = fromBase32(secret);
  given.push(secret, bytes.toString('latin1'), bytes.toString('hex'), bytes.toString('base64'));
  assert.ok((await factors.totp.confirm(visit, 'ann', codeOf(bytes))).ok);
  for (const code of await factors.recoveryCodes.create(visit, 'ann')) {
    given.push(code, code.replaceAll('-', ''));
  }
  const options = await factors.passkeys.registrationOptions(visit, { account: 'ann', name: 'ann' });
  assert.ok(
    (await factors.passkeys.register(visit, 'ann', new SoftAuthenticator().create(options), 'Key')).ok,
  );
  site.now += 60_000;
  cookie = (await factors.rememberedBrowsers.remember(visit, 'ann', 'a browser')).split(';')[0] ?? '';
  given.push(cookie.split('.')[1] ?? '');
  readRows();
});

after(async () => {
  await state.close();
  rmSync(directory, { recursive: true });
});

function readRows(): void {
  const db = new DatabaseSync(join(directory, 'bulwark.db'), { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  for (const { name } of tables) {
    for (const row of db.prepare(`SELECT * FROM ${String(name)}`).all()) {
      for (const value of Object.values(row)) for (const piece of piecesOf(String(value))) stored.add(piece);
    }
  }
  db.close();
}

function piecesOf(value: string): readonly string[] {
  const list: unknown = /^[[{"]/.test(value) ? JSON.parse(value) : undefined;
  return [value, ...(Array.isArray(list) ? list.map(String) : [])];
}

function codeOf(secret: Buffer): string {
  return oneTimeCode(secret, timeStep(site.now));
}

test('the dump has a row of each kind, and none of what was handed out', () => {
  assert.ok(stored.size > 30);
  assert.ok(stored.has('ann'));
  assert.equal(given.length, 27);
  const bytes = readdirSync(directory)
    .map((file) => readFileSync(join(directory, file), 'latin1'))
    .join('\n');
  assert.ok(bytes.includes('a browser'));
  for (const secret of given) {
    assert.ok(secret.length >= 20);
    assert.ok(!bytes.includes(secret), secret);
  }
});

test('no value of it is a session', async () => {
  for (const value of stored) {
    assert.equal(await look(new FakeBrowser(sessions, value), ({ live }) => live), false, value);
  }
  assert.ok(await look(new FakeBrowser(sessions, given[0]), ({ live }) => live));
});

test('no value of it is a one-time token', async () => {
  const browser = new FakeBrowser(sessions, given[0]);
  for (const value of stored) {
    assert.ok(!(await look(browser, (session) => session.useToken('confirm', value))), value);
  }
  assert.ok(await look(browser, (session) => session.useToken('confirm', given[1])));
});

test('v5.0.0-6.5.2 no value of it is a recovery code', async () => {
  const { recoveryCodes } = site.factors;
  for (const value of stored) assert.ok(!(await recoveryCodes.use(site.visit, 'ann', value)).ok, value);
  assert.ok((await recoveryCodes.use(site.visit, 'ann', given[6] ?? '')).ok);
});

test('v5.0.0-13.3.1 (in part) no value of it, read in any way, makes a code of an authenticator app', async () => {
  const right = codeOf(fromBase32(given[2] ?? ''));
  for (const value of stored) {
    const readings = [
      Buffer.from(value),
      Buffer.from(value, 'base64url'),
      Buffer.from(value, 'hex'),
      fromBase32(value.toUpperCase().replaceAll(/[^A-Z2-7]/g, '')),
    ];
    for (const bytes of readings) {
      assert.notEqual(codeOf(bytes), right, value);
      // What is sealed might hold the secret somewhere within.
      for (let at = 0; at < Math.min(bytes.length, 200) - 19; at += 1) {
        assert.notEqual(codeOf(bytes.subarray(at, at + 20)), right, value);
      }
    }
  }
  assert.ok((await site.factors.totp.verify(site.visit, 'ann', right)).ok);
});

test('no two values of it are the cookie of a remembered browser', async () => {
  const { rememberedBrowsers: devices } = site.factors;
  const [device, ...others] = await devices.list('ann');
  assert.ok(device !== undefined && others.length === 0);
  for (const value of stored) {
    for (const guess of [`${device.id}.${value}`, `${device.id}.${value.slice(0, 32)}`, value]) {
      const verdict = await devices.recognise(site.visit, 'ann', `${BROWSER_COOKIE}=${guess}`);
      assert.ok(!verdict.ok, guess);
    }
  }
  assert.ok((await devices.recognise(site.visit, 'ann', cookie)).ok);
});
