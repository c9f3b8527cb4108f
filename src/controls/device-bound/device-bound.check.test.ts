import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, runRule, type Said, SITE, verdictOf } from '../../../test/support/check-site.ts';
import { DeviceSite } from '../../../test/support/device-site.ts';
import { makeContext, type RunContext } from '../../check/context.ts';
import type { Answer, Probe } from '../../core/answer.ts';
import { keyOf, readJwk } from '../../core/jwk.ts';
import { isSignedBy } from '../../core/jws.ts';
import type { AccountWays } from '../../core/rule.ts';
import { deviceRules } from './device-bound.check.ts';
import { type Proof, readProof } from './proof.ts';

const ID = 'device-bound.proof';

const WAYS: AccountWays = {
  name: 'ann',
  async signIn(visitor) {
    const answer = await visitor.ask({ method: 'POST', target: '/in' });
    return { answer, before: new Map(), milliseconds: 0 };
  },
  isSignedIn: async (visitor) => (await visitor.ask({ target: '/' })).body.includes('Sign out'),
  signOut: undefined,
  reset: undefined,
  register: undefined,
  passwordAlone: undefined,
  signInOther: undefined,
};

/** What a site that binds sessions by itself forgets. */
type Left =
  | 'offer'
  | 'challenge'
  | 'signature'
  | 'any-challenge'
  | 'refresh-signature'
  | 'once'
  | 'no-proof'
  | 'renewed-by-no'
  | 'empty-proof'
  | 'unsigned'
  | 'refresh'
  | 'url'
  | 'other-url'
  | 'year'
  | 'no-life'
  | 'expires'
  | 'busy'
  | 'same-cookie'
  | 'cookie'
  | 'answer';

/** A site that is not ours: the draft in forty lines, but for what it leaves out. */
class BindingSite {
  readonly #leaves: ReadonlySet<Left>;
  #jwk: unknown;
  #made = 0;
  #open = '';

  constructor(...leaves: readonly Left[]) {
    this.#leaves = new Set(leaves);
  }

