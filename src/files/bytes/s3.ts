/** The bytes of files in a bucket, by the application's own client. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { anyText, call, callback, fields, made, maybe, name } from '../../core/call.ts';
import { BulwarkError } from '../../core/errors.ts';
import { damaged } from './damaged.ts';
import { type FileBytes, type FileWriter, isFileId } from './file-bytes.ts';
import { GatheredWrites } from './gathered-writes.ts';

/** What is used of a client of S3: `new S3({ ... })` of `@aws-sdk/client-s3` has it. */
export interface S3Client {
  putObject(input: S3Object & { readonly Body: Readable; readonly ContentLength: number }): Promise<unknown>;
  getObject(input: S3Object & { readonly Range: string }): Promise<{ readonly Body?: unknown }>;
  headObject(input: S3Object): Promise<{ readonly ContentLength?: number | undefined }>;
  deleteObject(input: S3Object): Promise<unknown>;
}

/** One object of a bucket. */
export interface S3Object {
  readonly Bucket: string;
  readonly Key: string;
}

/** Where in S3 files are kept. */
export interface S3BytesOptions {
  /** Its name. It is there: Bulwark makes none. */
  readonly bucket: string;
  /** What stands before the id of a file. Default `files/`. */
  readonly prefix?: string;
  /** Where a file waits until it is whole: a folder of this machine. Default: that of the system for temporary files. */
  readonly spool?: string;
}

const checkS3 = call("s3Bytes(new S3({ region: 'eu-central-1' }), { bucket: 'files' })", {
  client: made("a client of S3, such as new S3({ region: 'eu-central-1' })", {
    putObject: callback,
    getObject: callback,
    headObject: callback,
    deleteObject: callback,
  }),
  options: fields<S3BytesOptions>({ bucket: name, prefix: maybe(anyText), spool: maybe(name) }),
});

/**
 * Keeps files in a bucket of S3, or of a server that speaks it. A file is spooled on this machine until it is whole, under no
 * name that could be left behind, and goes up by one request: there is no half object, and no part of one that is paid for.
 *
 * @example
 * ```ts
 * files: { bytes: s3Bytes(new S3({ region: 'eu-central-1' }), { bucket: 'strongroom' }) }
 * ```
 */
export function s3Bytes(client: S3Client, options: S3BytesOptions): FileBytes {
  checkS3(client, options);
  const { bucket, prefix = 'files/', spool = tmpdir() } = options;
  const object = (id: string): S3Object => {
    if (!isFileId(id))
      throw new BulwarkError('ERR_BULWARK_STORE', 'An id of a file is none that was made here.');
    return { Bucket: bucket, Key: `${prefix}${id}` };
  };
  return {
    create: async (id) => writerTo(client, object(id), await openSpool(spool)),
    size: async (id) => {
      const found = await client.headObject(object(id)).catch(absent);
      return found?.ContentLength;
    },
    read: (id, from, to) => readObject(client, object(id), from, to),
    remove: async (id) => {
      await client.deleteObject(object(id)).catch(absent);
    },
  };
}

function writerTo(client: S3Client, object: S3Object, spooled: FileHandle): FileWriter {
  const writes = new GatheredWrites(spooled, false);
  return {
    copies: true,
    write: (piece) => writes.write(piece).catch(failed),
    finish: async () => {
      try {
        await writes.flush();
        const { size } = await spooled.stat();
        const Body = spooled.createReadStream({ start: 0, autoClose: false });
        await client.putObject({ ...object, Body, ContentLength: size });
      } catch (error) {
        failed(error);
      } finally {
        await spooled.close();
      }
    },
    abort: async () => {
      await writes.settled();
      await spooled.close().catch(() => undefined);
    },
  };
}

/** A file without a name: it is gone with the process, however that ends. */
async function openSpool(folder: string): Promise<FileHandle> {
  const path = join(folder, `bulwark-${randomUUID()}.part`);
  const handle = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, 0o600).catch(
    failed,
  );
  await rm(path).catch(() => undefined);
  return handle;
}

async function* readObject(
  client: S3Client,
  object: S3Object,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array, void, void> {
  if (to <= from) return;
  const found = await client.getObject({ ...object, Range: `bytes=${from}-${to - 1}` }).catch(absent);
  if (found?.Body === undefined) throw damaged();
  let read = 0;
  for await (const piece of found.Body as AsyncIterable<Uint8Array>) {
    // A server that knows no such range sends all of it, from its start on.
    if (from > 0 && read + piece.byteLength > to - from) throw damaged();
    const part = piece.subarray(0, to - read - from);
    read += part.byteLength;
    yield part;
    if (read === to - from) break;
  }
  if (read !== to - from) throw damaged();
}

/** Undefined where there is no such object, or none of so many bytes. */
function absent(error: unknown): undefined {
  const { $metadata } = Object(error) as { readonly $metadata?: { readonly httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  if (status === 404 || status === 416) return undefined;
  return failed(error);
}

function failed(error: unknown): never {
  if (error instanceof BulwarkError) throw error;
  const what = error instanceof Error ? error.name : 'unknown';
  const said = `The bucket of files failed: ${what}. Look at its name, its region and the rights of the client.`;
  throw new BulwarkError('ERR_BULWARK_STORE', said, { cause: error });
}
