/** Uploads that go on where they broke off: by a real client on every host, and by requests that no client sends. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Upload } from 'tus-js-client';
import { readAll } from '../../src/testing/conformance/file-bytes.ts';
import { ask, type RawAnswer, sessionCookieOf, valueOf, writeRequest } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { FILE_HOSTS, type FileHost } from './file-hosts.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };
const TUS = { ...OWN, 'tus-resumable': '1.0.0' };
const BYTES = { ...TUS, 'content-type': 'application/offset+octet-stream' };
const named = (name: string, type = 'text/plain'): string =>
  `filename ${Buffer.from(name).toString('base64')},filetype ${Buffer.from(type).toString('base64')}`;

const LINES = Buffer.from('a line of text\n'.repeat(700_000));
const DIGEST = createHash('sha256').update(LINES).digest('base64url');

async function cookieOf(port: number, account: string): Promise<string> {
  const answer = await ask(port, { method: 'POST', target: `/sign-in?account=${account}`, headers: OWN });
  return sessionCookieOf(answer) ?? assert.fail(answer.body);
}

type Go = (
  method: string,
  target: string,
  headers?: Readonly<Record<string, string | readonly string[] | null>>,
  body?: string,
) => Promise<RawAnswer>;

async function visitor(port: number, account: string): Promise<Go> {
  const cookie = await cookieOf(port, account);
  return (method, target, headers = TUS, body) =>
    ask(port, { method, target, headers: { cookie, ...headers }, ...(body !== undefined && { body }) });
}

async function create(go: Go, size: number, name = 'a.txt', type?: string): Promise<string> {
  const headers = { ...TUS, 'upload-length': String(size), 'upload-metadata': named(name, type) };
  const made = await go('POST', '/uploads', { ...headers, 'content-length': '0' });
  assert.equal(made.status, 201, made.body);
  return valueOf(made, 'location') ?? '';
}

const append = (go: Go, at: string, from: number, body: string): Promise<RawAnswer> =>
  go('PATCH', at, { ...BYTES, 'upload-offset': String(from) }, body);

async function offset(go: Go, at: string): Promise<number | undefined> {
  const value = valueOf(await go('HEAD', at), 'upload-offset');
  return value === undefined ? undefined : Number(value);
}

function bytesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
}

async function onHost(
  run: (host: FileHost) => Promise<void>,
  policy?: PolicyOptions,
  start = FILE_HOSTS['node:http'],
): Promise<void> {
  const host = (await start?.(policy)) ?? assert.fail('no such host');
  try {
    await run(host);
  } finally {
    await host.stop();
  }
}

for (const [name, start] of Object.entries(FILE_HOSTS)) {
  test(`${name}: a real client is broken off in the middle, and goes on behind what was kept`, () =>
    onHost(
      async ({ port, uploads, folder }) => {
        const cookie = await cookieOf(port, 'ann');
        const options = {
          endpoint: `http://127.0.0.1:${port}/uploads`,
          headers: { cookie, ...OWN, host: 'example.com', 'x-forwarded-proto': 'https' },
          metadata: { filename: 'lines.txt', filetype: 'text/plain' },
          retryDelays: [100, 300, 1000],
        };
        const url = await new Promise<string>((resolve, reject) => {
          const first = new Upload(LINES, {
            ...options,
            chunkSize: 3_000_000,
            onError: reject,
            onChunkComplete: (_size, accepted) => {
              if (accepted < 6_000_000) return;
              void first.abort().then(() => resolve(first.url ?? ''), reject);
            },
          });
          first.start();
        });
        assert.deepEqual((await uploads.list('ann')).items, []);
        const sent: number[] = [];
        await new Promise<void>((resolve, reject) => {
          const second = new Upload(LINES, {
            ...options,
            uploadUrl: url,
            onError: reject,
            onProgress: (bytes) => sent.push(bytes),
            onSuccess: () => resolve(),
          });
          second.start();
        });
        assert.ok((sent[0] ?? 0) >= 6_000_000, `it went on at ${sent[0]}`);
        const [file] = (await uploads.list('ann')).items;
        assert.deepEqual(
          [file?.name, file?.type, file?.size, file?.sha256, file?.expiresAt],
          ['lines.txt', 'text/plain', LINES.length, DIGEST, undefined],
        );
        assert.ok(url.endsWith(`/${file?.id}`));
        const kept = bytesIn(folder);
        assert.equal(kept.length, 1);
        assert.ok(!readFileSync(join(folder, kept[0] ?? '')).includes('a line of text'));
      },
      undefined,
      start,
    ));

  test(`${name}: an upload of another account looks like one that is not there, to every method`, () =>
    onHost(
      async ({ port, uploads }) => {
        const [ann, bob] = [await visitor(port, 'ann'), await visitor(port, 'bob')];
        const at = await create(ann, 4);
        for (const method of ['HEAD', 'PATCH', 'DELETE']) {
          const headers = { ...(method === 'PATCH' ? BYTES : TUS), 'upload-offset': '0' };
          const body = method === 'PATCH' ? 'text' : undefined;
          const forbidden = await bob(method, at, headers, body);
          const unknown = await bob(method, `/uploads/${'x'.repeat(22)}`, headers, body);
          assert.deepEqual([forbidden.status, forbidden.body], [404, unknown.body]);
        }
        assert.equal(await offset(ann, at), 0);
        assert.equal((await append(ann, at, 0, 'text')).status, 204);
        assert.equal((await uploads.list('ann')).items.length, 1);
        // Its address tells its owner that it is whole, and nobody else.
        assert.equal(await offset(ann, at), 4);
        assert.equal((await bob('HEAD', at)).status, 404);
      },
      undefined,
      start,
    ));
}

test('a real client that calls an upload off leaves nothing of it', () =>
  onHost(async ({ port, uploads, folder }) => {
    const cookie = await cookieOf(port, 'ann');
    await new Promise<void>((resolve, reject) => {
      const upload = new Upload(LINES, {
        endpoint: `http://127.0.0.1:${port}/uploads`,
        headers: { cookie, ...OWN, host: 'example.com', 'x-forwarded-proto': 'https' },
        metadata: { filename: 'lines.txt', filetype: 'text/plain' },
        chunkSize: 3_000_000,
        onError: reject,
        onChunkComplete: () => void upload.abort(true).then(resolve, reject),
      });
      upload.start();
    });
    assert.deepEqual(bytesIn(folder), []);
    assert.deepEqual((await uploads.usage('ann')).used, { files: 0, bytes: 0 });
  }));

test('an upload is judged as any request: who asks from elsewhere, and who is not signed in', () =>
  onHost(async ({ port }) => {
    const cookie = await cookieOf(port, 'ann');
    const foreign = { ...TUS, 'sec-fetch-site': 'cross-site', cookie, 'upload-length': '4' };
    for (const method of ['POST', 'PATCH', 'DELETE'])
      assert.equal((await ask(port, { method, target: '/uploads/x', headers: foreign })).status, 403);
    assert.equal((await ask(port, { method: 'POST', target: '/uploads', headers: TUS })).status, 401);
  }));

test('headers that no client sends are refused, and begin nothing', () =>
  onHost(async ({ port, uploads, events }) => {
    const ann = await visitor(port, 'ann');
    const good = { ...TUS, 'upload-length': '4', 'upload-metadata': named('a.txt'), 'content-length': '0' };
    const b64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
    const cases: readonly (readonly [header: string, value: string | readonly string[] | null])[] = [
      ...[null, '', '-1', '+4', '04', '4.0', '0x4', '1e3', ' 4 5', '9'.repeat(16), ['4', '4']].map(
        (value) => ['upload-length', value] as const,
      ),
      ...[
        null,
        '',
        'filename',
        'filename ',
        `filename ${b64('a.txt')},filename ${b64('b.txt')}`,
        `filename ${b64('a.txt')}, filetype ${b64('text/plain')}`,
        `filename ${b64('a.txt').replace('=', '')}`,
        `filename ${b64('a')}\u00e9`,
        `filename ${b64(Buffer.from([0xff, 0xfe]))}`,
        `filename ${b64('a.txt')},filetype ${b64('text/plain\r\nx: y')}`,
        `filename ${b64('a.txt')},other ${b64('x'.repeat(4096))}`,
        [`filename ${b64('a.txt')}`, `filename ${b64('b.txt')}`],
      ].map((value) => ['upload-metadata', value] as const),
      ['upload-defer-length', '1'],
      ['upload-concat', 'partial'],
    ];
    for (const [header, value] of cases) {
      const answer = await ann('POST', '/uploads', { ...good, [header]: value });
      assert.equal(answer.status, 400, `${header}: ${String(value)}`);
    }
    assert.deepEqual(await uploads.usage('ann').then(({ used }) => used), { files: 0, bytes: 0 });
    const told = events.filter(({ event }) => event.startsWith('input_validation_fail'));
    assert.ok(told.length >= cases.length - 1, `${told.length} events`);
    const at = await create(ann, 4);
    for (const from of ['', '-0', '00', '1.5', '99999999999999999999', ['0', '0']])
      assert.equal((await ann('PATCH', at, { ...BYTES, 'upload-offset': from }, 'text')).status, 400);
    assert.equal((await ann('POST', '/uploads', { ...good, 'tus-resumable': null })).status, 412);
    assert.equal((await ann('PATCH', at, { ...BYTES, 'tus-resumable': '0.2.2' }, 'text')).status, 412);
    assert.equal(
      (await ann('PATCH', at, { ...TUS, 'upload-offset': '0', 'content-type': 'text/plain' }, 'text')).status,
      415,
    );
    assert.equal(await offset(ann, at), 0);
  }));

test('what a name says is cleaned, and stands in no path', () =>
  onHost(async ({ port, uploads, folder }) => {
    const ann = await visitor(port, 'ann');
    for (const name of ['../../etc/passwd.txt', 'a\u202etxt.exe.txt', 'CON.txt', 'two\nlines.txt']) {
      const at = await create(ann, 1, name);
      assert.equal((await append(ann, at, 0, 'x')).status, 204);
    }
    const names = (await uploads.list('ann')).items.map(({ name }) => name).toSorted();
    assert.deepEqual(names, ['_CON.txt', 'atxt.exe.txt', 'passwd.txt', 'twolines.txt']);
    assert.ok(bytesIn(folder).every((one) => /^[\w-]{2}\/[\w-]{22}$/.test(one)));
  }));

test('places are exact: what is not the next byte is refused, and what is too much is not kept', () =>
  onHost(async ({ port, uploads }) => {
    const ann = await visitor(port, 'ann');
    const at = await create(ann, 10);
    const first = await append(ann, at, 0, 'abcd');
    assert.deepEqual([first.status, valueOf(first, 'upload-offset')], [204, '4']);
    for (const from of [0, 3, 5, 10]) assert.equal((await append(ann, at, from, 'efgh')).status, 409);
    assert.equal((await append(ann, at, 4, 'efghijk')).status, 413);
    // Of unknown length: as many as were announced, and none more.
    const chunked = { ...BYTES, 'upload-offset': '4', 'transfer-encoding': 'chunked' };
    const much = await ann('PATCH', at, chunked, '7\r\nefghijk\r\n0\r\n\r\n');
    assert.equal(much.status, 413);
    assert.equal(await offset(ann, at), 4);
    assert.equal((await append(ann, at, 4, 'efghij')).status, 204);
    assert.equal((await append(ann, at, 10, 'x')).status, 404);
    const [file] = (await uploads.list('ann')).items;
    assert.equal(file?.sha256, createHash('sha256').update('abcdefghij').digest('base64url'));
  }));

test('what is too large, of another kind or without room is refused before a byte is sent', () =>
  onHost(
    async ({ port, uploads, folder }) => {
      const ann = await visitor(port, 'ann');
      const offer = async (size: number, name: string, type?: string): Promise<RawAnswer> =>
        ann('POST', '/uploads', {
          ...TUS,
          'upload-length': String(size),
          'upload-metadata': named(name, type),
          'content-length': '0',
        });
      const large = await offer(21 * 1024 ** 2, 'a.txt');
      assert.deepEqual([large.status, /larger than the 20 ?MB/.test(large.body)], [413, true]);
      assert.equal((await offer(0, 'a.txt')).status, 415);
      assert.equal((await offer(10, 'a.exe')).status, 415);
      assert.equal((await offer(10, 'a.txt', 'text/html')).status, 415);
      const [one, two] = [await create(ann, 600), await create(ann, 300)];
      const full = await offer(101, 'a.txt');
      assert.deepEqual([full.status, /There is no room/.test(full.body)], [413, true]);
      assert.equal((await uploads.usage('ann')).used.bytes, 900);
      assert.equal((await ann('DELETE', one)).status, 204);
      assert.equal((await ann('DELETE', one)).status, 404);
      assert.equal((await ann('HEAD', one)).status, 404);
      assert.equal((await uploads.usage('ann')).used.bytes, 300);
      assert.equal((await append(ann, two, 0, 'x'.repeat(100))).status, 204);
      assert.equal((await offer(700, 'a.txt')).status, 201);
      assert.equal((await ann('DELETE', two)).status, 204);
      assert.deepEqual(bytesIn(folder), []);
    },
    { files: { quota: '1000B' } },
  ));

test('a file that is none of its kind is refused with its last byte, is never listed, and leaves nothing', () =>
  onHost(async ({ port, uploads, folder, events }) => {
    const ann = await visitor(port, 'ann');
    const at = await create(ann, 12, 'a.pdf', 'application/pdf');
    assert.equal((await append(ann, at, 0, '<html>')).status, 204);
    const last = await append(ann, at, 6, '<body>');
    assert.equal(last.status, 415);
    assert.match(last.body, /A file is not what its name says/);
    assert.ok(events.some(({ event }) => event.startsWith('upload_validation')));
    assert.equal((await ann('HEAD', at)).status, 404);
    assert.deepEqual((await uploads.list('ann')).items, []);
    assert.deepEqual((await uploads.usage('ann')).used, { files: 0, bytes: 0 });
    assert.deepEqual(bytesIn(folder), []);
  }));

test('what looks at files says no to one, in its words, or has it wait', () =>
  onHost(
    async ({ port, uploads }) => {
      const ann = await visitor(port, 'ann');
      const bad = await append(ann, await create(ann, 3), 0, 'bad');
      assert.deepEqual([bad.status, /It has a virus/.test(bad.body)], [415, true]);
      const odd = await create(ann, 3);
      assert.equal((await append(ann, odd, 0, 'odd')).status, 204);
      assert.equal((await append(ann, await create(ann, 4), 0, 'good')).status, 204);
      const states = (await uploads.list('ann')).items.map(({ state }) => state).toSorted();
      assert.deepEqual(states, ['quarantine', 'ready', 'refused']);
      // Its address is that of a file by now, also while it waits.
      assert.equal(await offset(ann, odd), 3);
    },
    {
      files: {
        scan: async (file) => {
          const text = (await readAll(file.read(0, 3))).toString();
          if (text === 'bad')
            return { verdict: 'refused', reason: 'malware', detail: 'It has a virus.', found: 'x' };
          return text === 'odd' ? { verdict: 'wait', reason: 'unseen', detail: '' } : { verdict: 'clean' };
        },
      },
    },
  ));

test('of requests that bring one upload at once, one writes; what it had when its client went is kept', () =>
  onHost(async ({ port }) => {
    const cookie = await cookieOf(port, 'ann');
    const ann = await visitor(port, 'ann');
    const at = await create(ann, 10);
    const headers = { cookie, ...BYTES, 'upload-offset': '0', 'content-length': '10' };
    const slow = connect(port, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.write(`${writeRequest({ method: 'PATCH', target: at, headers })}abc`);
    await until(
      'the first one holds it',
      async () => (await append(ann, at, 0, 'abcdefghij')).status === 423,
    );
    assert.equal((await ann('DELETE', at)).status, 423);
    slow.destroy();
    await until('its bytes are kept', async () => (await offset(ann, at)) === 3);
    assert.equal((await append(ann, at, 3, 'defghij')).status, 204);
    assert.equal(await offset(ann, at), 10);
  }));

test('all uploads of an account that is removed end with it', () =>
  onHost(async ({ port, uploads, folder }) => {
    const ann = await visitor(port, 'ann');
    const at = await create(ann, 10);
    await append(ann, at, 0, 'abc');
    assert.equal(bytesIn(folder).length, 1);
    await uploads.removeAll('ann');
    assert.equal((await ann('HEAD', at)).status, 404);
    assert.deepEqual((await uploads.usage('ann')).used, { files: 0, bytes: 0 });
  }));

test('says what it speaks, and hands out the script of the page', () =>
  onHost(async ({ port }) => {
    const ann = await visitor(port, 'ann');
    const said = await ann('OPTIONS', '/uploads', OWN);
    assert.equal(said.status, 204);
    assert.equal(valueOf(said, 'tus-extension'), 'creation,termination,expiration');
    assert.equal(valueOf(said, 'tus-max-size'), String(20 * 1024 ** 2));
    const script = await ann('GET', '/uploads/upload.js', OWN);
    assert.deepEqual(
      [script.status, valueOf(script, 'content-type')],
      [200, 'text/javascript; charset=utf-8'],
    );
    assert.equal((await ann('GET', '/uploads/other.js')).status, 404);
  }));
