/**
 * Every secret comes from the system's generator, whole. Tests of length and of repetition pass with any generator, that of
 * Math.random included: here the bytes that the system gave out are known, and each secret is found among them.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readPolicy } from '../src/policy/read-policy.ts';
import { makeCsrfToken } from '../src/controls/csrf/csrf-token.ts';
import { KeyRing } from '../src/core/key-ring.ts';
import { BROWSER_COOKIE } from '../src/identity/mfa/browser-cookie.ts';
import { dummyHash, hashPassword } from '../src/identity/passwords/password-hash.ts';
import { type Argon2Cost, parseArgon2 } from '../src/identity/passwords/phc-string.ts';
import { memory } from '../src/stores/memory/state.ts';
import { FakeAccounts, type Member, PASSWORD } from './support/accounts.ts';
import { fromBase32 } from './support/base32.ts';
import { sketchExchange } from './support/exchange.ts';
import { OpenIdProvider } from './support/openid-provider.ts';
import { providerAt } from './support/sign-in-providers.ts';
import { recordSystemRandom, type SystemRandom } from './support/system-random.ts';

const TAG = { signs: 'csrf-token' };
const SEAL = { seals: 'mfa-totp-seal' };

const SRC = join(import.meta.dirname, '../src');
const LEAST_COST: Argon2Cost = { memory: 8, passes: 1, parallelism: 1 };
const CODE_ALPHABET = '2346789CDFGHJKMNPQRTVWXY';
const TOKEN_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

let home: OpenIdProvider;

before(async () => {
  home = await OpenIdProvider.start();
});
after(() => {
  home.stop();
});

test('v5.0.0-7.2.2 v5.0.0-7.2.3 a session id is 192 bits of the system generator, at sign-in and at each renewal', async () => {
  await traced(async (system) => {
    const { person } = await member();
    const first = person.sessionId;
    gave(system, first, 24);
    await person.visit(({ session }) => session.renew());
    assert.notEqual(person.sessionId, first);
    gave(system, person.sessionId, 24);
  });
});

test('the nonce of a page and the id of a request are 128 bits of the system generator', async () => {
  await traced((system) => {
    const exchange = sketchExchange();
    gave(system, exchange.nonce, 16);
    gave(system, exchange.id, 16);
    return Promise.resolve();
  });
});

test('the mask of a CSRF token is 128 bits of the system generator', async () => {
  await traced((system) => {
    const token = makeCsrfToken(new KeyRing([Buffer.alloc(32, 1)]), 'a session');
    assert.ok(system.gave(Buffer.from(token, 'base64url').subarray(0, 16)));
    return Promise.resolve();
  });
});

test('v5.0.0-6.5.3 the secret of an authenticator app is 160 bits of the system generator', async () => {
  await traced(async (system) => {
    const { secret } = await new FakeAccounts().accounts.factors.totp.enrol('ann', 'ann@example.com');
    const bytes = fromBase32(secret.replaceAll(' ', ''));
    assert.equal(bytes.byteLength, 20);
    assert.ok(system.gave(bytes));
  });
});

test('v5.0.0-6.5.3 each character of a recovery code is drawn by the system generator', async () => {
  await traced(async (system) => {
    const { site, person } = await member();
    const codes = await person.visit((visit) => site.accounts.factors.recoveryCodes.create(visit, 'ann'));
    assert.equal(codes.length, 10);
    for (const code of codes) {
      const drawn = code.replaceAll('-', '');
      assert.equal(drawn.length, 25);
      assert.ok(system.drew(drawn, CODE_ALPHABET), 'a recovery code is not from the system generator');
    }
  });
});

test('v5.0.0-11.5.1 the token of a remembered browser is 192 bits of the system generator, and its id 128', async () => {
  await traced(async (system) => {
    const { site, person } = await member();
    const line = await person.visit((visit) =>
      site.accounts.factors.rememberedBrowsers.remember(visit, 'ann', 'a browser'),
    );
    const [id, token] = cookieValue(line, BROWSER_COOKIE).split('.');
    gave(system, id, 16);
    gave(system, token, 24);
  });
});

test('the id of a browser that an account knows is 128 bits of the system generator', async () => {
  await traced(async (system) => {
    const { site, person } = await member();
    const lines: string[] = [];
    const { account } = await site.member('bob@example.com');
    await site.person('192.0.2.9').visit(async (visit) => {
      await site.accounts.signIn.withPassword(
        { ...visit, setCookie: (line) => void lines.push(line) },
        { email: account.email, password: PASSWORD },
      );
    });
    assert.ok(person.sessionId !== undefined);
    const known = lines.find((line) => line.startsWith('__Host-known='));
    const id = cookieValue(known ?? '', '__Host-known');
    assert.ok(Buffer.from(id, 'base64url').byteLength >= 16);
    gave(system, id, Buffer.from(id, 'base64url').byteLength);
  });
});

test('the first token of a browser that stays signed in is 192 bits of the system generator, and its id 128', async () => {
  await traced(async (system) => {
    const site = new FakeAccounts({ staySignedIn: '30d' });
    const { person, account } = await site.member();
    const typed = { email: account.email, password: PASSWORD, stay: true };
    await person.visit((visit) => site.accounts.signIn.withPassword(visit, typed));
    const [id = '', token = ''] = person.cookie('__Host-stay')?.split('.') ?? [];
    gave(system, id, 16);
    gave(system, token, 24);
  });
});

test('v5.0.0-6.5.3 the token of a mailed link is 256 bits of the system generator, whatever the link does', async () => {
  await traced(async (system) => {
    const { site, person, account } = await member();
    gave(system, await site.mailedToken('register'), 32);
    await person.visit((visit) => site.accounts.reset.ask(visit, account.email));
    gave(system, await site.mailedToken('reset'), 32);
  });
});

test('each character of an API token but prefix and checksum is drawn by the system generator', async () => {
  await traced(async (system) => {
    const site = new FakeAccounts({}, memory(), { scopes: ['files:read'] });
    const { person, account } = await site.member();
    const record = await site.state.accounts?.find(account.id);
    assert.ok(record !== undefined);
    const made = await person.visit((visit) =>
      site.accounts.apiTokens?.create(visit, record, { name: 'Backup', scopes: ['files:read'] }),
    );
    assert.ok(made?.ok);
    const drawn = made.token.split('_')[1] ?? '';
    assert.equal(drawn.length, 32);
    assert.ok(system.drew(drawn, TOKEN_ALPHABET));
    gave(system, made.summary.id, Buffer.from(made.summary.id, 'base64url').byteLength);
  });
});

test('v5.0.0-6.7.2 every challenge of a passkey is 192 bits of the system generator, and a handle 256', async () => {
  await traced(async (system) => {
    const { site, person } = await member();
    const { passkeys } = site.accounts.factors;
    const owner = { account: 'ann', name: 'ann@example.com' };
    const made = await person.visit((visit) => passkeys.registrationOptions(visit, owner));
    gave(system, made['challenge'], 24);
    gave(system, (made['user'] as { id: unknown }).id, 32);
    // Random first; what follows is when it ends, and a tag over both.
    const used = Buffer.from(String(passkeys.signInOptions()['challenge']), 'base64url');
    gave(system, used.subarray(0, 24).toString('base64url'), 24);
  });
});

test('state, nonce and PKCE verifier of a sign-in with others come from the system generator', async () => {
  await traced(async (system) => {
    const providers = { home: providerAt(home.issuer) };
    const site = new FakeAccounts({}, memory(), { providers });
    const person = site.person();
    const begun = await person.visit((visit) =>
      site.accounts.identities?.begin(visit, 'home', { purpose: 'sign-in' }),
    );
    assert.ok(begun?.ok);
    const asked = new URL(begun.url).searchParams;
    gave(system, asked.get('state'), 24);
    gave(system, asked.get('nonce'), 24);
    const verifier = await person.visit(({ session }) =>
      Array.from(
        { length: 5 },
        (_, slot) => session.get(`bulwark.oidc.${slot}`) as { verifier?: string } | undefined,
      )
        .map((kept) => kept?.verifier)
        .find((one) => one !== undefined),
    );
    gave(system, verifier, 32);
  });
});

test('what a suspect client is asked for has an id of 128 bits of the system generator', async () => {
  await traced(async (system) => {
    const site = new FakeAccounts({ challenge: 'always' });
    const asked = await site.person().visit((visit) => site.accounts.challenge?.ask(visit, 'sign-in'));
    gave(system, asked?.work.challenge.split('.')[4], 16);
    gave(system, asked?.pause.token.split('.')[1], 16);
  });
});

test('salts of passwords are 128 bits of the system generator, those of no password included', async () => {
  await traced(async (system) => {
    for (const stored of [await hashPassword(PASSWORD, LEAST_COST), dummyHash(LEAST_COST)]) {
      const salt = parseArgon2(stored)?.salt ?? Buffer.alloc(0);
      assert.ok(salt.byteLength >= 16 && system.gave(salt));
    }
  });
});

test('what is sealed is sealed under a nonce of the system generator', async () => {
  await traced((system) => {
    const sealed = new KeyRing([Buffer.alloc(32, 1)]).seal(SEAL, Buffer.from('x'), 'ann');
    // The format comes first, one byte.
    assert.ok(system.gave(Buffer.from(sealed, 'base64url').subarray(1, 13)));
    return Promise.resolve();
  });
});

test('the secret of a development server that has none is 256 bits of the system generator', async () => {
  await traced(async (system) => {
    const secrets = { name: 'none', load: () => [] };
    const policy = await readPolicy({ environment: 'development', secrets, state: memory() });
    const signed = policy.keys.sign(TAG, 'x');
    const isKey = (bytes: Buffer): boolean => new KeyRing([bytes]).sign(TAG, 'x').equals(signed);
    assert.ok(system.callsFor(32).some(isKey));
  });
});

/** Where a number need not be a secret. */
const NO_SECRET: Readonly<Record<string, string>> = {
  'audit/shipping/shipper.ts': 'how long it waits until a receiver is tried again',
  'gateway/tls/acme/acme.ts': 'when within its window a certificate is renewed',
  'identity/oidc/attempts.ts': 'which of five places of a session an attempt is kept in',
  'layer/layer-times.ts': 'which request of sixteen is timed',
};

