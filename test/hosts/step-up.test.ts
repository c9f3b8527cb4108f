/** A form that was sent too early: asked for a proof, and sent again by its sender. On every host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import type { HeldRequest } from '../../src/controls/step-up/held-requests.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import {
  ask,
  openSocket,
  type RawAnswer,
  sessionCookieOf,
  valueOf,
  writeRequest,
} from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { EVERY_HOST } from './every-host.ts';
import type { Running } from './hosts.ts';

const OWN_PAGE = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', accept: 'text/html' };
const FORM = { ...OWN_PAGE, 'content-type': 'application/x-www-form-urlencoded' };
const BODY = 'to=ada&amount=1+000&note=%E2%82%AC';

interface StepUpPage {
  readonly held: HeldRequest | null;
  readonly token: string;
}

/** A browser at one host. */
class Browser {
  readonly #port: number;
  readonly state: State;
  cookie = '';

  constructor({ port }: Running, state: State) {
    this.#port = port;
    this.state = state;
  }

  async send(
    method: string,
    target: string,
    headers: Record<string, string> = OWN_PAGE,
    body?: string,
  ): Promise<RawAnswer> {
    const all = this.cookie === '' ? headers : { cookie: this.cookie, ...headers };
    const answer = await ask(this.#port, {
      method,
      target,
      headers: all,
      ...(body !== undefined && { body }),
    });
    this.cookie = sessionCookieOf(answer) ?? this.cookie;
    return answer;
  }

  async signIn(account: string): Promise<this> {
    assert.equal((await this.send('POST', `/sign-in?account=${account}`, OWN_PAGE, '')).status, 200);
    return this;
  }

  /** Sends a form that is kept. Returns its id. */
  async post(body = BODY): Promise<string> {
    const answer = await this.send('POST', '/vault?a=1', FORM, body);
    assert.equal(answer.status, 303, answer.body);
    hasTheHeaders(answer);
    const id = /^\/step-up\?held=([\w-]{16})&need=mfa$/.exec(valueOf(answer, 'location') ?? '')?.[1];
    assert.ok(id !== undefined, valueOf(answer, 'location'));
    return id;
  }

  async stepUp(method: 'GET' | 'POST', held: string, proof = 'mfa'): Promise<StepUpPage> {
    const answer = await this.send(method, `/step-up?held=${held}&proof=${proof}`, OWN_PAGE, '');
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(answer.body) as StepUpPage;
  }

  /** Whether anything is kept in a session of an account. */
  async keeps(account: string): Promise<boolean> {
    const sessions = await this.state.sessions.list(account, Date.now());
    return sessions.some(({ data }) => data.includes('bulwark.held-request'));
  }
}

