import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { FastifyRecorder, readFastifyPath } from './read-fastify.ts';

function read(path: string): readonly string[] {
  return readFastifyPath(path).map((one) => `/${one.join('/')}`);
}

test('finds routes, those of plugins below their prefix, and HEAD with its GET', async () => {
  const recorder = new FastifyRecorder();
  const app = Fastify();
  recorder.stop();
  app.get('/', () => 'x');
  app.route({ method: ['PUT', 'POST'], url: '/notes/:id', handler: () => 'x' });
  app.head('/only-head', () => 'x');
  app.register(
    (plugin, _options, done) => {
      plugin.delete('/deep', () => 'x');
      plugin.get('/', () => 'x');
      done();
    },
    { prefix: '/api' },
  );
  const found = await recorder.read(app);
  assert.deepEqual(
    found?.map(({ methods, path }) => `${methods?.join()} ${path}`),
    ['GET /', 'PUT,POST /notes/:id', 'HEAD /only-head', 'DELETE /api/deep', 'GET /api'],
  );
  assert.deepEqual(found?.at(1)?.addresses, [['notes', '*']]);
  await app.close();
});

test('an application that was made before anybody listened is none that can be read', async () => {
  const app = Fastify();
  const recorder = new FastifyRecorder();
  recorder.stop();
  assert.equal(await recorder.read(app), undefined);
  assert.equal(await recorder.read({}), undefined);
  assert.equal(await recorder.read(undefined), undefined);
  await app.close();
});

test('reads the paths of Fastify', () => {
  assert.deepEqual(read('/Users/:id'), ['/users/*']);
  assert.deepEqual(read('/static/*'), ['/static/**']);
  assert.deepEqual(read('*'), ['/**']);
  assert.deepEqual(read('/a/:b?'), ['/a/*', '/a']);
  assert.deepEqual(read('/a/:id(^(?:\\d+|[/)]x)$)/b'), ['/a/*/b']);
  assert.deepEqual(read('/at/:hour-:minute'), ['/at/*']);
  assert.deepEqual(read('/name::verb'), ['/name:verb']);
});
