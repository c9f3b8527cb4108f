/** Somebody who is not signed in, and whose browser asks by script: never a page in the place of data. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../../test/support/secrets.ts';
import { Layer } from '../../layer/layer.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { memory } from '../../stores/memory/state.ts';
import { RecorderHost } from '../../testing/recorder.ts';
import type { FrameworkName } from './frameworks.ts';

const SCRIPT = { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin', accept: '*/*' };

interface Got {
  readonly status: number;
  readonly type: unknown;
  readonly body: string;
  readonly header: (name: string) => unknown;
}

async function asked(
  target: string,
  headers: Readonly<Record<string, string>> = SCRIPT,
  { frameworks = [], method = 'GET' }: { frameworks?: readonly FrameworkName[]; method?: string } = {},
): Promise<Got> {
  const policy = await readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    access: { signIn: '/login', frameworks: [...frameworks], serverFunctions: 'signed-in' },
    routes: {
      '/account/**': { require: 'signed-in' },
      '/': { require: 'signed-in' },
      '/api/**': { require: 'signed-in' },
    },
  });
  const layer = new Layer(policy);
  const { head, exchange, verdict } = await new RecorderHost(layer).run(
    { target, method, headers: { origin: 'https://example.com', ...headers } },
    () => ({ headers: { 'content-type': 'text/html' } }),
  );
  return {
    status: head.statusCode,
    type: head.getHeader('content-type'),
    body: verdict === undefined ? '' : Buffer.from(layer.answer(exchange, verdict).body).toString(),
    header: (name) => head.getHeader(name),
  };
}

test('a script is answered with 401 and the place to sign in, whatever it says that it takes', async () => {
  for (const accept of ['*/*', 'text/html, application/xhtml+xml', 'application/json']) {
    const { status, type, body, header } = await asked('/api/orders', { ...SCRIPT, accept });
    assert.deepEqual(
      [status, type, header('location')],
      [401, 'application/problem+json', undefined],
      accept,
    );
    const { type: problem, signIn } = JSON.parse(body) as Record<string, unknown>;
    assert.deepEqual([problem, signIn], ['urn:bulwark:problem:sign-in-required', '/login']);
  }
});

test('the way back is the page that the script stands in, and no page of another site', async () => {
  const signIn = async (referer: string): Promise<unknown> =>
    (JSON.parse((await asked('/api/orders', { ...SCRIPT, referer })).body) as Record<string, unknown>)[
      'signIn'
    ];
  assert.equal(await signIn('https://example.com/shop?page=2'), '/login?next=%2Fshop%3Fpage%3D2');
  for (const other of ['https://evil.example/shop', 'https://example.com.evil.example/', 'no address'])
    assert.equal(await signIn(other), '/login');
});

test('whoever goes to a page is led there as ever, and so is a browser that does not say what it does', async () => {
  const accept = 'text/html,*/*;q=0.8';
  for (const headers of [{ accept, 'sec-fetch-mode': 'navigate' }, { accept }]) {
    const { status, header } = await asked('/account?tab=1', headers);
    assert.deepEqual([status, header('location')], [303, '/login?next=%2Faccount%3Ftab%3D1']);
  }
});

test('the client of React Router is led there by a 204, back to the page and not to its data', async () => {
  const frameworks = ['react-router'] as const;
  for (const [target, page] of [
    ['/account.data?tab=1&_routes=root', '/account?tab=1'],
    ['/account/_.data', '/account/'],
    ['/_root.data', '/'],
  ] as const) {
    const { status, header, body } = await asked(target, SCRIPT, { frameworks });
    assert.deepEqual(
      [status, header('x-remix-redirect'), header('x-remix-reload-document'), header('cache-control'), body],
      [204, `/login?next=${encodeURIComponent(page)}`, 'true', 'no-store', ''],
    );
  }
  assert.equal((await asked('/account.data', SCRIPT)).status, 401, 'an application of another kind');
});

test('the client of SvelteKit is led there by its own words, for data and for a form', async () => {
  const frameworks = ['sveltekit'] as const;
  const led = { type: 'redirect', status: 303, location: '/login?next=%2Faccount%3Ftab%3D1' };
  const data = await asked('/account/__data.json?tab=1&x-sveltekit-invalidated=01', SCRIPT, { frameworks });
  assert.deepEqual([data.status, data.type, JSON.parse(data.body)], [200, 'application/json', led]);
  assert.equal(data.header('cache-control'), 'no-store');
  const form = await asked(
    '/account?/rename',
    { ...SCRIPT, 'x-sveltekit-action': 'true' },
    { frameworks, method: 'POST' },
  );
  assert.deepEqual(JSON.parse(form.body), { ...led, location: '/login?next=%2Faccount' });
});

test('the client of TanStack Start reads a redirect out of the 401', async () => {
  const { status, type, body, header } = await asked(
    '/_serverFn/abc',
    { ...SCRIPT, 'x-tsr-serverfn': 'true', referer: 'https://example.com/shop' },
    { frameworks: ['tanstack-start'] },
  );
  assert.deepEqual([status, type, header('cache-control')], [401, 'application/json', 'no-store']);
  const { isSerializedRedirect, href, reloadDocument, signIn } = JSON.parse(body) as Record<string, unknown>;
  assert.deepEqual(
    [isSerializedRedirect, href, reloadDocument, signIn],
    [true, '/login?next=%2Fshop', true, '/login?next=%2Fshop'],
  );
});
