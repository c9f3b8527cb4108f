/**
 * How the stream of an object is packed, by the dictionary in front of it (ISO 32000-2, 7.3.8): read as readers do, so that what
 * stands in a string or a comment is neither a name nor the begin of a stream.
 */

/** What a stream is, as far as its objects matter. */
export interface StreamHead {
  /** Other objects are packed in it: some readers ask for its type, and some for what nothing else has. */
  readonly hasObjects: boolean;
  /** By zlib, not at all, or in a way that is not read here. */
  readonly packed: 'flate' | 'plain' | 'unseen';
}

/** What came of a head: it needs more text, is of no stream, or of one that begins behind the line feed, or at what is none. */
export type HeadState = 'open' | 'none' | StreamHead;

/** Reads one head, a letter at a time, from behind the `obj` on. It holds a name at most. */
export class StreamHeadReader {
  readonly #names = new Set<string>();
  /** What is open: `<` for a dictionary, `[` for a list. */
  #open = '';
  #in: 'space' | 'word' | 'name' | 'string' | 'hex' | 'comment' = 'space';
  #word = '';
  #strings = 0;
  #isEscaped = false;
  #last = '';
  /** Of which key the value comes next. */
  #awaited: 'filter' | 'filters' | 'parameters' | undefined;
  #filters = 0;
  /** Readers differ on where it ends. */
  #isOdd = false;
  #isClosed = false;
  /** Letters behind `stream`, up to the end of its line. */
  #line: number | undefined;

  /** @param letter - the next one */
  take(letter: string): HeadState {
    if (this.#line !== undefined) return this.#endLine(letter);
    switch (this.#in) {
      case 'string':
        return this.#string(letter);
      case 'comment':
        if (letter === '\n' || letter === '\r') this.#in = 'space';
        return 'open';
      case 'hex':
        if (letter === '>') {
          this.#in = 'space';
          return this.#value('string');
        }
        if (!IN_HEX.includes(letter)) this.#isOdd = true;
        return 'open';
      case 'name':
      case 'word':
        if (!DELIMITERS.includes(letter)) {
          if (this.#word.length < LONGEST) this.#word += letter;
          return 'open';
        }
        return this.#endWord(letter);
      case 'space':
        return this.#begin(letter);
    }
  }

  /** The file, or what can be looked at of it, ends here. */
  end(): HeadState {
    return this.#isClosed || this.#open !== '' ? this.#other('') : 'none';
  }

  #endWord(letter: string): HeadState {
    const isName = this.#in === 'name';
    const word = this.#word;
    this.#in = 'space';
    this.#word = '';
    if (!isName && word === 'stream' && this.#isClosed) {
      this.#line = 0;
      this.#last = '';
      return this.#endLine(letter);
    }
    const state = isName ? this.#name(decodedName(word)) : this.#keyword(word);
    return state === 'open' ? this.#begin(letter) : state;
  }

  #begin(letter: string): HeadState {
    const last = this.#last;
    this.#last = letter;
    if (last === '<' && letter !== '<') {
      this.#in = 'hex';
      this.#last = '';
      return this.take(letter);
    }
    if (last === '>' && letter !== '>') this.#isOdd = true;
    switch (letter) {
      case '%':
        this.#in = 'comment';
        return 'open';
      case '(':
        this.#in = 'string';
        this.#strings = 1;
        return 'open';
      case '/':
        this.#in = 'name';
        return 'open';
      case '<':
        if (last !== '<') return 'open';
        this.#last = '';
        return this.#opened('<');
      case '>':
        if (last !== '>') return 'open';
        this.#last = '';
        return this.#closed('<');
      case '[':
        return this.#opened('[');
      case ']':
        return this.#closed('[');
      case ')':
      case '{':
      case '}':
        this.#isOdd = true;
        return this.#value('string');
      default:
        if (DELIMITERS.includes(letter)) return 'open';
        this.#in = 'word';
        this.#word = letter;
        return 'open';
    }
  }

  #string(letter: string): HeadState {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (letter === '\\') this.#isEscaped = true;
    else if (letter === '(') this.#strings += 1;
    else if (letter === ')' && (this.#strings -= 1) === 0) {
      this.#in = 'space';
      return this.#value('string');
    }
    return 'open';
  }