  readonly answer = ({ method, target, headers = {} }: Probe, cookie: string): Said => {
    const leaves = (what: Left): boolean => this.#leaves.has(what);
    const proof = readProof(headers['secure-session-response']);
    if (target === '/in') {
      const challenge = leaves('challenge') ? '' : `;challenge="${this.#challenge()}"`;
      const offer = ['Secure-Session-Registration', `(ES256);path="/reg"${challenge}`];
      const sid = leaves('same-cookie') ? 'sid=1; Max-Age=31536000' : 'sid=1';
      return { headers: ['Set-Cookie', sid, ...(leaves('offer') ? [] : offer)] };
    }
    if (method === 'POST' && leaves('answer')) return { status: 404 };
    if (target === '/reg') {
      const isRight = leaves('signature') || isBy(proof, proof?.jwk);
      if (!isRight || !this.#takes(proof, leaves('any-challenge') || leaves('challenge')))
        return { status: 401 };
      this.#jwk = proof?.jwk;
      const refresh = leaves('url')
        ? 'http://['
        : leaves('other-url')
          ? 'https://other.example/fresh'
          : '/fresh';
      const name = leaves('same-cookie') ? 'sid' : 'bound';
      const body = { session_identifier: 's', refresh_url: refresh, credentials: [{ name }] };
      return {
        headers: leaves('same-cookie') ? [] : ['Set-Cookie', this.#bound()],
        body: JSON.stringify(body),
      };
    }
    if (target === '/fresh') {
      const sent = headers['secure-session-response'];
      const again = ['Set-Cookie', this.#bound()];
      if (leaves('no-proof') && sent === undefined) return { status: 204, headers: again };
      if (leaves('renewed-by-no') && sent === undefined) return { status: 403, headers: again };
      if (leaves('empty-proof') && sent === '') return { status: 204, headers: again };
      if (leaves('unsigned') && sent?.endsWith('.') === true) return { status: 204, headers: again };
      if (leaves('refresh')) return { status: 404 };
      const isRight = proof !== undefined && (leaves('refresh-signature') || isBy(proof, this.#jwk));
      if (isRight && this.#takes(proof, leaves('once')))
        return { status: 204, headers: leaves('same-cookie') ? [] : again };
      // A limit refuses everything, whatever the proof is.
      if (leaves('busy') && sent === '') return { status: 429 };
      // What takes the cookie away renews nothing.
      const gone = sent === '' ? ['Set-Cookie', 'bound=; Max-Age=0'] : [];
      if (sent === '') return { status: 200, headers: gone, body: '{"continue":false}' };
      return { status: 403, headers: ['Secure-Session-Challenge', `"${this.#challenge()}";id="s"`] };
    }
    const isIn =
      cookie.includes('sid=1') &&
      (this.#jwk === undefined || leaves('cookie') || leaves('same-cookie') || cookie.includes('bound=1'));
    return { body: isIn ? 'Sign out' : 'Sign in' };
  };

  #bound(): string {
    if (this.#leaves.has('no-life')) return 'bound=1';
    if (this.#leaves.has('year')) return 'bound=1; Max-Age=31536000';
    const day = new Date(Date.now() + 86_400_000).toUTCString();
    return this.#leaves.has('expires') ? `bound=1; Expires=${day}` : 'bound=1; Max-Age=600';
  }

  #challenge(): string {
    this.#made += 1;
    this.#open = `c${this.#made}`;
    return this.#open;
  }

  #takes(proof: Proof | undefined, any: boolean): boolean {
    if (proof === undefined || (!any && proof.challenge !== this.#open)) return false;
    this.#open = 'used';
    return true;
  }
}

function isBy(proof: Proof | undefined, jwk: unknown): boolean {
  const key = readJwk('ES256', jwk);
  return proof !== undefined && key !== undefined && isSignedBy(proof, keyOf(key), 'ES256');
}

async function verdict(...leaves: readonly Left[]): Promise<readonly string[]> {
  const waits: number[] = [];
  const rules = deviceRules(async (ms) => waits.push(ms));
  const found = await verdictOf(
    rules,
    ID,
    contextOf(new BindingSite(...leaves).answer, {}, undefined, { account: WAYS }),
  );
  // What is still let in after half a minute stays so.
  assert.equal(
    waits.reduce((sum, ms) => sum + ms, 0),
    leaves.includes('cookie') ? 30_000 : 0,
  );
  return found;
}

test('holds on a site that binds sessions by itself, as the draft has it', async () => {
  assert.deepEqual(await verdict(), ['held']);
});

test('finds each thing that such a site may leave out', async () => {
  assert.deepEqual(await verdict('cookie'), ['error']);
  assert.deepEqual(await verdict('signature'), ['error']);
  assert.deepEqual(await verdict('any-challenge'), ['error']);
  assert.deepEqual(await verdict('refresh-signature'), ['error']);
  assert.deepEqual(await verdict('once'), ['error']);
  assert.deepEqual(await verdict('challenge'), ['warning']);
});

test('finds a refresh that asks for no proof, whatever its status says', async () => {
  assert.deepEqual(await verdict('no-proof'), ['error']);
  assert.deepEqual(await verdict('renewed-by-no'), ['error']);
  assert.deepEqual(await verdict('empty-proof'), ['error']);
  assert.deepEqual(await verdict('unsigned'), ['error']);
});

test('finds a bound cookie that lives for long, or for as long as its browser', async () => {
  assert.deepEqual(await verdict('year'), ['warning']);
  assert.deepEqual(await verdict('no-life'), ['warning']);
  assert.deepEqual(await verdict('expires'), ['warning']);
  assert.deepEqual(await verdict('same-cookie'), ['warning']);
});

test('says only what was tried', async () => {
  const evidence = async (...leaves: readonly Left[]): Promise<string> =>
    JSON.stringify(
      await runRule(
        deviceRules(async () => undefined),
        ID,
        contextOf(new BindingSite(...leaves).answer, {}, undefined, { account: WAYS }),
      ),
    );
  assert.match(
    await evidence(),
    /"held".*a refresh without a proof, one by an empty proof, .*one by a proof that was used/,
  );
  const busy = await evidence('busy');
  assert.match(busy, /"held".*a refresh without a proof, one by a proof without/);
  assert.doesNotMatch(busy, /empty/);
});

test('is no pass where a session cannot be refreshed, or elsewhere alone', async () => {
  assert.deepEqual(await verdict('refresh'), ['not-seen']);
  assert.deepEqual(await verdict('url'), ['not-seen']);
  assert.deepEqual(await verdict('other-url'), ['not-seen']);
});

test('is no pass where nothing is offered, or nobody answers', async () => {
  assert.deepEqual(await verdict('offer'), ['not-seen']);
  assert.deepEqual(await verdict('answer'), ['not-seen']);
  for (const status of [404, 405]) {
    const context = contextOf(() => ({ status }), {}, undefined, { account: WAYS });
    assert.deepEqual(await verdictOf(deviceRules(), ID, context), ['not-seen']);
  }
});

/** Our own site, and what `check` sees of it. */
async function ours(
  deviceBound: 'enforce' | 'observe' | 'off',
): Promise<{ site: DeviceSite; context: RunContext }> {
  const site = await DeviceSite.open({ session: { deviceBound } });
  const send = async (
    { method = 'GET', target = '/', headers = {} }: Probe,
    cookie = '',
  ): Promise<Answer> => {
    let body = '';
    const { head, verdict: refusal } = await site.host.run(
      { method, target, now: site.now, headers: { 'sec-fetch-site': 'same-origin', cookie, ...headers } },
      async (exchange) => {
        const session = site.session(exchange);
        if (target === '/in') await session.signIn({ account: 'ann' });
        body = session.principal === undefined ? 'Sign in' : 'Sign out';
        return {};
      },
    );
    const rawHeaders = head.lines.flat();
    const url = `${SITE.origin}${target}`;
    return { method, url, status: head.statusCode, rawHeaders, body: refusal?.content?.body ?? body };
  };
  return { site, context: makeContext(send, SITE, undefined, { account: WAYS }) };
}

test('holds on ours once what left before the binding is no longer let in, and says what it has changed', async () => {
  const { site, context } = await ours('enforce');
  const rules = deviceRules(async (ms) => void (site.now += ms));
  const outcome = await runRule(rules, ID, context);
  assert.equal(outcome.outcome, 'held', JSON.stringify(outcome));
  assert.match(context.changes.join(), /a key was registered/);
});

test('finds that ours only observes, and sees nothing where it is off', async () => {
  const observing = await ours('observe');
  const rules = deviceRules(async (ms) => void (observing.site.now += ms));
  assert.deepEqual(await verdictOf(rules, ID, observing.context), ['error']);
  assert.deepEqual(await verdictOf(deviceRules(), ID, (await ours('off')).context), ['not-seen']);
});
