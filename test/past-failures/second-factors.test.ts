/** Second factors: a code that works once, and a store that holds nothing to sign in with. */
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { KeyRing } from '../../src/core/key-ring.ts';
import { defaultsOf } from '../../src/core/options.ts';
import { mfaOptions } from '../../src/identity/mfa/mfa.options.ts';
import { parseOrigin } from '../../src/core/origin.ts';
import type { View } from '../../src/layer/view.ts';
import { SecondFactors } from '../../src/identity/mfa/mfa.ts';
import { matchingStep, oneTimeCode, timeStep } from '../../src/identity/mfa/totp-code.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { fromBase32 } from '../support/base32.ts';
import { pastFailure, type Starts } from './holds.ts';
import { bareSite, bodyOf, everyHostWith, json, nodeSite, postForm, type Site } from './sites.ts';

/** A clock that stands still: no code ends while a test looks at it. */
const NOW = Date.parse('2026-01-01T00:00:10Z');

function secondFactors(state: State): SecondFactors {
  const keys = new KeyRing([randomBytes(32)]);
  return SecondFactors.of(
    { state, keys, origin: parseOrigin('https://example.com'), mfa: defaultsOf(mfaOptions) },
    () => NOW,
  );
}

/** A site that asks for a code after the password. */
interface CodeSite extends Site {
  /** What the app shows for a time step so many after now. */
  readonly codeOf: (steps: number) => string;
}

function appOf(secret: Buffer): CodeSite['codeOf'] {
  return (steps) => oneTimeCode(secret, timeStep(NOW) + steps);
}

/** 200 where the code is taken, 401 where it is not. */
function codeHosts(): Starts<CodeSite> {
  const started = Object.keys(everyHostWith(() => undefined)).map((name) => {
    const start = async (): Promise<CodeSite> => {
      const factors = secondFactors(memory());
      const { secret } = await factors.totp.enrol('ann', 'ann@example.com');
      const codeOf = appOf(fromBase32(secret));
      await factors.totp.confirm({ audit: () => undefined }, 'ann', codeOf(0));
      const handle = async (
        request: IncomingMessage,
        response: ServerResponse,
        view: View,
      ): Promise<void> => {
        const code = new URLSearchParams(await bodyOf(request)).get('code') ?? '';
        if (!(await factors.totp.verify(view, 'ann', code)).ok) response.statusCode = 401;
        response.end();
      };
      const site = await everyHostWith(handle)[name]?.();
      assert.ok(site !== undefined);
      return { ...site, codeOf };
    };
    return [name, start] as const;
  });
  return Object.fromEntries(started);
}

/** The code compared with what the app shows now, or a little sooner or later: all that most libraries do. */
async function comparingSite(): Promise<CodeSite> {
  const secret = randomBytes(20);
  const site = await bareSite(async (request, response) => {
    const code = new URLSearchParams(await bodyOf(request)).get('code') ?? '';
    if (matchingStep(secret, code, NOW, 1) === undefined) response.statusCode = 401;
    response.end();
  });
  return { ...site, codeOf: appOf(secret) };
}

pastFailure(
  28,
  'a code of an authenticator app is taken once, of five requests at once too, and no earlier one after it',
  {
    on: codeHosts(),
    off: { 'a code compared with what the app shows': comparingSite },
    check: async ({ port, codeOf }) => {
      const send = async (code: string): Promise<number> =>
        (await postForm(port, '/code', `code=${code}`)).status;
      const statuses = await Promise.all(Array.from({ length: 5 }, () => send(codeOf(1))));
      const passed = statuses.filter((status) => status === 200).length;
      assert.equal(passed, 1, `${passed} of 5 sign in by one code`);
      assert.equal(await send(codeOf(1)), 401, 'and again');
      assert.equal(await send(codeOf(-1)), 401, 'an earlier one');
    },
    seen: /^5 of 5 sign in by one code/,
  },
);

/** What someone is given once, and never again. */
interface Given {
  readonly codes: readonly string[];
  readonly secret: string;
  readonly device: string;
}

/** A site whose store can be dumped. */
interface Dumped extends Site {
  readonly dump: () => string;
}

/** Every byte of every file in a directory. */
function bytesOf(directory: string): string {
  return readdirSync(directory)
    .map((file) => readFileSync(join(directory, file), 'latin1'))
    .join('\n');
}

function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'bulwark-past-failures-'));
}

async function dumpedSite(): Promise<Dumped> {
  const directory = temporaryDirectory();
  const state = sqlite(directory);
  const factors = secondFactors(state);
  const handle = async (_request: IncomingMessage, response: ServerResponse, view: View): Promise<void> => {
    const { secret } = await factors.totp.enrol('ann@example.com', 'ann@example.com');
    await factors.totp.confirm(view, 'ann@example.com', appOf(fromBase32(secret))(0));
    const codes = await factors.recoveryCodes.create(view, 'ann@example.com');
    const device = await factors.rememberedBrowsers.remember(view, 'ann@example.com', 'a browser');
    json(response, { codes, secret, device } satisfies Given);
  };
  const site = await nodeSite(handle, { state });
  const stop = async (): Promise<void> => {
    await site.stop();
    rmSync(directory, { recursive: true });
  };
  return { ...site, dump: () => bytesOf(directory), stop };
}

/** What one gives out, stored as one gives it out. */
async function clearTextSite(): Promise<Dumped> {
  const directory = temporaryDirectory();
  const db = new DatabaseSync(join(directory, 'app.db'));
  db.exec('CREATE TABLE factors (account TEXT, secret TEXT, codes TEXT, device TEXT)');
  const site = await bareSite((_request, response) => {
    const codes = Array.from({ length: 10 }, () => String(randomInt(10 ** 10)).padStart(25, '7'));
    const [secret, device] = [
      'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      `d=1.${randomBytes(24).toString('base64url')}`,
    ];
    db.prepare('INSERT INTO factors VALUES (?, ?, ?, ?)').run(
      'ann@example.com',
      secret,
      codes.join(' '),
      device,
    );
    json(response, { codes, secret, device } satisfies Given);
  });
  const stop = async (): Promise<void> => {
    await site.stop();
    db.close();
    rmSync(directory, { recursive: true });
  };
  return { ...site, dump: () => bytesOf(directory), stop };
}

pastFailure(
  29,
  'a dump of the store holds no recovery code, no secret of an authenticator app and no device cookie',
  {
    on: { 'second factors on SQLite': dumpedSite },
    off: { 'codes and secrets as they are given out': clearTextSite },
    check: async ({ port, dump }) => {
      const answer = await postForm(port, '/', '');
      const { codes, secret, device } = JSON.parse(answer.body) as Given;
      assert.equal(codes.length, 10);
      const stored = dump();
      assert.ok(stored.includes('ann@example.com'), 'the dump is of this store');
      for (const code of codes.flatMap((one) => [one, one.replaceAll('-', '')])) {
        assert.ok(!stored.includes(code), 'a recovery code is in the dump');
      }
      const bytes = fromBase32(secret);
      for (const form of [
        secret.replaceAll(' ', ''),
        ...(['latin1', 'hex', 'base64'] as const).map((one) => bytes.toString(one)),
      ]) {
        assert.ok(!stored.includes(form), 'the secret of the app is in the dump');
      }
      const token = device.split(';')[0]?.split('.')[1] ?? '';
      assert.ok(token.length >= 32 && !stored.includes(token), 'the cookie of the device is in the dump');
    },
    seen: /a recovery code is in the dump/,
  },
);
