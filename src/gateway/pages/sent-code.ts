/** Scripts that visitors send: in addresses, headers and forms. What one of them sent is not the application's own. */
import type { HtmlTokens } from './html-tokens.ts';
import { PageReader } from './page-code.ts';

/** How much of what follows the opening of a script is looked at. */
const MOST_OF_ONE = 2_048;
/** Scripts of one request that are looked at. */
const MOST_OF_REQUEST = 8;
/** By so many of its characters a script is known again; with fewer it is known whole. */
const OPENING = 48;

/** `<script` and `<style` as they stand in markup and multipart forms, in addresses and forms, and in JSON. */
const MARK = /(?:<|%3c|\\u003c)(?:script|style)/gi;
/** Characters of the longest of these, but one: what a piece may end within. */
const MOST_CUT = 12;

/** Looks through one request, piece by piece: linear in it, and with a bound on what is kept. */
export class SentReader {
  readonly #tokens: HtmlTokens;
  /** The end of what came, for a mark that is cut; or what follows one, until there is enough. */
  #tail = '';
  #texts: string[] = [];

  constructor(tokens: HtmlTokens) {
    this.#tokens = tokens;
  }

  push(bytes: Uint8Array): void {
    if (this.#texts.length >= MOST_OF_REQUEST) return;
    this.#look(this.#tail + Buffer.from(bytes).toString('latin1'), false);
  }

  /** How the scripts and styles begin that were sent. */
  async openings(): Promise<readonly string[]> {
    this.#look(this.#tail, true);
    const openings = new Set<string>();
    for (const text of this.#texts)
      for (const reading of readingsOf(Buffer.from(text, 'latin1').toString('utf8')))
        for (const opening of await this.#openingsIn(reading)) openings.add(opening);
    return [...openings];
  }

  #look(text: string, isEnd: boolean): void {
    let from = 0;
    MARK.lastIndex = 0;
    for (let mark = MARK.exec(text); mark !== null; mark = MARK.exec(text)) {
      const { index } = mark;
      if (index + MOST_OF_ONE > text.length && !isEnd) {
        this.#tail = text.slice(index);
        return;
      }
      if (this.#texts.length >= MOST_OF_REQUEST) break;
      this.#texts.push(text.slice(index, index + MOST_OF_ONE));
      // Behind the mark alone: what is looked at may hold another, whose end is further on.
      from = index + mark[0].length;
    }
    this.#tail = text.slice(Math.max(from, text.length - MOST_CUT));
  }

  async #openingsIn(markup: string): Promise<readonly string[]> {
    const found: string[] = [];
    const reader = new PageReader(this.#tokens, ({ kind, text, isWhole }) => {
      if (kind !== 'script' && kind !== 'style') return;
      const opening = openingOf(text);
      // Cut short it would fit what the application writes too.
      if (isWhole || opening.length === OPENING) found.push(opening);
    });
    reader.push(Buffer.from(markup));
    await reader.end();
    return found;
  }
}

/** What a script is known again by. */
export function openingOf(text: string): string {
  return text.trim().slice(0, OPENING);
}

/** A text as it is, and as an application may read it: out of an address or a form, and out of JSON. */
function readingsOf(text: string): ReadonlySet<string> {
  return new Set([text, fromForm(text), fromJson(text)]);
}

/** Escapes of an address read, and a plus for a space: as far as they are right, since the text may be cut. */
export function fromForm(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replaceAll(/(?:%[\da-f]{2})+/gi, (escapes) =>
      Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
    );
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function fromJson(text: string): string {
  return text.replaceAll(/\\(?:u([\da-f]{4})|(.))/gi, (_, hex: string | undefined, letter: string) =>
    hex === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