for (const [name, host] of Object.entries(EVERY_HOST)) {
  const withBrowser = async (
    use: (browser: Browser, running: Running) => Promise<void>,
    policy: PolicyOptions = {},
  ): Promise<void> => {
    const state = memory();
    const running = await host({
      state,
      access: { stepUp: '/step-up' },
      routes: { '/vault': { require: { mfa: true } } },
      ...policy,
    });
    try {
      await use(await new Browser(running, state).signIn('ann'), running);
      assert.deepEqual(
        running.events.filter(({ event }) => event === 'sys_crash'),
        [],
      );
    } finally {
      await running.stop();
    }
  };

  test(`v5.0.0-7.5.3 a form waits for a proof and is sent again by its sender, on ${name}`, async () => {
    await withBrowser(async (browser) => {
      const page = await browser.send('GET', '/vault?a=1');
      assert.equal(page.status, 303);
      assert.equal(valueOf(page, 'location'), '/step-up?next=%2Fvault%3Fa%3D1&need=mfa');
      const id = await browser.post(`_csrf=old&${BODY}`);
      assert.equal((await browser.stepUp('GET', id)).held, null, 'nothing is shown before the proof');
      const before = browser.cookie;
      const { held, token } = await browser.stepUp('POST', id);
      assert.notEqual(browser.cookie, before);
      assert.ok(held !== null);
      assert.equal(held.target, '/vault?a=1');
      // As a browser that tells nothing of where it comes from: the new token has to do.
      const again = new URLSearchParams({ _csrf: token });
      for (const [field, value] of held.fields) again.append(field, value);
      const headers = { 'content-type': FORM['content-type'], accept: 'text/html' };
      const answer = await browser.send(held.method, held.target, headers, String(again));
      assert.equal(answer.status, 200, answer.body);
      assert.deepEqual(JSON.parse(answer.body), { read: `_csrf=${encodeURIComponent(token)}&${BODY}` });
      assert.equal((await browser.stepUp('POST', id)).held, null, 'nothing is given twice');
      assert.ok(!(await browser.keeps('ann')));
    });
  });

  test(`another proof than the one that is needed leads to the page again, on ${name}`, async () => {
    await withBrowser(async (browser) => {
      const { held } = await browser.stepUp('POST', await browser.post(), 'password');
      assert.ok(held !== null);
      const { held: later } = await browser.stepUp('POST', await browser.post(), 'mfa');
      assert.deepEqual(later, held);
    });
  });

  test(`a form of another site is kept for nobody to send, on ${name}`, async () => {
    const forgeries: Record<string, string>[] = [
      { ...FORM, 'sec-fetch-site': 'cross-site' },
      { ...FORM, 'sec-fetch-site': 'same-site', origin: 'https://evil.example.com' },
      { 'content-type': FORM['content-type'], accept: 'text/html', origin: 'https://evil.example' },
      { 'content-type': FORM['content-type'], accept: 'text/html' },
    ];
    await withBrowser(async (browser) => {
      for (const headers of forgeries) {
        assert.equal((await browser.send('POST', '/vault', headers, BODY)).status, 403);
        assert.ok(!(await browser.keeps('ann')));
      }
    });
    for (const mode of ['observe', 'off'] as const) {
      await withBrowser(
        async (browser) => {
          for (const headers of forgeries) {
            const answer = await browser.send('POST', '/vault', headers, BODY);
            assert.equal(answer.status, 403);
            assert.ok(!(await browser.keeps('ann')));
          }
        },
        { csrf: { mode } },
      );
    }
  });

  test(`the next person at the browser gets nothing of it, on ${name}`, async () => {
    await withBrowser(async (browser) => {
      const id = await browser.post();
      await browser.signIn('bob');
      assert.equal((await browser.stepUp('POST', id)).held, null);
      await browser.signIn('ann');
      assert.equal((await browser.stepUp('POST', id)).held, null);
    });
  });

  test(`what cannot be kept is refused, and says so to a person, on ${name}`, async () => {
    await withBrowser(async (browser) => {
      const kinds: [headers: Record<string, string>, body: string][] = [
        [{ ...OWN_PAGE, 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
        [{ ...OWN_PAGE, 'content-type': 'application/json' }, '{"a":1}'],
        [FORM, 'a=%00'],
        [FORM, 'a=\0'],
        [FORM, `a=${'x'.repeat(64 * 1024)}`],
        [{ ...FORM, 'transfer-encoding': 'chunked' }, `10001\r\na=${'x'.repeat(0xffff)}\r\n0\r\n\r\n`],
      ];
      for (const [headers, body] of kinds) {
        const answer = await browser.send('POST', '/vault', headers, body);
        assert.equal(answer.status, 403, answer.body);
        assert.match(answer.body, /What you sent was not kept\./);
      }
      const script = { ...FORM, 'sec-fetch-mode': 'cors', accept: '*/*' };
      const answer = await browser.send('POST', '/vault', script, BODY);
      assert.equal(answer.status, 403);
      assert.ok(!answer.body.includes('not kept'));
      assert.ok(!(await browser.keeps('ann')));
    });
  });

  test(`of two forms at once, of two tabs, each is given back whole, on ${name}`, async () => {
    await withBrowser(async (browser) => {
      const ids = await Promise.all([browser.post('a=1'), browser.post('a=2')]);
      const [first, second] = ids;
      const got = [await browser.stepUp('POST', first), await browser.stepUp('POST', second)];
      assert.deepEqual(
        got.map(({ held }) => held?.fields),
        [[['a', '1']], [['a', '2']]],
      );
    });
  });

  test(`where access only observes, nothing is kept and the handler has the form, on ${name}`, async () => {
    await withBrowser(
      async (browser, { events }) => {
        const answer = await browser.send('POST', '/vault', FORM, BODY);
        assert.deepEqual(JSON.parse(answer.body), { read: BODY });
        assert.ok(!(await browser.keeps('ann')));
        assert.ok(events.some(({ event }) => event === 'authz_fail'));
      },
      { access: { stepUp: '/step-up', mode: 'observe' } },
    );
  });

  test(`a form that waits for its permission is asked for, one that is too large is not, on ${name}`, async () => {
    await withBrowser(async (browser, { port }) => {
      const send = async (length: number): Promise<string> => {
        const { socket, received, closed } = await openSocket(port);
        const headers = {
          ...FORM,
          cookie: browser.cookie,
          expect: '100-continue',
          'content-length': String(length),
        };
        socket.write(writeRequest({ method: 'POST', target: '/vault', headers }));
        await until('an answer', () => /^HTTP\/1\.1 \d+ /.test(received()));
        if (received().startsWith('HTTP/1.1 100')) socket.write(BODY);
        await closed;
        return received();
      };
      assert.match(await send(BODY.length), /^HTTP\/1\.1 100 [^]*HTTP\/1\.1 303 /);
      assert.ok(await browser.keeps('ann'));
      assert.match(await send(64 * 1024 + 1), /^HTTP\/1\.1 403 /);
    });
  });

  test(`what follows a kept form on its connection is answered as what it is, on ${name}`, async () => {
    await withBrowser(async (browser, { port }) => {
      const { socket, received, closed } = await openSocket(port);
      const headers = { ...FORM, cookie: browser.cookie, connection: 'keep-alive' };
      const post = writeRequest({ method: 'POST', target: '/vault', headers, body: 'GET /throw HTTP/1.1&=' });
      const kept = writeRequest({ method: 'POST', target: '/vault', headers, body: BODY });
      socket.write(`${kept}${post}${writeRequest({ target: '/json' })}`);
      await closed;
      const statuses = [...received().matchAll(/HTTP\/1\.1 (\d+) /g)].map((match) => match[1]);
      assert.deepEqual(statuses, ['303', '403', '200']);
    });
  });

  test(`a client that never sends the rest of its form is cut off, and nothing is kept, on ${name}`, async () => {
    await withBrowser(
      async (browser, { port }) => {
        const { socket, closed } = await openSocket(port);
        const headers = { ...FORM, cookie: browser.cookie, 'content-length': '100' };
        socket.write(`${writeRequest({ method: 'POST', target: '/vault', headers })}a=1`);
        await closed;
        assert.ok(!(await browser.keeps('ann')));
      },
      { timeouts: { headers: '300ms', request: '900ms', checkEvery: '50ms' } },
    );
  });
}
