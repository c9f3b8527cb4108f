import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SoftAuthenticator } from '../../../test/support/authenticator.ts';
import { readSection } from '../../../test/support/read-section.ts';
import { FakeFactors } from '../../../test/support/second-factors.ts';
import { FakeBrowser, FakeSite, look, signedIn } from '../../../test/support/sessions.ts';
import { PolicyError } from '../../core/errors.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { parseOrigin } from '../../core/origin.ts';
import { Problems } from '../../core/problems.ts';
import type { SessionHandle } from '../../controls/sessions/session-handle.ts';
import { memory } from '../../stores/memory/state.ts';
import { checkMfa, mfaOptions } from './mfa.options.ts';
import {
  type BrowserOptions,
  type MfaOptions,
  passkeyScriptFile,
  SecondFactors,
  type SessionVisit,
} from './mfa.ts';

/** What is refused of some options: codes and names. */
function refused(
  options: MfaOptions,
  state: Partial<ReturnType<typeof memory>> = memory(),
): readonly string[] {
  const { counters = memory().counters, factors } = state;
  try {
    const mfa = readSection('mfa', mfaOptions, options);
    const problems = new Problems('production');
    checkMfa(mfa, 'app.example.com', problems);
    problems.throwIfAny();
    SecondFactors.of({
      state: factors === undefined ? { counters } : { counters, factors },
      keys: new KeyRing([Buffer.alloc(32, 1)]),
      origin: parseOrigin('https://app.example.com'),
      mfa,
    });
  } catch (error) {
    if (error instanceof PolicyError) return error.problems.map(({ code, option }) => `${code} ${option}`);
    throw error;
  }
  return [];
}

test('reads options as users write them, and refuses what would open the control', () => {
  const all: MfaOptions = {
    name: 'Strongroom',
    attempts: '20/hour',
    drift: 0,
    pendingFor: '5m',
    challengeFor: '2m',
    rememberFor: '7d',
    rpId: 'example.com',
  };
  assert.deepEqual(refused(all), []);
  assert.deepEqual(refused({ attempts: '101/hour' }), ['ERR_BULWARK_UNSAFE_OPTION mfa.attempts']);
  assert.deepEqual(refused({ attempts: '5/minute' }), ['ERR_BULWARK_UNSAFE_OPTION mfa.attempts']);
  const wrong = {
    name: 'a:b',
    drift: 2,
    pendingFor: '2h',
    challengeFor: '0s',
    rememberFor: '1000d',
    atempts: 1,
  };
  assert.deepEqual(refused(wrong as unknown as MfaOptions), [
    'ERR_BULWARK_INVALID_OPTION mfa.name',
    'ERR_BULWARK_INVALID_OPTION mfa.drift',
    'ERR_BULWARK_INVALID_OPTION mfa.pendingFor',
    'ERR_BULWARK_INVALID_OPTION mfa.challengeFor',
    'ERR_BULWARK_INVALID_OPTION mfa.rememberFor',
    'ERR_BULWARK_UNKNOWN_OPTION mfa.atempts',
  ]);
});

test('refuses a domain for passkeys that is not the host or above it', () => {
  for (const rpId of ['app.example.com', 'example.com']) assert.deepEqual(refused({ rpId }), []);
  for (const rpId of [
    'com',
    'evil.example',
    'ample.com',
    'x.app.example.com',
    'EXAMPLE.com',
    'example.com.',
  ]) {
    assert.deepEqual(refused({ rpId }), ['ERR_BULWARK_INVALID_OPTION mfa.rpId'], rpId);
  }
});

test('refuses a state that keeps no second factors', () => {
  assert.deepEqual(refused({}, { counters: memory().counters }), ['ERR_BULWARK_INVALID_OPTION state']);
});

test('makes no passkeys for an address, and says why', async () => {
  const { factors, visit } = new FakeFactors({ origin: 'https://192.0.2.1' });
  for (const ask of [
    async () => factors.passkeys.signInOptions(),
    async () => factors.passkeys.registrationOptions(visit, { account: 'ann', name: 'ann' }),
  ]) {
    await assert.rejects(ask, { code: 'ERR_BULWARK_INVALID_OPTION' });
  }
});

