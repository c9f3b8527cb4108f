/** Reads a log again, and says where it is not what was written. In one pass, and in a memory that does not grow with it. */
import { hash } from 'node:crypto';
import { LOG_EVENTS } from '../log.events.ts';
import type { ChainPlace } from './chain.ts';
import { chainHash, type ChainMark, NO_HASH, readMark } from './chain-line.ts';
import { isFragment } from './fragment.ts';
import type { HeadBook } from './head-book.ts';
import { readSigned, type SignedDetails } from './signed-record.ts';
import { type HeadVerifier, keyName, verifierOf } from './signing-key.ts';

/** What is wrong with a log. */
export type FaultKind =
  | 'changed'
  | 'missing'
  | 'moved'
  | 'foreign'
  | 'cut'
  | 'no-beginning'
  | 'other-key'
  | 'bad-signature'
  | 'unsigned'
  | 'unlinked'
  | 'not-closed';

/** One thing that is wrong, and where. */
export interface Fault {
  readonly kind: FaultKind;
  readonly file: string;
  readonly line: number;
  readonly chain?: string;
  readonly seq?: number;
  readonly message: string;
}

/** What is known of one chain. */
export interface ChainReport {
  readonly chain: string;
  readonly from: number;
  readonly to: number;
  /** The last record that a signature covers. */
  readonly signedTo: number;
  readonly key: string | undefined;
  readonly isClosed: boolean;
}

/** What a log was found to be. */
export interface LogReport {
  readonly records: number;
  readonly chains: readonly ChainReport[];
  readonly faultCount: number;
  /** The first hundred. */
  readonly faults: readonly Fault[];
  /** Writes that were torn, by a full disk or the end of a process, whose rest is accounted for. */
  readonly torn: number;
  /** Chains that begin in the middle, since files before were not given. */
  readonly continued: number;
}

/** How a log is to be judged. */
export interface VerifyOptions {
  /** Public keys that are trusted. Undefined: those that the log itself names, which proves little. */
  readonly keys?: readonly string[] | undefined;
  readonly heads?: HeadBook | undefined;
  /**
   * Whether this is all there ever was: nothing before the first record was rotated away, and every chain is closed, since
   * nothing writes any more and nothing was killed.
   */
  readonly complete?: boolean;
}

interface ChainState {
  readonly from: number;
  seq: number;
  hash: string;
  signedTo: number;
  /** The last record with a signature, whether it holds or not: of one that does not is told already. */
  lastHead: number;
  headRecords: number | undefined;
  verifier: HeadVerifier | undefined;
  publicKey: string | undefined;
  isClosed: boolean;
}

const MOST_FAULTS = 100;
/** Between the look of a process at the end of a file and its first record others write: so far back it may be. */
const REMEMBERED = 4096;
const MOST_FRAGMENTS = 16;
const RECORD_START = Buffer.from('{"time":"');

/** Takes a log line by line. */
export class LogVerifier {
  readonly #options: VerifyOptions;
  readonly #chains = new Map<string, ChainState>();
  readonly #faults: Fault[] = [];
  readonly #recent: string[] = Array.from({ length: REMEMBERED }, () => '');
  #fragments: { readonly bytes: Buffer; readonly file: string; readonly line: number }[] = [];
  #firstTime: string | undefined;
  #file = '';
  #line = 0;
  #records = 0;
  #faultCount = 0;
  #torn = 0;
  #continued = 0;

  constructor(options: VerifyOptions = {}) {
    this.#options = options;
  }

  /** Says which file the next lines are of. Files are given oldest first. */
  beginFile(name: string): void {
    this.#file = name;
    this.#line = 0;
  }

