/** Where in a PDF the streams are that other objects are packed in (ISO 32000-2, 7.5.7). */
import { type HeadState, StreamHeadReader } from './stream-head.ts';

/** More than an object stream of any tool has. */
const MOST_PACKED = 8 * 1024 ** 2;
/** Objects do not stand in each other: more that begin before one ends were made to be work. */
const MOST_AT_ONCE = 4;
/** Where any object begins, and where any stream may end. */
const MARK = /(?<!end)obj|endstream/g;
const LONGEST_MARK = 'endstream'.length;

/**
 * Finds them as the text of a file comes. A reader goes where a table points, and finds `obj` there: so the head behind each
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
  /** The text since the first of these. */
  #kept: string[] = [];
  #keptFrom = 0;
  /** How much of the file came before what is looked at. */
  #at = 0;
  /** Its last letters, which a mark may begin in. */
  #tail = '';

  /** What came next of the file, a byte a letter. */
  take(text: string): void {
    const looked = this.#tail + text;
    const ahead = this.#tail.length;
    if (this.#begun.length > 0) this.#kept.push(text);
    let done = 0;
    for (const { 0: mark, index } of looked.matchAll(MARK)) {
      const end = index + mark.length - ahead;
      // It was seen when its last letter came.
      if (end <= 0) continue;
      this.#read(text, done, end);
      done = end;
      if (mark === 'obj') this.#open();
      else this.#finish(this.#at + index - ahead);
    }
    this.#read(text, done, text.length);
    this.#at += text.length;
    this.#tail = looked.slice(-LONGEST_MARK + 1);
    this.#begun = this.#begun.filter((from) => this.#at - from <= MOST_PACKED || this.#miss());
    if (this.#begun.length === 0) this.#kept = [];
  }

  /** The file ends here. */
  end(): void {
    for (const head of this.#heads) this.#note(head.end(), 0, '');
    if (this.#begun.length > 0) this.isUnseen = true;
  }

  #open(): void {
    if (this.#heads.size < MOST_AT_ONCE) this.#heads.add(new StreamHeadReader());
    else this.isUnseen = true;
  }

  #read(text: string, from: number, to: number): void {
    for (const head of this.#heads) {
      for (let at = from; at < to; at += 1) {
        const letter = text[at] ?? '';
        const state = head.take(letter);
        if (state === 'open') continue;
        this.#heads.delete(head);
        this.#note(state, letter === '\n' ? at + 1 : at, text);
        break;
      }
    }
  }

  /** @param begin - where in `text` its bytes do */
  #note(state: HeadState, begin: number, text: string): void {
    if (typeof state === 'string' || !state.hasObjects || state.packed === 'plain') return;
    if (state.packed === 'unseen' || this.#begun.length === MOST_AT_ONCE) this.isUnseen = true;
    else {
      if (this.#begun.length === 0) {
        this.#kept = [text];
        this.#keptFrom = this.#at;
      }
      this.#begun.push(this.#at + begin);
    }
  }

  #finish(end: number): void {
    if (this.#begun.length === 0) return;
    const text = this.#kept.join('');
    for (const from of this.#begun)
      if (from <= end)
        this.packed.push(Buffer.from(text.slice(from - this.#keptFrom, end - this.#keptFrom), 'latin1'));
    this.#begun = [];
    this.#kept = [];
  }

  #miss(): false {
    this.isUnseen = true;
    return false;
  }
}
