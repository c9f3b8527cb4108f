/** Nonces that frameworks are handed: `bulwark/nuxt` and `bulwark/angular`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantCurrent } from '../core/current-place.ts';
import { nonceProviders } from './angular.ts';
import { giveNonce, nuxt, type PageHead } from './nuxt.ts';

const CORE = {
  CSP_NONCE: 'CSP_NONCE',
  DOCUMENT: 'DOCUMENT',
  ENVIRONMENT_INITIALIZER: 'ENVIRONMENT_INITIALIZER',
};

/** While a request is at work, or once its answer is out. */
function within<Result>(run: () => Result, isOver = false): Result {
  return wantCurrent().run({ view: { nonce: 'fresh' }, isOver: () => isOver }, run);
}

function documentOf(): { readonly marked: string[]; readonly document: object } {
  const marked: string[] = [];
  const element = (name: string): object => ({
    setAttribute: (key: string, value: string) => void marked.push(`${name} ${key}=${value}`),
  });
  const querySelectorAll = (selector: string): object[] => selector.split(', ').map(element);
  return { marked, document: { body: { firstElementChild: element('app-root') }, querySelectorAll } };
}

function provided(document: object): readonly { useFactory?: () => unknown; useValue?: () => void }[] {
  return nonceProviders({ ...CORE, inject: () => document }) as ReturnType<typeof provided>;
}

test('Angular is given the nonce, and so is all that stands in its index.html', () => {
  const { marked, document } = documentOf();
  const [nonce, mark] = provided(document);
  within(() => mark?.useValue?.());
  assert.equal(
    within(() => nonce?.useFactory?.()),
    'fresh',
  );
  assert.deepEqual(marked, [
    'script nonce=fresh',
    'style nonce=fresh',
    'link nonce=fresh',
    'app-root ngCspNonce=fresh',
  ]);
});

test('where no request is at work, as in a build, or its answer is out, there is no nonce', () => {
  const { marked, document } = documentOf();
  const [nonce, mark] = provided(document);
  mark?.useValue?.();
  within(() => mark?.useValue?.(), true);
  assert.equal(nonce?.useFactory?.(), null);
  assert.deepEqual(marked, []);
  const hooked: string[] = [];
  const head: PageHead = { use: ({ key }) => void hooked.push(key) };
  giveNonce(head);
  within(() => giveNonce(head), true);
  assert.deepEqual(hooked, []);
});

test('Nuxt has the nonce on scripts, styles and links of a page, and on nothing else', () => {
  const tags = ['script', 'style', 'link', 'meta', 'title'].map((tag) => ({
    tag,
    props: {} as Record<string, unknown>,
  }));
  within(() => giveNonce({ use: ({ hooks }) => hooks['tags:afterResolve']({ tags }) }));
  assert.deepEqual(
    tags.map(({ props }) => props['nonce']),
    ['fresh', 'fresh', 'fresh', undefined, undefined],
  );
});

test("the module adds its plugin ahead of the application's, on the server alone", () => {
  const options = { plugins: ['own'] as unknown[], build: { templates: [] as unknown[] } };
  nuxt({}, { options });
  assert.deepEqual(options.plugins, [{ src: '#build/bulwark.server.mjs', mode: 'server' }, 'own']);
  assert.equal(options.build.templates.length, 1);
});
