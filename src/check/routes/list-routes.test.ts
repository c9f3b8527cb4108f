import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyOptions } from '../../policy/policy.ts';
import { PolicyError } from '../../core/errors.ts';
import { type Addresses, segmentsOf } from './addresses.ts';
import type { FoundRoute } from './found-route.ts';
import { type Listing, listRoutes } from './list-routes.ts';
import { readRuleBook } from './rule-book.ts';

/** `GET,POST /path`, or `/path` for every method. */
function route(text: string, more: Partial<FoundRoute> = {}): FoundRoute {
  const [path = '', methods] = text.split(' ').toReversed();
  const addresses: readonly Addresses[] = [segmentsOf(path.replaceAll(/:\w+/g, '*'))];
  return { kind: 'route', methods: methods?.split(','), path, addresses, ...more };
}

async function list(found: readonly FoundRoute[], policy: PolicyOptions): Promise<Listing> {
  return listRoutes(found, await readRuleBook(policy));
}

/** `METHODS PATH: RULE` of each, `!` before those that were forgotten. */
function show({ routes }: Listing): readonly string[] {
  return routes.map(
    ({ methods, path, require, forgotten }) =>
      `${forgotten ? '! ' : ''}${methods.join()} ${path}: ${require}`,
  );
}

test('names the rule that holds for each route, and the routes without one', async () => {
  const listing = await list([route('GET /'), route('GET /notes/:id'), route('DELETE /admin/users/:id')], {
    routes: {
      '/': { require: 'anyone' },
      '/admin/**': { require: { role: 'operator', mfa: true } },
      'DELETE /admin/**': { require: { fresh: '15m' }, limit: '5/minute', by: ['client', 'account'] },
    },
  });
  assert.deepEqual(show(listing), [
    'GET /: anyone',
    '! GET /notes/:id: null',
    'DELETE /admin/users/:id: role operator, second factor, fresh 15m',
  ]);
  assert.equal(listing.routes[2]?.limit, '5/minute by client, account');
  assert.deepEqual(listing.routes[2]?.patterns, ['/admin/**', 'DELETE /admin/**']);
  assert.equal(listing.otherwise, 'anyone');
});

test('a route that only has a limit has no rule', async () => {
  const [only] = (await list([route('POST /login')], { routes: { '/login': { limit: '5/minute' } } })).routes;
  assert.deepEqual([only?.require, only?.limit, only?.forgotten], [null, '5/minute by client', true]);
});

test('a rule for one method is none for the others', async () => {
  const routes = { 'GET /notes': { require: 'anyone' }, 'POST /notes': { require: 'signed-in' } } as const;
  assert.deepEqual(show(await list([route('/notes')], { routes })), [
    'GET /notes: anyone',
    'POST /notes: signed-in',
    '! PUT,PATCH,DELETE,OPTIONS /notes: null',
  ]);
  assert.deepEqual(show(await list([route('HEAD /notes')], { routes })), ['HEAD /notes: anyone']);
});

test('a rule that holds for some addresses of a route only is not taken for its rule', async () => {
  const routes = { '/notes/new': { require: 'anyone' }, '/files/*': { require: 'signed-in' } } as const;
  const found = [route('GET /notes/:id'), route('GET /files/**')];
  const listing = await list(found, { routes });
  assert.deepEqual(show(listing), ['! GET /notes/:id: null', '! GET /files/**: null']);
  assert.deepEqual(listing.routes[0]?.narrower, ['/notes/new']);
  assert.deepEqual(listing.unmatched, []);
});

test('an exception below a rule is shown beside it', async () => {
  const routes = { '/notes/**': { require: 'signed-in' }, '/notes/open': { require: 'anyone' } } as const;
  const [only] = (await list([route('GET /notes/:id')], { routes })).routes;
  assert.deepEqual([only?.require, only?.narrower, only?.forgotten], ['signed-in', ['/notes/open'], false]);
});