test('v5.0.0-11.5.1 no other generator is in the source: Math.random and the clock make no secret', () => {
  const files = globSync('**/*.{ts,js}', { cwd: SRC }).filter((file) => !file.endsWith('.test.ts'));
  const found = files.filter((file) =>
    /Math\s*(?:\.|\[)\s*['"`]?random/.test(readFileSync(join(SRC, file), 'utf8')),
  );
  assert.deepEqual(found.toSorted(), Object.keys(NO_SECRET).toSorted());
});

async function traced(run: (system: SystemRandom) => Promise<void>): Promise<void> {
  await recordSystemRandom(run);
}

async function member(): Promise<Member & { readonly site: FakeAccounts }> {
  const site = new FakeAccounts();
  return { site, ...(await site.member()) };
}

/** That a text is base64url of so many bytes, and that all of them came from the system at once. */
function gave(system: SystemRandom, text: unknown, bytes: number): void {
  assert.ok(typeof text === 'string', 'there is no secret');
  const read = Buffer.from(text, 'base64url');
  assert.equal(read.byteLength, bytes);
  assert.ok(system.gave(read), 'a secret is not from the system generator');
}

function cookieValue(line: string, name: string): string {
  assert.ok(line.startsWith(`${name}=`), line);
  return line.slice(name.length + 1, line.indexOf(';'));
}
