import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import type { Probe } from '../../core/answer.ts';
import type { AccountWays } from '../../core/rule.ts';
import { sessionStayRules } from './stay.check.ts';

/** How a site is made. */
interface Made {
  readonly attributes?: string;
  readonly rotates?: false;
  readonly goesOn?: true;
  readonly cap?: number;
  readonly refuses?: true;
}

/** A site with sessions, and stays that begin them anew. */
class Site {
  readonly #made: Made;
  readonly #sessions: string[] = [];
  readonly #stays = new Set<string>();
  #count = 0;

  constructor(made: Made) {
    this.#made = made;
  }

  readonly answer = ({ method = 'GET', target = '/' }: Probe, cookie: string): Said => {
    const cookies = new Map(cookie.split('; ').map((pair) => pair.split('=', 2) as [string, string]));
    if (method === 'POST' && target === '/out') return this.#end(cookies);
    if (method === 'POST') return this.#begin(target === '/in-and-stay');
    if (this.#sessions.includes(cookies.get('id') ?? '')) return { body: '<p>Sign out' };
    const stay = cookies.get('stay') ?? '';
    if (!this.#stays.has(stay)) return { body: '<p>Sign in' };
    if (this.#made.rotates === false) return { body: '<p>Sign out' };
    this.#stays.delete(stay);
    return { ...this.#begin(true), body: '<p>Sign out' };
  };

  #begin(stays: boolean): Said {
    const { cap = Infinity, refuses, attributes = '; HttpOnly; Secure; SameSite=Lax' } = this.#made;
    if (this.#sessions.length >= cap && refuses === true) return { status: 403 };
    const id = `id-${(this.#count += 1)}-0123456789`;
    this.#sessions.push(id);
    if (this.#sessions.length > cap) this.#sessions.shift();
    const lines = ['Set-Cookie', `id=${id}; HttpOnly`, 'Set-Cookie', 'theme=dark; Max-Age=31536000'];
    if (!stays) return { headers: lines };
    const stay = `stay-${this.#count}-0123456789`;
    this.#stays.add(stay);
    return { headers: [...lines, 'Set-Cookie', `stay=${stay}; Max-Age=2592000${attributes}`] };
  }

  #end(cookies: ReadonlyMap<string, string>): Said {
    const at = this.#sessions.indexOf(cookies.get('id') ?? '');
    if (at !== -1) this.#sessions.splice(at, 1);
    if (this.#made.goesOn !== true) this.#stays.delete(cookies.get('stay') ?? '');
    return { headers: ['Set-Cookie', 'id=; Max-Age=0', 'Set-Cookie', 'stay=; Max-Age=0'] };
  }
}

const WAYS: AccountWays = {
  name: 'ann',
  signIn: async (visitor) => ({
    answer: await visitor.ask({ method: 'POST', target: '/in' }),
    before: new Map(),
    milliseconds: 0,
  }),
  stay: async (visitor) => ({
    answer: await visitor.ask({ method: 'POST', target: '/in-and-stay' }),
    before: new Map(),
    milliseconds: 0,
  }),
  isSignedIn: async (visitor) => (await visitor.ask({ target: '/' })).body.includes('Sign out'),
  signOut: (visitor) => visitor.ask({ method: 'POST', target: '/out' }),
  reset: undefined,
  register: undefined,
  passwordAlone: undefined,
  signInOther: undefined,
};

function look(id: string, made: Made = {}, ways: Partial<AccountWays> = {}): Promise<readonly string[]> {
  const account = { ...WAYS, ...ways };
  return verdictOf(sessionStayRules, id, contextOf(new Site(made).answer, {}, undefined, { account }));
}

test('session.stay: its cookie, its use, and its end', async () => {
  const id = 'session.stay';
  assert.deepEqual(await look(id), ['held']);
  assert.deepEqual(await look(id, { attributes: '; Secure; SameSite=Lax' }), ['error']);
  assert.deepEqual(await look(id, { attributes: '; HttpOnly; SameSite=Lax' }), ['error']);
  assert.deepEqual(await look(id, { attributes: '; HttpOnly; Secure; SameSite=None' }), ['warning']);
  assert.deepEqual(await look(id, { rotates: false }), ['note']);
  assert.deepEqual(await look(id, { goesOn: true }), ['error']);
  assert.deepEqual(await look(id, { goesOn: true, rotates: false, attributes: '' }), [
    'error',
    'error',
    'warning',
    'note',
    'error',
  ]);
});

test('session.stay: where nothing can be seen, nothing has passed', async () => {
  const id = 'session.stay';
  assert.deepEqual(await look(id, {}, { stay: undefined }), ['not-seen']);
  assert.deepEqual(await look(id, {}, { stay: WAYS.signIn }), ['not-seen']);
  assert.deepEqual(await look(id, {}, { signOut: undefined }), ['not-seen']);
  assert.deepEqual(await look(id, { attributes: '' }, { signOut: undefined }), ['error', 'error', 'warning']);
  assert.deepEqual(await look(id, {}, { isSignedIn: async () => false }), ['not-seen']);
});

test('session.cap: the oldest ends, or nobody is signed in, or there is no cap', async () => {
  const id = 'session.cap';
  assert.deepEqual(await look(id, { cap: 3 }, { mostSessions: 3 }), ['held']);
  assert.deepEqual(await look(id, { cap: 3, refuses: true }, { mostSessions: 3 }), ['held']);
  assert.deepEqual(await look(id, {}, { mostSessions: 3 }), ['warning']);
  assert.deepEqual(await look(id, { cap: 4 }, { mostSessions: 3 }), ['warning']);
  // Whoever says nothing of a cap is not held to one.
  assert.deepEqual(await look(id), ['not-seen']);
});