test('names the rules that no route answers to', async () => {
  const routes = {
    '/note/**': { require: 'signed-in' },
    'DELETE /notes': { require: 'signed-in' },
    '/NOTES/': { require: 'anyone' },
  } as const;
  const listing = await list([route('GET /notes'), route('/anything', { addresses: [['**']] })], { routes });
  assert.deepEqual(listing.unmatched, ['/note/**', 'DELETE /notes']);
});

test('what may be anywhere has a rule only where everything has one', async () => {
  const regexp = route('GET /^x/', { addresses: [['**']] });
  const some = { '/a/**': { require: 'signed-in' } } as const;
  assert.deepEqual(show(await list([regexp], { routes: some })), ['! GET /^x/: null']);
  const all = { '/**': { require: 'signed-in' } } as const;
  assert.deepEqual(show(await list([regexp], { routes: all })), ['GET /^x/: signed-in']);
});

test('files and applications in applications count, functions that hand on do not', async () => {
  const mount = route('/shop', { kind: 'mount', name: 'mounted_app', addresses: [['shop', '**']] });
  const files = route('/', { kind: 'mount', name: 'serveStatic', methods: ['GET'], addresses: [['**']] });
  const maybe = route('/', { kind: 'maybe', name: 'cors', addresses: [['**']] });
  const forgottenOf = async (policy: PolicyOptions): Promise<readonly boolean[]> =>
    (await list([mount, files, maybe], policy)).routes.map(({ forgotten }) => forgotten);
  assert.deepEqual(await forgottenOf({}), [true, true, false]);
  assert.deepEqual(await forgottenOf({ routes: { '/shop/**': { require: 'signed-in' } } }), [
    false,
    true,
    false,
  ]);
  // Closed but for what a rule opens.
  assert.deepEqual(await forgottenOf({ access: { otherwise: 'nobody' } }), [false, false, false]);
});

test('a route is without a rule whatever holds otherwise', async () => {
  const listing = await list([route('GET /x')], { access: { otherwise: 'nobody' } });
  assert.deepEqual([listing.routes[0]?.forgotten, listing.otherwise], [true, 'nobody']);
});

test('a policy is read without its secrets and its stores, and refused for what is wrong with it', async () => {
  const secrets = { name: 'vault', load: () => assert.fail('asked') };
  const { routes } = await readRuleBook({ secrets, routes: { '/x': { require: 'signed-in' } } });
  assert.equal(routes.routes.length, 1);
  assert.equal((await readRuleBook({ origin: 'http://localhost:3000' })).otherwise, 'anyone');
  await assert.rejects(readRuleBook({ rutes: {} } as PolicyOptions), PolicyError);
});

test('a route above the layer is marked, with the rule that does not hold there', async () => {
  const layer: FoundRoute = { kind: 'layer', methods: undefined, path: '/api', addresses: [['api', '**']] };
  const book = await readRuleBook({ routes: { '/**': { require: 'signed-in' } } });
  const found = [
    route('GET /api/early'),
    route('/', { kind: 'maybe', name: 'logging', addresses: [['**']] }),
    layer,
    route('GET /api/late'),
    route('GET /other'),
  ];
  const listing = listRoutes(found, book, { layer: 'found' });
  assert.deepEqual(
    listing.routes.map(({ path, outside, forgotten }) => [path, outside, forgotten]),
    [
      ['/api/early', true, true],
      ['/', true, false],
      ['/api/late', false, false],
      ['/other', true, true],
    ],
  );
});

test('a path that the policy opens is listed as open, in whatever case both write it', async () => {
  const routes = {
    '/**': { require: 'signed-in' },
    '/About': { require: 'anyone' },
    '/': { require: 'anyone' },
  } as const;
  assert.deepEqual(show(await list([route('GET /About'), route('GET /')], { routes })), [
    'GET /About: anyone',
    'GET /: anyone',
  ]);
});
