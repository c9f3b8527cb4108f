/** Where in a PDF the streams are that other objects are packed in (ISO 32000-2, 7.5.7). */
import { type HeadState, StreamHeadReader } from './stream-head.ts';

/** More than an object stream of any tool has. */
const MOST_PACKED = 8 * 1024 ** 2;
/** Objects do not stand in each other: more that begin before one ends were made to be work. */
const MOST_AT_ONCE = 4;
const OBJECT = Buffer.from('obj');
const STREAM_END = Buffer.from('endstream');
const END = Buffer.from('end');

/**
 * Finds them as the bytes of a file come. A reader goes where a table points, and finds `obj` there: so the head behind each
 * one is read, also of those in strings, comments and streams.
 */
export class ObjectStreams {
  /** Those that came by, up to where they end: to be taken out. */
  readonly packed: Buffer[] = [];
  /** There are some which are packed in a way that is not read here. */
  isUnseen = false;
  readonly #heads = new Set<StreamHeadReader>();
  /** Where those begin that have not ended. */
  #begun: number[] = [];
  /** The bytes since the first of these; the last of them are another's after the call. */
  #kept: Buffer[] = [];
  #keptFrom = 0;
  /** How much of the file came before what is new. */
  #at = 0;

  /**
   * What came next of the file.
   *
   * @param from - where it begins in `bytes`: what stands before it was looked at, and what a word began in is among it
   */
  take(bytes: Buffer, from: number): void {
    const fresh = bytes.subarray(from);
    if (this.#begun.length > 0) this.#kept.push(fresh);
    let done = 0;
    for (const { start, end, isObject } of marksIn(bytes, from)) {
      this.#read(fresh, done, end - from);
      done = end - from;
      if (isObject) this.#open();
      else this.#finish(this.#at + start - from);
    }
    this.#read(fresh, done, fresh.length);
    this.#at += fresh.length;
    this.#begun = this.#begun.filter((begin) => this.#at - begin <= MOST_PACKED || this.#miss());
    if (this.#begun.length === 0) this.#kept = [];
    else this.#keep();
  }

  /** Of one that is no longer waited for, no bytes are held either. */
  #keep(): void {
    const first = Math.min(...this.#begun);
    for (let [oldest] = this.#kept; oldest !== undefined; [oldest] = this.#kept) {
      if (this.#kept.length === 1 || this.#keptFrom + oldest.length > first) break;
      this.#keptFrom += oldest.length;
      this.#kept.shift();
    }
    this.#kept.push(Buffer.from(this.#kept.pop() ?? NOTHING));
  }

  /** The file ends here. */
  end(): void {
    for (const head of this.#heads) this.#note(head.end(), 0, NOTHING);
    if (this.#begun.length > 0) this.isUnseen = true;
  }

  #open(): void {
    if (this.#heads.size < MOST_AT_ONCE) this.#heads.add(new StreamHeadReader());
    else this.isUnseen = true;
  }

  #read(bytes: Buffer, from: number, to: number): void {
    for (const head of this.#heads) {
      for (let at = from; at < to; at += 1) {
        const letter = String.fromCharCode(bytes[at] ?? 0);
        const state = head.take(letter);
        if (state === 'open') continue;
        this.#heads.delete(head);
        this.#note(state, letter === '\n' ? at + 1 : at, bytes);
        break;
      }
    }
  }

  /** @param begin - where in `bytes` its own do */
  #note(state: HeadState, begin: number, bytes: Buffer): void {
    if (typeof state === 'string' || !state.hasObjects || state.packed === 'plain') return;
    if (state.packed === 'unseen' || this.#begun.length === MOST_AT_ONCE) this.isUnseen = true;
    else {
      if (this.#begun.length === 0) {
        this.#kept = [bytes];
        this.#keptFrom = this.#at;
      }
      this.#begun.push(this.#at + begin);
    }
  }

  #finish(end: number): void {
    if (this.#begun.length === 0) return;
    const [first = NOTHING, ...more] = this.#kept;
    const kept = more.length === 0 ? first : Buffer.concat(this.#kept);
    for (const from of this.#begun)
      if (from <= end)
        this.packed.push(Buffer.from(kept.subarray(from - this.#keptFrom, end - this.#keptFrom)));
    this.#begun = [];
    this.#kept = [];
  }

  #miss(): false {
    this.isUnseen = true;
    return false;
  }
}

const NOTHING = Buffer.alloc(0);

/** Where any object begins, or any stream may end. */
interface Mark {
  readonly start: number;
  readonly end: number;
  readonly isObject: boolean;
}

/** Those whose last letter is a new one: the others were seen when theirs came. */
function* marksIn(bytes: Buffer, from: number): Generator<Mark, void, void> {
  let object = -1;
  let ending = -1;
  for (let at = 0; ;) {
    if (object < at) object = placeOf(bytes.indexOf(OBJECT, Math.max(at, from - OBJECT.length + 1)));
    if (ending < at) ending = placeOf(bytes.indexOf(STREAM_END, Math.max(at, from - STREAM_END.length + 1)));
    const start = Math.min(object, ending);
    if (start === Number.POSITIVE_INFINITY) return;
    const isObject = start === object;
    at = start + (isObject ? OBJECT : STREAM_END).length;
    if (!isObject || !isEnd(bytes, start)) yield { start, end: at, isObject };
  }
}

/** The end of an object has its word in it too. */
function isEnd(bytes: Buffer, object: number): boolean {
  return object >= END.length && bytes.subarray(object - END.length, object).equals(END);
}

function placeOf(found: number): number {
  return found === -1 ? Number.POSITIVE_INFINITY : found;
}