  #opened(bracket: '<' | '['): HeadState {
    if (this.#open === '' && (bracket === '[' || this.#isClosed)) return this.#other(bracket);
    if (this.#awaited === 'filter' && bracket === '[') {
      this.#awaited = 'filters';
      this.#filters = 0;
    } else if (this.#awaited === 'parameters' && bracket === '<') this.#awaited = undefined;
    else this.#value('string');
    if (this.#open.length === DEEPEST) this.#isOdd = true;
    else this.#open += bracket;
    return 'open';
  }

  #closed(bracket: '<' | '['): HeadState {
    if (this.#open === '') return this.#other(bracket);
    if (!this.#open.endsWith(bracket)) this.#isOdd = true;
    this.#awaited = undefined;
    this.#open = this.#open.slice(0, -1);
    this.#isClosed = this.#open === '';
    return 'open';
  }

  #name(name: string): HeadState {
    if (this.#open === '') return this.#other(name);
    if (this.#awaited === 'filters') this.#filters += 1;
    else if (this.#awaited === 'parameters') this.#names.add(ELSEWHERE);
    if (this.#filters > 1) this.#names.add(SEVERAL);
    if (this.#awaited !== 'filters') this.#awaited = undefined;
    if (PACKING.has(name)) this.#names.add(name);
    if (name === 'Filter') this.#awaited = 'filter';
    else if (name === 'DecodeParms' || name === 'DP') this.#awaited = 'parameters';
    return 'open';
  }

  #keyword(word: string): HeadState {
    if (this.#open === '') return this.#other(word);
    // To some a dictionary that was not closed ends here, and others pass over it.
    if (word === 'stream' || word === 'endobj') this.#isOdd = true;
    return this.#value(word);
  }

  /** What is no name, where one may be awaited. */
  #value(what: string): HeadState {
    if (this.#open === '') return this.#other(what);
    const isNone = this.#awaited === 'parameters' && what === 'null';
    if (this.#awaited !== undefined && !isNone) this.#names.add(ELSEWHERE);
    if (this.#awaited !== 'filters') this.#awaited = undefined;
    return 'open';
  }

  /** Blanks are let pass behind `stream`, and then its bytes begin on a line of their own. */
  #endLine(letter: string): HeadState {
    if (letter === '\n' || this.#last === '\r') return this.#stream();
    this.#last = letter;
    this.#line = (this.#line ?? 0) + 1;
    if (letter === '\r') return 'open';
    return BLANKS.includes(letter) && this.#line < MOST_BLANKS ? 'open' : this.#other('stream');
  }

  /** Something else stands there: no stream, or one that begins in a way which only some readers let pass. */
  #other(what: string): HeadState {
    const hasObjects = this.#names.has('ObjStm') || (this.#names.has('First') && what.startsWith('s'));
    return hasObjects || (this.#isOdd && this.#names.has('First'))
      ? { hasObjects: true, packed: 'unseen' }
      : 'none';
  }

  #stream(): StreamHead {
    const names = this.#names;
    const hasType = names.delete('ObjStm');
    const hasObjects = names.delete('First') || hasType;
    const isFiltered = names.delete('Filter');
    const [filter, ...more] = names;
    // No tool that writes PDF packs its objects otherwise: what does has something to hide.
    const isSeen = !this.#isOdd && more.length === 0 && isFiltered === (filter !== undefined);
    if (!isSeen) return { hasObjects, packed: 'unseen' };
    if (filter === undefined) return { hasObjects, packed: 'plain' };
    return { hasObjects, packed: filter === 'FlateDecode' || filter === 'Fl' ? 'flate' : 'unseen' };
  }
}

/** A letter of a name may be written as its number (7.3.5). */
export function decodedName(name: string): string {
  if (!name.includes('#')) return name;
  return name.replaceAll(/#([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const BLANKS = '\0\t\f ';
const DELIMITERS = `${BLANKS}\n\r()<>[]{}/%`;
const IN_HEX = `${BLANKS}\n\r0123456789abcdefABCDEF`;
const MOST_BLANKS = 10;
/** No name that is known is longer, with each of its letters as a number. */
const LONGEST = 120;
/** More than any stream's dictionary is. */
const DEEPEST = 32;

/** Stands for a filter, or its parameters, that another object names. */
const ELSEWHERE = 'elsewhere';
/** Stands for more than one filter, which may be the same one. */
const SEVERAL = 'several';
/** What says how a stream is packed. */
const PACKING = new Set([
  'ObjStm',
  'First',
  'Filter',
  'FlateDecode',
  'Fl',
  'LZWDecode',
  'LZW',
  'ASCIIHexDecode',
  'AHx',
  'ASCII85Decode',
  'A85',
  'RunLengthDecode',
  'RL',
  'DCTDecode',
  'JBIG2Decode',
  'JPXDecode',
  'CCITTFaxDecode',
  'BrotliDecode',
  'Crypt',
  'Predictor',
]);