  /** Takes the next line. One that does not end was being written, or was cut: only a witness can tell. */
  take(line: Buffer, isEnded: boolean): void {
    this.#line += 1;
    if (!isEnded) {
      if (this.#options.complete === true)
        this.#foreign(
          this.#file,
          this.#line,
          'the last line does not end: nothing that wrote here left it so',
        );
      return;
    }
    if (this.#fragments.length > 0) this.#accountFor(line);
    const mark = readMark(line);
    if (mark === undefined) return this.#takeFragment(line);
    const state = this.#chains.get(mark.chain);
    if (state === undefined) this.#begin(line, mark);
    else this.#follow(state, line, mark);
  }

  /** What the log is, once all of it was taken. */
  end(): LogReport {
    for (const { file, line } of this.#fragments) this.#foreign(file, line);
    this.#fragments = [];
    const { heads, complete } = this.#options;
    if (heads !== undefined) this.#askHeads(heads);
    for (const [chain, state] of this.#chains) this.#askForHead(chain, state);
    const chains = [...this.#chains].map(([chain, state]) => reportOf(chain, state));
    if (complete === true)
      for (const { chain, to, isClosed } of chains)
        if (!isClosed)
          this.#tell('not-closed', 'the chain ends without its closing record', { chain, seq: to });
    return {
      records: this.#records,
      chains,
      faultCount: this.#faultCount,
      faults: this.#faults,
      torn: this.#torn,
      continued: this.#continued,
    };
  }

  #begin(line: Buffer, mark: ChainMark): void {
    const event = mark.signature === undefined && mark.seq !== 1 ? undefined : readSigned(line);
    const isOpening = event?.event === LOG_EVENTS.opened.name;
    const details = isOpening ? event?.details : undefined;
    const state: ChainState = {
      from: mark.seq,
      seq: mark.seq - 1,
      hash: (isOpening ? details?.prev : undefined) ?? NO_HASH,
      signedTo: 0,
      lastHead: 0,
      headRecords: undefined,
      verifier: undefined,
      publicKey: undefined,
      isClosed: false,
    };
    this.#firstTime ??= event?.time;
    this.#chains.set(mark.chain, state);
    if (!isOpening) {
      this.#tell('no-beginning', 'the chain has no opening record: what stood before is gone', mark);
      state.seq = mark.seq;
      state.hash = mark.hash;
      this.#note(mark);
      return;
    }
    this.#trust(state, details?.publicKey, mark);
    if (mark.seq > 1) {
      this.#continued += 1;
      if (this.#options.complete === true)
        this.#tell('missing', `records 1 to ${mark.seq - 1} are not here`, { ...mark, seq: 1 });
    }
    this.#follow(state, line, mark);
  }

  #trust(state: ChainState, publicKey: string | undefined, mark: ChainMark): void {
    const { keys } = this.#options;
    if (mark.signature === undefined)
      return this.#tell('unsigned', 'the opening record of the chain is not signed', mark);
    if (publicKey === undefined)
      return this.#tell('bad-signature', 'the opening record of the chain names no key', mark);
    state.publicKey = publicKey;
    if (keys === undefined || keys.includes(publicKey)) state.verifier = verifierOf(publicKey);
    else this.#tell('other-key', `the chain is signed by another key, ${keyName(publicKey)}`, mark);
  }

  #follow(state: ChainState, line: Buffer, mark: ChainMark): void {
    const { seq } = mark;
    if (seq <= state.seq) {
      this.#tell('moved', `record ${seq} stands here behind record ${state.seq}`, mark);
      return;
    }
    const isNext = seq === state.seq + 1;
    if (!isNext) {
      const first = state.seq + 1;
      const which = first === seq - 1 ? `record ${first} is` : `records ${first} to ${seq - 1} are`;
      this.#tell('missing', `${which} not here`, { ...mark, seq: first });
    } else if (chainHash(state.hash, line.subarray(0, mark.hashedBytes)) !== mark.hash) {
      if (this.#joined(line)) return;
      this.#tell('changed', `record ${seq}, or the hash of the one before it, was changed`, mark);
    }
    if (mark.signature !== undefined) this.#judgeSignature(state, line, mark, isNext);
    state.seq = seq;
    state.hash = mark.hash;
    this.#note(mark);
  }

  #note(mark: ChainMark): void {
    this.#recent[this.#records % REMEMBERED] = mark.hash;
    this.#records += 1;
  }

  #judgeSignature(state: ChainState, line: Buffer, mark: ChainMark, isNext: boolean): void {
    const event = readSigned(line);
    const details = event?.details;
    const from = state.signedTo + 1;
    const isGood = state.verifier?.(line.subarray(0, mark.signedBytes), mark.signature ?? '');
    if (isGood === false) {
      this.#tell('bad-signature', `the signature over records ${from} to ${mark.seq} does not hold`, mark);
    } else if (isNext && details?.prev !== state.hash) {
      const message = `records ${from} to ${mark.seq - 1} were formed anew: their signed head is of others`;
      this.#tell('bad-signature', message, mark);
    } else if (isGood === true) {
      state.signedTo = mark.seq;
      state.headRecords = details?.headRecords ?? state.headRecords;
    }
    state.lastHead = mark.seq;
    const kept = this.#options.heads?.meet(mark.chain, mark.seq);
    if (kept !== undefined && kept.hash !== mark.hash)
      this.#tell('changed', `the witness has another head for record ${mark.seq}`, mark);
    if (event?.event === LOG_EVENTS.closed.name) state.isClosed = true;
    if (event?.event !== LOG_EVENTS.opened.name) return;
    if (details?.publicKey !== undefined && details.publicKey !== state.publicKey)
      this.#tell('other-key', 'the chain goes on under another key', mark);
    this.#link(details, mark);
  }

  /** A log whose earlier chain was cut, or taken away whole, is missed by the first record behind it. */
  #link(details: SignedDetails | undefined, mark: ChainMark): void {
    const { after, torn } = details ?? {};
    if (torn !== undefined) this.#forget(({ bytes }) => isTorn(bytes, torn));
    if (after === undefined || (this.#records === 0 && this.#options.complete !== true)) return;
    if (this.#recent.includes(after.hash) || this.#headsHave(after)) return;
    const message = `what stood before, up to record ${after.seq} of chain ${after.chain}, is not what was there`;
    this.#tell('unlinked', message, mark);
  }

  /** A file that was empty when it was opened leads to the last head that had been kept. */
  #headsHave({ chain, seq }: ChainPlace): boolean {
    const state = this.#chains.get(chain);
    return state !== undefined && state.signedTo === seq;
  }

  #takeFragment(line: Buffer): void {
    if (this.#joined(line)) return;
    if (!isFragment(line) || this.#fragments.length >= MOST_FRAGMENTS)
      return this.#foreign(this.#file, this.#line);
    this.#fragments.push({ bytes: Buffer.from(line), file: this.#file, line: this.#line });
  }

  /** Where one process was cut short by a full disk, the next may have written behind it, on the same line. */
  #joined(line: Buffer): boolean {
    for (let at = line.indexOf(RECORD_START, 1); at !== -1; at = line.indexOf(RECORD_START, at + 1)) {
      const rest = line.subarray(at);
      const mark = readMark(rest);
      const state = mark && this.#chains.get(mark.chain);
      if (mark === undefined || state === undefined || mark.seq !== state.seq + 1) continue;
      if (chainHash(state.hash, rest.subarray(0, mark.hashedBytes)) !== mark.hash) continue;
      if (this.#fragments.length >= MOST_FRAGMENTS || !isFragment(line.subarray(0, at))) return false;
      this.#fragments.push({
        bytes: Buffer.from(line.subarray(0, at)),
        file: this.#file,
        line: this.#line,
      });
      this.#follow(state, rest, mark);
      return true;
    }
    return false;
  }

  /** What was torn is written again whole: a line that begins with it accounts for it, and nothing was added by anyone. */
  #accountFor(line: Buffer): void {
    this.#forget(({ bytes }) => bytes.byteLength < line.byteLength && line.indexOf(bytes) === 0);
  }

