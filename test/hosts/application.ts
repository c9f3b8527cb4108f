/** The application of the conformance suite, and what tests of this project alone ask for beside it. */
import { APPLICATION, json, type TestRoute } from '../../src/testing/hosts/application.ts';
import { type Slot, slot } from '../../src/core/slot.ts';
import { attachedView } from '../../src/layer/view.ts';

/** What a guard of a test keeps for `/tenant`. */
export const TENANT: Slot<string> = slot();

/** Requests to `/held` wait here until a test lets them go. */
export const held: { arrived: () => void; release: Promise<void> } = {
  arrived: () => undefined,
  release: Promise.resolve(),
};

export const ROUTES: readonly TestRoute[] = [
  ...APPLICATION,
  { method: 'GET', path: '/tenant', answer: ({ view }) => json({ tenant: view.get(TENANT) ?? null }) },
  { method: 'GET', path: '/leave', answer: ({ view }) => json({ state: view.returnState('/echo') }) },
  {
    method: 'GET',
    path: '/wide',
    answer: () => ({
      headers: [
        ['Content-Type', 'application/json'],
        ['Access-Control-Allow-Origin', '*'],
        ['Access-Control-Allow-Credentials', 'true'],
      ],
      body: '{"secret":true}',
    }),
  },
  { method: 'POST', path: '/read', answer: async ({ body }) => json({ read: await body() }) },
  // Where a test asks for more than a sign-in, and the page that asks for the proof.
  { method: 'GET', path: '/vault', answer: () => json({ secret: true }) },
  { method: 'POST', path: '/vault', answer: async ({ body }) => json({ read: await body() }) },
  {
    method: 'GET',
    path: '/step-up',
    answer: ({ view, query }) =>
      json({ held: view.heldRequest(query.get('held') ?? undefined) ?? null, token: view.csrfToken }),
  },
  {
    method: 'POST',
    path: '/step-up',
    answer: async ({ view, query }) => {
      await view.session.renew(query.get('proof') === 'mfa' ? { mfa: true } : { signedIn: true });
      const held = await view.takeHeldRequest(query.get('held') ?? undefined);
      return json({ held: held ?? null, token: view.csrfToken });
    },
  },
  // A page that is sent as it is made, and looks at who asks when its head has left.
  {
    method: 'GET',
    path: '/streamed',
    raw: async (request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const view = attachedView(request);
      if (searchParams.has('early')) void view?.principal;
      response.setHeader('Content-Type', 'text/plain');
      const cache = searchParams.get('cache');
      if (cache !== null) response.setHeader('Cache-Control', cache);
      const edge = searchParams.get('edge');
      if (edge !== null) response.setHeader('CDN-Cache-Control', edge);
      if (searchParams.has('length')) response.setHeader('Content-Length', 15);
      response.writeHead(200);
      response.write('for all, ');
      await new Promise(setImmediate);
      const name = searchParams.has('never') ? 'nobody' : (view?.principal?.account ?? 'nobody');
      response.end(`${name.padEnd(5)}.`);
    },
  },
  {
    method: 'GET',
    path: '/held',
    answer: async () => {
      held.arrived();
      await held.release;
      return json({ secret: 'for the signed-in only' });
    },
  },
  {
    method: 'GET',
    path: '/held-write',
    answer: async ({ view }) => {
      held.arrived();
      await held.release;
      await view.session.set('draft', 'text');
      return json({ ok: true });
    },
  },
  {
    method: 'GET',
    path: '/large',
    answer: () => ({
      headers: [['Content-Type', 'application/octet-stream']],
      body: Buffer.alloc(64 * 1024 * 1024),
    }),
  },
];