test('says what an account has, and whether a password alone signs it in', async () => {
  const { factors, visit } = new FakeFactors();
  const nothing = { secondFactor: false, totp: undefined, passkeys: [], recoveryCodesLeft: 0 };
  assert.deepEqual(await factors.overview('ann'), nothing);
  await factors.recoveryCodes.create(visit, 'ann');
  assert.deepEqual(await factors.overview('ann'), { ...nothing, recoveryCodesLeft: 10 });
  const device = new SoftAuthenticator();
  const options = await factors.passkeys.registrationOptions(visit, { account: 'ann', name: 'ann' });
  await factors.passkeys.register(visit, 'ann', device.create(options), 'Laptop');
  const { secondFactor, passkeys } = await factors.overview('ann');
  assert.ok(secondFactor && passkeys[0]?.name === 'Laptop');
  await factors.removeAccount(visit, 'ann');
  assert.deepEqual(await factors.overview('ann'), nothing);
});

/** What handlers get, on a session of the sessions room. */
function visitOf(session: SessionHandle): SessionVisit {
  return { audit: () => undefined, session };
}

test('a challenge lives in a session of Bulwark, works once, and ends with it', async () => {
  const { factors } = new FakeFactors();
  const site = new FakeSite();
  const ann = await signedIn(site, 'ann');
  const device = new SoftAuthenticator();
  const made = await look(ann, async (session) => {
    const owner = { account: 'ann', name: 'ann' };
    const options = await factors.passkeys.registrationOptions(visitOf(session), owner);
    return factors.passkeys.register(visitOf(session), 'ann', device.create(options), 'Laptop');
  });
  assert.ok(made.ok);

  const visitor = new FakeBrowser(site);
  const ask = (session: SessionHandle): Promise<BrowserOptions | undefined> =>
    factors.passkeys.secondFactorOptions(visitOf(session), 'ann');
  const answer = device.get((await look(visitor, ask)) ?? {});
  const tryIn = async (browser: FakeBrowser): Promise<string> => {
    const verdict = await look(browser, (session) =>
      factors.passkeys.verify(visitOf(session), 'ann', answer),
    );
    return verdict.ok ? 'ok' : verdict.reason;
  };
  assert.equal(await tryIn(new FakeBrowser(site)), 'expired');
  assert.equal(await tryIn(ann), 'expired');
  assert.equal(await tryIn(visitor), 'ok');
  assert.equal(await tryIn(visitor), 'expired');

  const before = (await look(visitor, ask)) ?? {};
  await visitor.visit((session) => session.signIn({ account: 'ann', mfa: true }));
  const late = await look(visitor, (session) =>
    factors.passkeys.verify(visitOf(session), 'ann', device.get(before)),
  );
  assert.ok(!late.ok && late.reason === 'expired');
});

test('names the package that is missing, and how to get it', () => {
  const hide = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name === 'qr' || name.startsWith('@simplewebauthn/')) {
        throw Object.assign(new Error('no such package'), { code: 'ERR_MODULE_NOT_FOUND' });
      }
      return next(name, context);
    } });
    const { FakeFactors } = await import(${JSON.stringify(import.meta.resolve('../../../test/support/second-factors.ts'))});
    const { factors } = new FakeFactors();
    for (const work of [() => factors.totp.enrol('ann', 'ann'), () => factors.passkeys.load()]) {
      await work().catch((error) => console.log(error.code, error.message));
    }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', hide], {
    encoding: 'utf8',
  });
  assert.match(stdout, /^ERR_BULWARK_PACKAGE_MISSING .*npm install qr$/m);
  assert.match(stdout, /^ERR_BULWARK_PACKAGE_MISSING .*npm install @simplewebauthn\/server$/m);
});

test('loads neither package until it is used', () => {
  const source = `
    const { FakeFactors } = await import(${JSON.stringify(import.meta.resolve('../../../test/support/second-factors.ts'))});
    const { factors } = new FakeFactors();
    const before = 'metadata' in Reflect;
    await factors.passkeys.load();
    console.log(before, 'metadata' in Reflect);`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
  });
  // What verifies passkeys brings `reflect-metadata` along, which leaves its mark on Reflect.
  assert.equal(stdout.trim(), 'false true');
});

test('the script for pages runs under Trusted Types: it writes text, and no markup', () => {
  const script = readFileSync(passkeyScriptFile, 'utf8');
  assert.doesNotMatch(
    script,
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|srcdoc/,
  );
  assert.doesNotMatch(script, /[^\x00-\x7f]/);
  assert.doesNotMatch(script, /^import /m);
});