  #forget(isIt: (fragment: { readonly bytes: Buffer }) => boolean): void {
    const left = this.#fragments.filter((fragment) => !isIt(fragment));
    this.#torn += this.#fragments.length - left.length;
    this.#fragments = left;
  }

  #askHeads(heads: HeadBook): void {
    for (const line of heads.refused)
      this.#report({
        kind: 'bad-signature',
        file: 'heads',
        line,
        message: 'a line of the witness is no head, or not signed by a trusted key',
      });
    const told = new Set<string>();
    for (const { chain, seq, time } of heads.unmet()) {
      const state = this.#chains.get(chain);
      const isOlder =
        this.#options.complete === true
          ? false
          : state === undefined
            ? time < (this.#firstTime ?? '')
            : seq < state.from;
      if (isOlder || told.has(chain)) continue;
      told.add(chain);
      const has = state === undefined ? 'nothing of that chain' : `record ${state.seq} as its last`;
      const message = `a head of ${time} that was kept reaches record ${seq}, and the log has ${has}`;
      this.#tell('cut', message, { chain, seq });
    }
  }

  /** With no heads kept elsewhere, all behind the last one could be formed anew, however much that is. */
  #askForHead(chain: string, { seq, lastHead, headRecords }: ChainState): void {
    if (headRecords === undefined || seq - lastHead <= headRecords) return;
    const message = `no head is over records ${lastHead + 1} to ${seq}, and one is signed every ${headRecords}`;
    this.#tell('unsigned', message, { chain, seq });
  }

  #foreign(file: string, line: number, message = 'the line is no record of a chain'): void {
    this.#report({ kind: 'foreign', file, line, message });
  }

  #tell(kind: FaultKind, message: string, { chain, seq }: { chain: string; seq: number }): void {
    this.#report({ kind, file: this.#file, line: this.#line, chain, seq, message });
  }

  #report(fault: Fault): void {
    this.#faultCount += 1;
    if (this.#faults.length < MOST_FAULTS) this.#faults.push(fault);
  }
}

function reportOf(chain: string, state: ChainState): ChainReport {
  const { from, seq, signedTo, publicKey, isClosed } = state;
  const key = publicKey === undefined ? undefined : keyName(publicKey);
  return { chain, from, to: seq, signedTo, key, isClosed };
}

function isTorn(bytes: Buffer, torn: { readonly bytes: number; readonly hash: string }): boolean {
  return bytes.byteLength === torn.bytes && hash('sha256', bytes, 'base64url') === torn.hash;
}
