import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, verdictOf } from '../../../test/support/check-site.ts';
import { signInStateRules } from './sign-in-state.check.ts';

/** What is said of a site whose link leads there; `#` is another in each answer. */
function look(address: string, cookies = true): Promise<readonly string[]> {
  let count = 0;
  const context = contextOf(({ target }) =>
    target === '/auth/id'
      ? {
          status: 302,
          headers: [
            'Location',
            address.replaceAll('#', `${(count += 1)}`),
            ...(cookies ? ['Set-Cookie', 'state=0123456789; HttpOnly'] : []),
          ],
        }
      : { body: '<a href=/auth/id>Sign in with Id</a>' },
  );
  return verdictOf(signInStateRules, 'csrf.sign-in-state', context);
}

const AT = 'https://id.example/authorize?client_id=files&redirect_uri=https%3A%2F%2Ffiles.example%2Fback';

test('csrf.sign-in-state: what a sign-in elsewhere carries of this browser', async () => {
  for (const name of ['state', 'code_challenge', 'nonce']) {
    assert.deepEqual(await look(`${AT}&${name}=#`), ['held'], name);
    assert.deepEqual(await look(`${AT}&${name}=same`), ['error'], name);
  }
  assert.deepEqual(await look(`${AT}&state=same&code_challenge=#`), ['held']);
  assert.deepEqual(await look(AT), ['error']);
  assert.deepEqual(await look(`${AT}&state=`), ['error']);
  assert.deepEqual(await look(`${AT}&state=#`, false), ['warning']);
});

test('csrf.sign-in-state: a link that leads elsewhere is no sign-in', async () => {
  assert.deepEqual(await look('https://id.example/help?client_id=files'), ['not-seen']);
  assert.deepEqual(await look('/back?client_id=files&redirect_uri=x'), ['not-seen']);
});
