import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { Spool, SpoolFullError, type SpooledBody } from './spool.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-spool-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function contentOf(body: SpooledBody): Promise<Buffer> {
  const content = body.content();
  return content === undefined || Buffer.isBuffer(content) ? (content ?? Buffer.alloc(0)) : buffer(content);
}

async function* pieces(count: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield Buffer.alloc(bytes, index);
}

test('a body comes back as it was, from memory and from a file', async (t) => {
  const folder = folderOf(t);
  const spool = new Spool({ memory: 1000, total: 1_000_000, folder });
  for (const [count, bytes, inMemory] of [
    [0, 0, true],
    [1, 1000, true],
    [10, 100, true],
    [11, 100, false],
    [100, 1000, false],
  ] as const) {
    const body = await spool.take(pieces(count, bytes));
    assert.equal(body.bytes, count * bytes);
    const expected = await buffer(pieces(count, bytes));
    const content = await contentOf(body);
    assert.equal(hash(content), hash(expected));
    assert.equal(spool.used, count * bytes);
    body.release();
    body.release();
    assert.equal(spool.used, 0);
    assert.deepEqual([readdirSync(folder), inMemory], [[], inMemory]);
  }
});

test('all bodies together are held to one bound, and what is released is free again', async (t) => {
  const folder = folderOf(t);
  const spool = new Spool({ memory: 100, total: 1000, folder });
  const first = await spool.take(pieces(6, 100));
  await assert.rejects(spool.take(pieces(6, 100)), SpoolFullError);
  assert.equal(spool.used, 600);
  first.release();
  const second = await spool.take(pieces(10, 100));
  assert.equal((await contentOf(second)).length, 1000);
  second.release();
  assert.equal(spool.used, 0);
});

test('a client that goes away in the middle leaves nothing behind', async (t) => {
  const folder = folderOf(t);
  const spool = new Spool({ memory: 100, total: 10_000, folder });
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield* pieces(5, 100);
    throw new Error('gone');
  }
  await assert.rejects(spool.take(cut()), /gone/);
  assert.equal(spool.used, 0);
  assert.deepEqual(readdirSync(folder), []);
});

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
