/**
 * Files encrypted where they lie: AES-256-GCM in pieces, so that a range can be read and nothing has to be held whole. Each file
 * has a key of its own, which its row has sealed: keys are rotated by sealing that anew, and no byte is written again.
 *
 * The nonce of a piece is its place, and whether it is the last one: pieces in another order, of another file, missing or added
 * are no pieces (Hoang, Reyhanitabar, Rogaway, Vizar 2015, STREAM). A key that is used for one file alone needs no random one.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { damaged } from './damaged.ts';
import type { FileBytes, FileWriter } from './file-bytes.ts';

const CIPHER = 'aes-256-gcm';
const PIECE = 64 * 1024;
const TAG = 16;
const STORED = PIECE + TAG;

/** How many bytes a file has as it is stored. */
export function sealedSize(size: number): number {
  return size + piecesOf(size) * TAG;
}

/** Encrypts what is written, on its way to another writer. */
export class SealingWriter implements FileWriter {
  readonly #to: FileWriter;
  readonly #seal: Sealer;
  /** One piece, filled before it is sealed: whether it is the last is known when the next byte comes, or none. */
  readonly #piece: Buffer = Buffer.allocUnsafeSlow(PIECE);
  #filled = 0;
  #index = 0;

  /** @param key - 32 random bytes, used for no other file */
  constructor(to: FileWriter, key: Buffer, id: string) {
    this.#to = to;
    this.#seal = new Sealer(key, id);
  }

  async write(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.byteLength;) {
      if (this.#filled === PIECE) await this.#next(false);
      const part = piece.subarray(at, at + PIECE - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.byteLength;
      at += part.byteLength;
    }
  }

  async finish(): Promise<void> {
    await this.#next(true);
    await this.#to.finish();
  }

  abort(): Promise<void> {
    return this.#to.abort();
  }

  async #next(isLast: boolean): Promise<void> {
    const [sealed, tag] = this.#seal.seal(this.#piece.subarray(0, this.#filled), this.#index, isLast);
    this.#index += 1;
    this.#filled = 0;
    await this.#to.write(sealed);
    if (this.#to.copies === true) giveBack(sealed);
    // By itself: put behind the piece, all of it would be copied once more.
    await this.#to.write(tag);
  }
}

/**
 * Frees bytes that nobody holds. Left to the collector, the pieces of one large file have it go through all that is old a dozen
 * times, which costs more than to encrypt them.
 */
function giveBack({ buffer, byteLength }: Buffer): void {
  // One of many in a buffer of Node.js is not ours to free.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** What of a file is read: its own size is what its row says. */
export interface SealedRange {
  readonly id: string;
  readonly key: Buffer;
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Decrypts from one place to another.
 *
 * @throws BulwarkError ERR_BULWARK_FILE_DAMAGED, as it is read, before any byte that was not stored so
 */
export async function* readSealed(
  bytes: FileBytes,
  { id, key, size, from, to }: SealedRange,
): AsyncGenerator<Uint8Array, void, void> {
  if (to <= from) return;
  const sealer = new Sealer(key, id);
  const last = piecesOf(size) - 1;
  const end = Math.floor((to - 1) / PIECE);
  let index = Math.floor(from / PIECE);
  const stored = bytes.read(id, index * STORED, Math.min((end + 1) * STORED, sealedSize(size)));
  for await (const sealed of inPieces(stored)) {
    const opened = sealer.open(sealed, index, index === last);
    const start = index * PIECE;
    yield opened.subarray(Math.max(0, from - start), Math.min(opened.length, to - start));
    index += 1;
  }
  if (index !== end + 1) throw damaged();
}

/** The pieces of a stream that comes in others. */
async function* inPieces(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, void> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const part of stored) {
    held.push(part);
    size += part.byteLength;
    if (size < STORED) continue;
    const all = Buffer.concat(held);
    let at = 0;
    for (; at + STORED <= all.length; at += STORED) yield all.subarray(at, at + STORED);
    held = at === all.length ? [] : [all.subarray(at)];
    size = all.length - at;
  }
  if (size > 0) yield Buffer.concat(held);
}

/** One without any bytes has one piece too: that there are none is sealed like everything else. */
function piecesOf(size: number): number {
  return Math.max(1, Math.ceil(size / PIECE));
}

class Sealer {
  readonly #key: KeyObject;
  readonly #id: Buffer;

  constructor(key: Buffer, id: string) {
    this.#key = createSecretKey(key);
    this.#id = Buffer.from(id);
  }

  seal(piece: Buffer, index: number, isLast: boolean): readonly [Buffer, Buffer] {
    const cipher = createCipheriv(CIPHER, this.#key, nonceOf(index, isLast)).setAAD(this.#id);
    const sealed = cipher.update(piece);
    cipher.final();
    return [sealed, cipher.getAuthTag()];
  }

  open(sealed: Buffer, index: number, isLast: boolean): Buffer {
    if (sealed.length < TAG) throw damaged();
    const end = sealed.length - TAG;
    const decipher = createDecipheriv(CIPHER, this.#key, nonceOf(index, isLast), { authTagLength: TAG })
      .setAAD(this.#id)
      .setAuthTag(sealed.subarray(end));
    const opened = decipher.update(sealed.subarray(0, end));
    try {
      decipher.final();
    } catch {
      throw damaged();
    }
    return opened;
  }
}

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = Number(isLast);
  return nonce;
}
