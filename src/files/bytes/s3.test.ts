import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { S3 } from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import { KeyRing } from '../../core/key-ring.ts';
import { defaultsOf } from '../../core/options.ts';
import { randomId } from '../../core/random.ts';
import { memory } from '../../stores/memory/state.ts';
import type { FileRecord } from '../../stores/ports/files.ts';
import { fileBytesConformance } from '../../testing/conformance.ts';
import { keepBytes, readAll } from '../../testing/conformance/file-bytes.ts';
import { FileRoom, rowsOf } from '../file-room.ts';
import { filesOptions } from '../files.options.ts';
import type { FileBytes } from './file-bytes.ts';
import { s3Bytes } from './s3.ts';

const fresh = (): string => mkdtempSync(join(tmpdir(), 'bulwark-s3-'));

describe('a bucket on a server that speaks S3', () => {
  const spool = fresh();
  const server = new S3rver({
    port: 0,
    silent: true,
    directory: fresh(),
    configureBuckets: [{ name: 'files', configs: [] }],
  });
  let client: S3;
  const open = (): FileBytes => s3Bytes(client, { bucket: 'files', spool });

  before(async () => {
    const { port } = await server.run();
    client = new S3({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
  });
  after(async () => {
    client.destroy();
    await server.close();
  });

  fileBytesConformance('a bucket', open);

  test('objects are named by ids behind the prefix, and by nothing else', async () => {
    const id = await keepBytes(
      s3Bytes(client, { bucket: 'files', prefix: 'of/ann/', spool }),
      Buffer.from('x'),
    );
    const { Contents = [] } = await client.listObjectsV2({ Bucket: 'files', Prefix: 'of/' });
    assert.deepEqual(
      Contents.map(({ Key }) => Key),
      [`of/ann/${id}`],
    );
  });

  test('a file that comes in parts is put together there, and its parts are gone', async () => {
    const state = memory();
    const room = new FileRoom({
      rows: rowsOf(state.files),
      counters: state.counters,
      keys: new KeyRing([Buffer.alloc(32, 'a')]),
      settings: {
        ...defaultsOf(filesOptions),
        bytes: s3Bytes(client, { bucket: 'files', prefix: 'parts/', spool }),
      },
      audit: () => undefined,
      clock: Date.now,
    });
    const rule = { types: ['text/plain'], size: 100, files: 1, total: 100 };
    const begun = await room.partials.begin(
      { owner: 'ann', filename: 'a.txt', type: undefined, size: 6 },
      rule,
    );
    const { id } = begun ?? assert.fail('there is no room');
    const find = async (): Promise<FileRecord> =>
      (await room.partials.find(id, 'ann')) ?? assert.fail('it is gone');
    const signal = new AbortController().signal;
    for (const [from, text] of [
      [0, 'abc'],
      [3, 'def'],
    ] as const) {
      const pieces = Readable.from([Buffer.from(text)]);
      assert.equal(await room.partials.append(await find(), { from, length: 3, pieces, signal }), from + 3);
    }
    const file = await room.partials.finish(await find(), rule);
    assert.ok(typeof file === 'object');
    assert.equal((await readAll(room.vault.read(file, 0, 6))).toString(), 'abcdef');
    const { Contents = [] } = await client.listObjectsV2({ Bucket: 'files', Prefix: 'parts/' });
    assert.deepEqual(
      Contents.map(({ Key }) => Key),
      [`parts/${id}`],
    );
    await room.close();
  });

  test('what waits on this machine has no name that a dead process could leave behind', async () => {
    const writer = await open().create(randomId(16));
    await writer.write(randomBytes(500_000));
    assert.deepEqual(readdirSync(spool), []);
    await writer.abort();
  });

  test('a bucket that is not there is told, and by no name of it', async () => {
    const place = s3Bytes(client, { bucket: 'no-such-bucket', spool });
    await assert.rejects(keepBytes(place, Buffer.from('x')), {
      code: 'ERR_BULWARK_STORE',
      message: /^The bucket of files failed: NoSuchBucket/,
    });
  });

  test('a server that sends more than it was asked for is not believed', async () => {
    const id = await keepBytes(open(), Buffer.from('0123456789'));
    const forgetful = s3Bytes(
      Object.assign(Object.create(client) as S3, {
        getObject: (input: { Bucket: string; Key: string }) =>
          client.getObject({ Bucket: input.Bucket, Key: input.Key }),
      }),
      { bucket: 'files', spool },
    );
    await assert.rejects(readAll(forgetful.read(id, 2, 5)), { code: 'ERR_BULWARK_FILE_DAMAGED' });
  });
});
