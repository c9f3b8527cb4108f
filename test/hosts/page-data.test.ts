/** A rule of a page holds for the page's data and for functions of the server, on every host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../src/testing/wire.ts';
import { WITH_WEB } from './every-host.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };

for (const [name, host] of Object.entries(WITH_WEB)) {
  test(`data of a closed page is closed, on ${name} (React Router 8, /account.data)`, async () => {
    const { port, stop } = await host();
    try {
      for (const target of [
        '/members.data',
        '/members/page.data',
        '/MEMBERS%2Edata',
        '/members/__data.json',
        '/_next/data/x1/members/page.json',
      ]) {
        assert.equal((await ask(port, { target })).status, 401, target);
        assert.equal((await ask(port, { method: 'POST', target, headers: OWN })).status, 401, target);
      }
      assert.equal((await ask(port, { target: '/json.data' })).status, 404);
    } finally {
      await stop();
    }
  });

  test(`a function of the server is refused at an open page until the policy says who may call, on ${name} (Next.js, server actions)`, async () => {
    const call = { method: 'POST', target: '/echo', headers: { ...OWN, 'next-action': '7f3a' }, body: '[]' };
    for (const [access, status] of [
      [{}, 404],
      [{ serverFunctions: 'signed-in' }, 401],
      [{ serverFunctions: 'anyone' }, 200],
    ] as const) {
      const { port, stop, events } = await host({ access });
      try {
        assert.equal((await ask(port, call)).status, status);
        assert.equal(events.filter(({ event }) => event === 'authz_fail').length, status === 200 ? 0 : 1);
      } finally {
        await stop();
      }
    }
  });

  test(`a closed path that a framework would fetch inside for a picture is closed, on ${name} (Next.js 16, /_next/image)`, async () => {
    const { port, stop } = await host();
    try {
      for (const [target, status] of [
        ['/_next/image?url=%2Fmembers%2Fpage&w=640&q=75', 401],
        ['/_image?href=/MEMBERS/page&f=webp', 401],
        ['/_next/image?url=/json&url=/members/page', 404],
        ['/_next/image?url=/a/../members/page', 404],
        ['/_next/image?url=/members%252Fpage', 404],
        ['/_next/image?url=/m%2565mbers/page', 401],
        ['/_next/image?url=https%3A%2F%2Fexample.com%2Fmembers%2Fpage', 401],
      ] as const)
        assert.equal((await ask(port, { target })).status, status, target);
    } finally {
      await stop();
    }
  });
}
