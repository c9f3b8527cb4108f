/** The check against forged requests that an application brings, behind ours: Flask-WTF's and Django's, over https. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type AppBehindGateway, appBehindGateway, gunicorn } from './python-app.ts';
import { ask, type RawAnswer, valuesOf } from '../../src/testing/wire.ts';

const ORIGIN = 'https://example.com';
/** A page's own form under `Referrer-Policy: no-referrer`, as Chromium and Firefox send it. */
const WITHHELD = { origin: 'null', 'sec-fetch-site': 'same-origin' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** What a page gave to its visitor. */
interface Given {
  readonly cookie: string;
  readonly token: string;
}

async function open(port: number): Promise<Given> {
  const page = await ask(port, { target: '/form' });
  return {
    cookie: valuesOf(page, 'set-cookie')
      .map((line) => line.split(';')[0])
      .join('; '),
    token: /value="([^"]+)"/.exec(page.body)?.[1] ?? '',
  };
}

const APPS = {
  'Flask-WTF': { module: 'wtf_app:app', field: 'csrf_token', refusal: 400 },
  Django: { module: 'django_app:application', field: 'csrfmiddlewaretoken', refusal: 403 },
};

for (const [name, { module, field, refusal }] of Object.entries(APPS)) {
  describe(name, () => {
    let site: AppBehindGateway;
    before(async () => {
      site = await appBehindGateway({ command: gunicorn(module) });
    });
    after(() => site.stop());

    const post = async (
      { cookie, token }: Given,
      headers: Readonly<Record<string, string>>,
      port = site.port,
    ): Promise<RawAnswer> =>
      await ask(port, {
        method: 'POST',
        target: '/form',
        headers: { ...FORM, cookie, ...headers },
        body: new URLSearchParams({ [field]: token, text: 'hello' }).toString(),
      });

    test("takes its page's own form, and knows that it came over https", async () => {
      const own = { origin: ORIGIN, referer: `${ORIGIN}/form`, 'sec-fetch-site': 'same-origin' };
      const answer = await post(await open(site.port), own);
      assert.deepEqual(JSON.parse(answer.body), { kept: 'hello', secure: true });
    });

    test('takes it from a page under no-referrer too, which it refuses where it is alone', async () => {
      const alone = await post(await open(site.upstreamPort), WITHHELD, site.upstreamPort);
      assert.equal(alone.status, refusal);
      const behind = await post(await open(site.port), WITHHELD);
      assert.deepEqual(JSON.parse(behind.body), { kept: 'hello', secure: true });
    });

    test('still refuses a form without its token, or with one that was changed', async () => {
      const given = await open(site.port);
      for (const token of ['', 'made-up', given.token.slice(0, -4)])
        assert.equal((await post({ ...given, token }, WITHHELD)).status, refusal, token);
    });

    test('never hears of what another site sends', async () => {
      const given = await open(site.port);
      for (const headers of [
        { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
        { origin: 'null', 'sec-fetch-site': 'cross-site' },
        { origin: 'https://evil.example' },
      ]) {
        const { status, body } = await post(given, headers);
        assert.equal(status, 403);
        assert.match(body, /cross-site-request/);
      }
    });

    if (name === 'Flask-WTF')
      test('has the token of a script under the name that Bulwark has too', async () => {
        const { cookie, token } = await open(site.port);
        const headers = {
          ...WITHHELD,
          cookie,
          'content-type': 'application/json',
          'x-csrf-token': token,
        };
        const body = '{"text":"hello"}';
        const answer = await ask(site.port, { method: 'POST', target: '/by-script', headers, body });
        assert.deepEqual(JSON.parse(answer.body), { kept: 'hello' });
      });
  });
}
