import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../../test/support/secrets.ts';
import { PolicyError } from '../../core/errors.ts';
import type { PolicyOptions } from '../../policy/policy.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { memory } from '../../stores/memory/state.ts';

/** What a policy is refused for: option and reason. */
async function refused(policy: PolicyOptions): Promise<readonly string[]> {
  try {
    await readPolicy({
      environment: 'production',
      origin: 'https://files.example.com',
      secrets: fixedSecrets(TEST_SECRET),
      state: memory(),
      ...policy,
    });
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.problems.map(({ option, reason }) => `${option} ${reason}`);
  }
}

async function check(policy: PolicyOptions, expected: RegExp): Promise<void> {
  const found = await refused(policy);
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0] ?? '', expected);
}

test('everyone with credentials is refused, in the section, on a route, and in the sum of both (cors#119)', async () => {
  await check({ cors: { origins: '*', credentials: true } }, /^cors\.credentials every site could/);
  await check(
    { routes: { '/api': { cors: { origins: '*', credentials: true } } } },
    /^routes\['\/api'\]\.cors\.credentials every site/,
  );
  await check(
    {
      cors: { origins: ['https://a.example'], credentials: true },
      routes: { '/api': { cors: { origins: '*' } } },
    },
    /^routes\['\/api'\]\.cors\.credentials every site/,
  );
});

test('an origin is written in full: no wildcard, no null, no path, no http', async () => {
  await check(
    { cors: { origins: ['https://*.partner.example'] } },
    /^cors\.origins\[0\]|^cors\.origins .*in full/,
  );
  await check({ cors: { origins: ['null'] } }, /sandboxed frame/);
  await check({ cors: { origins: ['https://partner.example/app'] } }, /without path/);
  await check({ cors: { origins: ['http://partner.example'] } }, /^cors\.origins\[0\] it is http: whoever/);
  await check(
    { cors: { origins: ['http://localhost:5173'] } },
    /^cors\.origins\[0\] it is http on the own machine/,
  );
  await check({ cors: { headers: ['*'] } }, /the name of a header/);
  await check({ cors: { exposedHeaders: ['X-A\r\nSet-Cookie: a=b'] } }, /the name of a header/);
  await check({ cors: { methods: ['TRACE' as 'GET'] } }, /one of 'GET'/);
  assert.deepEqual(
    await refused({ environment: 'development', cors: { origins: ['http://localhost:5173'] } }),
    [],
  );
});

test('a partner of another site among trustedOrigins is refused with the word that helps', async () => {
  await check(
    { csrf: { trustedOrigins: ['https://partner.example'] } },
    /^csrf\.trustedOrigins\[0\] it is another site/,
  );
  await check(
    { csrf: { trustedOrigins: ['http://app.example.com'] } },
    /^csrf\.trustedOrigins\[0\] it is another site/,
  );
  await check(
    { origin: 'https://a.co.uk', csrf: { trustedOrigins: ['https://b.co.uk'] } },
    /^csrf\.trustedOrigins\[0\] it is another site/,
  );
  assert.deepEqual(
    await refused({ csrf: { trustedOrigins: ['https://app.example.com', 'https://example.com:8443'] } }),
    [],
  );
});
