/** Files that accounts keep, on every host: taken from a form, sent again to those who may have them, and to nobody else. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, type RawAnswer, type RawRequest, sessionCookieOf, valueOf } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { FILE_HOSTS, type FileHost } from './file-hosts.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };
const FORM = { ...OWN, 'content-type': 'multipart/form-data; boundary=b' };
const part = (name: string, bytes: string): string =>
  `--b\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n${bytes}\r\n`;
const END = '--b--\r\n';
const LONG = 'a line of text\n'.repeat(20_000);

interface Taken {
  readonly files: readonly {
    readonly id: string;
    readonly name: string;
    readonly size: number;
    readonly sha256: string;
  }[];
  readonly refused: readonly { readonly name: string; readonly reason: string; readonly detail: string }[];
}

interface Visitor {
  readonly get: (
    target: string,
    headers?: Readonly<Record<string, string>>,
    method?: string,
  ) => Promise<RawAnswer>;
  readonly post: (body: string) => Promise<RawAnswer>;
  readonly put: (...parts: readonly string[]) => Promise<Taken>;
}

async function visitor(port: number, account: string): Promise<Visitor> {
  const answer = await ask(port, { method: 'POST', target: `/sign-in?account=${account}`, headers: OWN });
  const cookie = sessionCookieOf(answer) ?? assert.fail(answer.body);
  const go = (request: RawRequest): Promise<RawAnswer> =>
    ask(port, { ...request, headers: { cookie, ...request.headers } });
  const post = (body: string): Promise<RawAnswer> =>
    go({ method: 'POST', target: '/files', headers: FORM, body });
  return {
    get: (target, headers = {}, method = 'GET') => go({ method, target, headers }),
    post,
    put: async (...parts) => {
      const taken = await post(parts.join('') + END);
      assert.equal(taken.status, 200, taken.body);
      return JSON.parse(taken.body) as Taken;
    },
  };
}

function bytesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
}

for (const [name, start] of Object.entries(FILE_HOSTS)) {
  const onHost = async (run: (host: FileHost) => Promise<void>, policy?: PolicyOptions): Promise<void> => {
    const host = await start(policy);
    try {
      await run(host);
    } finally {
      await host.stop();
    }
  };

  test(`${name}: several files come in one form, the one that is none of its kind is left out and said why`, () =>
    onHost(async ({ port, uploads, folder }) => {
      const ann = await visitor(port, 'ann');
      const { files, refused } = await ann.put(
        part('a.txt', 'text'),
        part('b.pdf', '<html>'),
        part('c.txt', LONG),
      );
      assert.deepEqual(
        files.map((one) => [one.name, one.size]),
        [
          ['a.txt', 4],
          ['c.txt', LONG.length],
        ],
      );
      assert.equal(files[1]?.sha256, createHash('sha256').update(LONG).digest('base64url'));
      assert.deepEqual(
        refused.map((one) => [one.name, one.reason]),
        [['b.pdf', 'content']],
      );
      assert.match(refused[0]?.detail ?? '', /^A file is not what its name says/);
      assert.equal((await uploads.list('ann')).items.length, 2);
      const kept = bytesIn(folder);
      assert.equal(kept.length, 2);
      for (const one of kept) {
        assert.equal(statSync(join(folder, one)).mode & 0o777, 0o600);
        assert.ok(!readFileSync(join(folder, one)).includes('line of text'));
      }
    }));

  test(`v5.0.0-3.2.1 ${name}: a file is sent to be saved, and is in a sandbox where it is opened all the same`, (t) =>
    onHost(async ({ port }) => {
      const complaints = t.mock.method(console, 'error', () => undefined);
      const ann = await visitor(port, 'ann');
      const { files } = await ann.put(part('a %22b%22.txt', LONG));
      const got = await ann.get(`/files/${files[0]?.id}`);
      assert.equal(got.status, 200);
      assert.equal(got.body, LONG);
      assert.equal(valueOf(got, 'content-type'), 'text/plain');
      assert.equal(
        valueOf(got, 'content-disposition'),
        `attachment; filename="a _b_.txt"; filename*=UTF-8''a%20%22b%22.txt`,
      );
      assert.equal(valueOf(got, 'x-content-type-options'), 'nosniff');
      assert.match(valueOf(got, 'cache-control') ?? '', /no-store/);
      assert.equal(valueOf(got, 'cross-origin-resource-policy'), 'same-origin');
      assert.match(got.headers.map(([, value]) => value).join('\n'), /^sandbox; default-src 'none'$/m);
      assert.equal(valueOf(got, 'content-length'), String(LONG.length));
      // A framework that answers beside us says so there.
      assert.deepEqual(complaints.mock.calls, []);
    }));

  test(`${name}: parts, what has not changed, and heads are answered as HTTP says`, () =>
    onHost(async ({ port }) => {
      const ann = await visitor(port, 'ann');
      const { files } = await ann.put(part('a.txt', LONG));
      const path = `/files/${files[0]?.id}`;
      const whole = await ann.get(path);
      const etag = valueOf(whole, 'etag') ?? '';
      assert.match(etag, /^"[\w-]{43}"$/);
      const some = await ann.get(path, { range: 'bytes=70000-70099' });
      assert.deepEqual([some.status, some.body], [206, LONG.slice(70_000, 70_100)]);
      assert.equal(valueOf(some, 'content-range'), `bytes 70000-70099/${LONG.length}`);
      assert.equal((await ann.get(path, { range: 'bytes=-5', 'if-range': etag })).body, LONG.slice(-5));
      assert.equal((await ann.get(path, { range: 'bytes=-5', 'if-range': '"other"' })).status, 200);
      assert.equal((await ann.get(path, { range: `bytes=${LONG.length}-` })).status, 416);
      assert.equal((await ann.get(path, { range: 'bytes=0-1,3-4' })).status, 200);
      const same = await ann.get(path, { 'if-none-match': etag });
      assert.deepEqual([same.status, same.body], [304, '']);
      const head = await ann.get(path, {}, 'HEAD');
      assert.deepEqual([head.status, head.body], [200, '']);
      assert.equal(valueOf(head, 'content-length'), String(LONG.length));
    }));

  test(`v5.0.0-8.2.2 ${name}: what is not there and what is somebody else's look the same`, () =>
    onHost(async ({ port, uploads, events }) => {
      const [ann, bob] = [await visitor(port, 'ann'), await visitor(port, 'bob')];
      const { files } = await ann.put(part('a.txt', 'text'));
      const id = files[0]?.id ?? '';
      const forbidden = await bob.get(`/files/${id}`);
      const unknown = await bob.get(`/files/${'x'.repeat(22)}`);
      const visiting = await ask(port, { target: `/files/${id}` });
      for (const one of [forbidden, unknown, visiting])
        assert.deepEqual([one.status, one.body], [404, 'nothing here']);
      assert.deepEqual(linesOf(forbidden), linesOf(unknown));
      assert.equal(events.filter((event) => event.event === 'authz_fail').length, 3);
      assert.ok((await uploads.share('ann', id, { with: 'bob' })).ok);
      assert.equal((await bob.get(`/files/${id}`)).body, 'text');
      const [share] = await uploads.shares('ann', id);
      assert.equal(await uploads.revoke('bob', id, share?.id ?? ''), false);
      assert.equal(await uploads.revoke('ann', id, share?.id ?? ''), true);
      assert.equal((await bob.get(`/files/${id}`)).status, 404);
      assert.equal(await uploads.remove('ann', id), true);
      assert.equal((await ann.get(`/files/${id}`)).status, 404);
    }));

  test(`${name}: a link is good for one download, or until its end, and for who it is for`, () =>
    onHost(async ({ port, uploads }) => {
      const [ann, bob] = [await visitor(port, 'ann'), await visitor(port, 'bob')];
      const { files } = await ann.put(part('a.txt', 'text'));
      const id = files[0]?.id ?? '';
      const pathOf = (url: string): string => new URL(url).pathname;
      const once = await uploads.share('ann', id, { link: 'once' });
      assert.ok(once.ok);
      assert.equal((await ask(port, { method: 'HEAD', target: pathOf(once.url) })).status, 200);
      const first = await ask(port, { target: pathOf(once.url), headers: { range: 'bytes=0-0' } });
      assert.deepEqual([first.status, first.body], [200, 'text']);
      assert.equal((await ask(port, { target: pathOf(once.url) })).status, 404);
      const many = await uploads.share('ann', id, { link: 'until-end' });
      assert.ok(many.ok);
      for (const round of [1, 2])
        assert.equal((await ask(port, { target: pathOf(many.url) })).body, 'text', `${round}`);
      const path = pathOf(many.url);
      for (const forged of [
        path.slice(0, -1),
        `${path.slice(0, -1)}_`,
        path.replace('/s.', '/t.'),
        '/shared/x',
      ])
        assert.equal((await ask(port, { target: forged })).status, 404, forged);
      assert.ok(await uploads.revoke('ann', id, many.share.id));
      assert.equal((await ask(port, { target: path })).status, 404);
      const own = await uploads.share('ann', id, { with: 'bob' });
      assert.ok(own.ok);
      assert.equal((await ask(port, { target: pathOf(own.url) })).status, 404);
      assert.equal((await ann.get(pathOf(own.url))).status, 404);
      assert.equal((await bob.get(pathOf(own.url))).body, 'text');
    }));

  test(`${name}: a form that is refused as a whole leaves nothing, and its client knows why`, () =>
    onHost(async ({ port, uploads, folder }) => {
      const ann = await visitor(port, 'ann');
      const many = part('a.txt', 'x').repeat(5);
      const twice = `${part('a.txt', LONG)}--b\r\nContent-Disposition: form-data; name="a"; name="b"\r\n\r\nx\r\n`;
      for (const [body, status] of [
        [many + END, 413],
        [twice + END, 400],
        [part('a.txt', LONG), 400],
      ] as const) {
        const refused = await ann.post(body);
        assert.equal(refused.status, status);
        assert.match(refused.body, /body-too-large|invalid-form/);
      }
      assert.deepEqual((await uploads.list('ann')).items, []);
      assert.deepEqual(bytesIn(folder), []);
      assert.deepEqual((await uploads.usage('ann')).used, { files: 0, bytes: 0 });
    }));

  test(`${name}: a route that takes a form whole, or not, has none of it stored where one file is refused`, () =>
    onHost(
      async ({ port, uploads, folder }) => {
        const ann = await visitor(port, 'ann');
        assert.equal((await ann.put(part('a.txt', 'text'))).files.length, 1);
        assert.equal((await ann.put(part('a.txt', LONG), part('b.txt', LONG))).files.length, 2);
        for (const body of [
          part('a.txt', 'text') + part('b.pdf', '<html>'),
          part('a.txt', LONG) + part('b.pdf', '<html>'),
        ])
          assert.equal((await ann.post(body + END)).status, 415);
        await until('nothing of it is left', async () => bytesIn(folder).length === 3);
        assert.equal((await uploads.list('ann')).items.length, 3);
      },
      { routes: { 'POST /files': { upload: { types: ['text/plain', 'application/pdf'], files: 4 } } } },
    ));

  test(`${name}: a file whose bytes were changed is an error, and no byte of it goes out`, () =>
    onHost(async ({ port, folder, events }) => {
      const ann = await visitor(port, 'ann');
      const { files } = await ann.put(part('a.txt', 'confidential'));
      const [kept = ''] = bytesIn(folder);
      const bytes = readFileSync(join(folder, kept));
      bytes[3] = (bytes[3] ?? 0) ^ 1;
      writeFileSync(join(folder, kept), bytes);
      const got = await ann.get(`/files/${files[0]?.id}`);
      assert.equal(got.status, 500);
      assert.ok(!got.body.includes('confid'));
      assert.ok(events.some((event) => event.event === 'crypt_decrypt_fail'));
    }));

  test(`${name}: from the other origin files come by links and nothing else does, and no cookie is set or heeded there`, () =>
    onHost(
      async ({ port, uploads }) => {
        const ann = await visitor(port, 'ann');
        const { files } = await ann.put(part('a.txt', 'text'));
        const id = files[0]?.id ?? '';
        const sent = await ann.get(`/files/${id}`);
        assert.equal(sent.status, 303);
        const to = new URL(valueOf(sent, 'location') ?? '');
        assert.equal(to.origin, 'https://files.example.net');
        const there = { host: 'files.example.net' };
        const got = await ask(port, { target: to.pathname, headers: there });
        assert.deepEqual([got.status, got.body, valueOf(got, 'set-cookie')], [200, 'text', undefined]);
        // There the session opens nothing, and here the ticket does not.
        assert.equal((await ann.get(`/files/${id}`, there)).status, 404);
        assert.equal((await ann.get(to.pathname)).status, 404);
        const link = await uploads.share('ann', id, { link: 'once' });
        assert.ok(link.ok);
        assert.equal(new URL(link.url).origin, 'https://files.example.net');
        assert.equal((await ask(port, { target: new URL(link.url).pathname })).status, 303);
        const used = await ask(port, { target: new URL(link.url).pathname, headers: there });
        assert.deepEqual([used.status, used.body], [200, 'text']);
        // Nothing else answers there, whatever it asks, and what falls to the application sets no cookie.
        for (const [method, target] of [
          ['GET', '/'],
          ['GET', '/shared'],
          ['GET', '/shared/'],
          ['GET', '/shared/a/b'],
          ['GET', '/sharedx/a'],
          ['GET', '/robots.txt'],
          ['OPTIONS', to.pathname],
          ['POST', to.pathname],
          ['POST', '/sign-in?account=ann'],
          ['POST', '/files'],
        ] as const) {
          const none = await ask(port, { method, target, headers: { ...OWN, ...there } });
          assert.deepEqual(
            [none.status, valueOf(none, 'set-cookie')],
            [404, undefined],
            `${method} ${target}`,
          );
          assert.ok(!none.body.includes('nothing here'), `${method} ${target} reached the application`);
        }
        const planted = await ask(port, { target: '/shared/plant', headers: there });
        assert.deepEqual([planted.status, valueOf(planted, 'set-cookie')], [404, undefined]);
        assert.equal(planted.body, 'nothing here');
        const ours = await ask(port, { target: '/shared/plant' });
        assert.match(valueOf(ours, 'set-cookie') ?? '', /^theme=dark/);
        // Taken back meanwhile: the ticket asks anew.
        assert.ok(await uploads.remove('ann', id));
        assert.equal((await ask(port, { target: to.pathname, headers: there })).status, 404);
      },
      { files: { origin: 'https://files.example.net' }, firewall: { hosts: ['files.example.net'] } },
    ));
}

/** An answer, without what is new in each. */
function linesOf({ status, headers, body }: RawAnswer): readonly unknown[] {
  const lines = headers
    .filter(([name]) => !/^(?:date|set-cookie|x-request-id|ratelimit)$/i.test(name))
    .map(([name, value]) => `${name}: ${value}`);
  return [status, body, lines];
}
