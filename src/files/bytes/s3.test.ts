import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { S3 } from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import { randomId } from '../../core/random.ts';
import { fileBytesConformance } from '../../testing/conformance.ts';
import { keepBytes, readAll } from '../../testing/conformance/file-bytes.ts';
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
