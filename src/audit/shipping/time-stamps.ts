/**
 * Time stamps of signed heads (RFC 3161): an authority that nobody here controls says that a log was so long, and what was in it,
 * at a time. Of all records only heads are sent, and of those only the hash.
 */
import { appendFile } from 'node:fs/promises';
import { randomBytes } from '../../core/random.ts';
import { type ChainMark, readMark } from '../chain/chain-line.ts';
import { receiverUrl } from './http-post.ts';
import { type LogSink, type ShippedRecord, TryLater } from './log-sink.ts';
import { SHIPPING_CALLS } from './shipping.calls.ts';

/** A time stamp authority. */
export interface TimeStampOptions {
  /** Where it is asked: https, or http on this machine. */
  url: string;
  /** The file that keeps its answers, a line of JSON each: `{ chain, seq, hash, reply }`, the reply in base64. */
  keep: string;
  /** At most so often, in seconds. Default 600: authorities are shared, and each stamp covers all before it. */
  every?: number;
  /** More headers, such as `{ authorization: 'Basic ...' }`. */
  headers?: Readonly<Record<string, string>>;
  /** Names its spool. Default `time-stamps`. */
  name?: string;
}

const TIMEOUT_MS = 20_000;
const MOST_BYTES = 65_536;
const HASH_BYTES = 32;
const NONCE_BYTES = 8;
const DEFAULT_EVERY_S = 600;

/** Has heads of the log stamped. Needs `audit.file`, which signs them. */
export function timeStamps(options: TimeStampOptions): LogSink {
  SHIPPING_CALLS.timeStamps(options);
  const { url, keep, every = DEFAULT_EVERY_S, headers = {}, name = 'time-stamps' } = options;
  const to = receiverUrl(url);
  let last = -Infinity;
  return {
    name,
    send: async (records) => {
      // The newest says all that the others would.
      const mark = newestHead(records);
      if (mark === undefined || performance.now() - last < every * 1000) return;
      const nonce = randomBytes(NONCE_BYTES);
      const hash = Buffer.from(mark.hash, 'base64url');
      const reply = await ask(to, headers, timeStampRequest(hash, nonce));
      checkReply(reply, hash, nonce);
      const kept = { chain: mark.chain, seq: mark.seq, hash: mark.hash, reply: reply.toString('base64') };
      await appendFile(keep, `${JSON.stringify(kept)}\n`, { mode: 0o640 });
      last = performance.now();
    },
  };
}

/**
 * A TimeStampReq in DER: version 1, SHA-256 of the hash's 32 bytes, a nonce. Its certificate is asked for, since a stamp is
 * looked at years later, when nobody has it any more.
 */
export function timeStampRequest(hash: Buffer, nonce: Buffer): Buffer {
  const algorithm = Buffer.from('300d06096086480165030402010500', 'hex');
  const imprint = sequence(Buffer.concat([algorithm, Buffer.from([0x04, HASH_BYTES]), hash]));
  // Positive, and in the fewest bytes: the first is from 01 to 7f.
  const number = Buffer.from(nonce);
  number[0] = ((number[0] ?? 0) & 0x7f) | 0x01;
  return sequence(
    Buffer.concat([
      Buffer.from('020101', 'hex'),
      imprint,
      Buffer.from([0x02, number.byteLength]),
      number,
      Buffer.from('0101ff', 'hex'),
    ]),
  );
}

/**
 * Whether the reply is a stamp, of this hash, and to this request. Whose stamp it is `openssl ts -verify` says, by the certificate
 * of the authority: that is for whoever does not believe this process.
 */
function checkReply(reply: Buffer, hash: Buffer, nonce: Buffer): void {
  const whole = element(reply, 0);
  const info = whole === undefined ? undefined : element(reply, whole.start);
  const status = info === undefined ? undefined : element(reply, info.start);
  const granted = status?.tag === 0x02 && status.end - status.start === 1 ? reply[status.start] : undefined;
  // 0 granted, 1 granted with modifications; what is refused comes with HTTP 200 too.
  if (granted !== 0 && granted !== 1) throw new TryLater('the time stamp authority refused');
  const number = Buffer.from(nonce);
  number[0] = ((number[0] ?? 0) & 0x7f) | 0x01;
  if (!reply.includes(hash) || !reply.includes(number))
    throw new TryLater('the time stamp is of something else');
}

async function ask(url: URL, headers: Readonly<Record<string, string>>, body: Buffer): Promise<Buffer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query', ...headers },
    body: new Uint8Array(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const pieces: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop ends the answer: what is too much is never read.
  for await (const piece of response.body ?? []) {
    if (response.status !== 200) break;
    size += (piece as Uint8Array).byteLength;
    if (size > MOST_BYTES) throw new TryLater('the time stamp authority answered with too much');
    pieces.push(piece as Uint8Array);
  }
  if (response.status !== 200) throw new TryLater(`HTTP ${response.status}`);
  return Buffer.concat(pieces);
}

/** By where a signature stands, and not by its name: details of any event may have a field that is called so. */
function newestHead(records: readonly ShippedRecord[]): ChainMark | undefined {
  for (const { line } of records.toReversed()) {
    const mark = readMark(Buffer.from(line));
    if (mark?.signature !== undefined) return mark;
  }
  return undefined;
}

function sequence(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x30, content.byteLength]), content]);
}

/** An element of DER at a place: its tag, and where its content begins and ends. */
function element(bytes: Buffer, at: number): { tag: number; start: number; end: number } | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (more > 3 || at + 2 + more > bytes.byteLength) return undefined;
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
  const start = at + 2 + more;
  return start + length > bytes.byteLength ? undefined : { tag, start, end: start + length };
}
