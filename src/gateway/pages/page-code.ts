/** What a page runs, and how it is styled within itself: read as a browser reads it, piece by piece. */
import { createHash } from 'node:crypto';
import { TextDecoder } from 'node:util';
import type { HtmlTokens } from './html-tokens.ts';

/** One piece of a page that a content security policy has a say in. */
export interface PageCode {
  /**
   * `script` and `style`: the text of such an element. `file`: the address of a script. `attribute`: code or style in an
   * attribute of any element, which no hash lets run.
   */
  readonly kind: 'script' | 'style' | 'file' | 'attribute';
  /** Of an attribute: its name. */
  readonly name?: string;
  readonly text: string;
  /** False: the page ended within it, so that no browser runs it. */
  readonly isWhole: boolean;
}

/** A page of more is read no further. */
const MOST_CHARACTERS = 512 * 1024;

/** Drawings and formulas within one another: the tokenizer walks through all that are open at each of them. */
const MOST_NESTED = 64;

/** Scripts by these types run (HTML standard, 4.12.1); all other types are data, which no policy stops. */
const RUNS =
  /^(?:|module|importmap|speculationrules|(?:application|text)\/(?:x-)?(?:java|ecma)script|text\/(?:jscript|livescript|javascript1\.[0-5]))$/i;

/** Reads one page. What it cannot read it leaves: it never throws, since the page goes to its visitor meanwhile. */
export class PageReader {
  readonly #tokens: InstanceType<HtmlTokens>;
  readonly #decoder: TextDecoder;
  readonly #onCode: (code: PageCode) => void;
  #left = MOST_CHARACTERS;
  /** The element whose text is being read. */
  #open: { readonly kind: 'script' | 'style'; text: string } | undefined;
  /** Elements of SVG and MathML that are open. */
  #nested = 0;
  #isOver = false;

  /**
   * @param charset - as the answer's Content-Type has it; UTF-8 where it has none
   * @throws RangeError where there is no such charset
   */
  constructor(tokens: HtmlTokens, onCode: (code: PageCode) => void, charset = 'utf-8') {
    this.#decoder = new TextDecoder(charset);
    this.#tokens = new tokens();
    this.#onCode = onCode;
    this.#tokens.on('startTag', ({ tagName, attrs }) => this.#start(tagName, attrs));
    this.#tokens.on('text', ({ text }) => {
      if (this.#open !== undefined) this.#open.text += text;
    });
    this.#tokens.on('endTag', ({ tagName }) => this.#close(tagName));
    this.#tokens.on('error', () => this.#stop());
  }

  push(bytes: Uint8Array): void {
    if (!this.#isOver) this.#write(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The page is whole. What is found in its last piece is told by then. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#write(this.#decoder.decode());
    if (this.#isOver) return;
    const ended = Promise.withResolvers<void>();
    this.#tokens.on('finish', ended.resolve);
    this.#tokens.on('error', ended.resolve);
    this.#tokens.end();
    await ended.promise;
    if (this.#open !== undefined) this.#tell({ ...this.#open, isWhole: false });
    this.#isOver = true;
  }

  #write(text: string): void {
    this.#left -= text.length;
    if (this.#left < 0) {
      this.#stop();
      return;
    }
    try {
      this.#tokens.write(text);
    } catch (error) {
      // A fault of the tokenizer on this page: what was found before stays found.
      void error;
      this.#stop();
    }
  }

  #stop(): void {
    this.#isOver = true;
    this.#open = undefined;
    this.#tokens.stop();
  }

  #start(tagName: string, attrs: readonly Attribute[]): void {
    if (isForeign(tagName)) {
      this.#nested += 1;
      if (this.#nested > MOST_NESTED) this.#stop();
    }
    const attributes = new Map(attrs.map(({ name, value }) => [name, value]));
    for (const [name, text] of attributes)
      if (name === 'style' || /^on[a-z]+$/.test(name))
        this.#tell({ kind: 'attribute', name, text, isWhole: true });
    // What has a nonce asks for no hash.
    if (attributes.has('nonce')) return;
    if (tagName === 'style') this.#open = { kind: 'style', text: '' };
    if (tagName !== 'script' || !RUNS.test((attributes.get('type') ?? '').trim())) return;
    const file = attributes.get('src');
    if (file === undefined) this.#open = { kind: 'script', text: '' };
    else this.#tell({ kind: 'file', text: file.trim(), isWhole: true });
  }

  #close(tagName: string): void {
    if (isForeign(tagName)) this.#nested -= 1;
    const open = this.#open;
    if (open === undefined || open.kind !== tagName) return;
    this.#open = undefined;
    this.#tell({ ...open, isWhole: true });
  }

  #tell(code: PageCode): void {
    if (code.kind === 'attribute' || code.text.trim() !== '') this.#onCode(code);
  }
}

function isForeign(tagName: string): boolean {
  return tagName === 'svg' || tagName === 'math';
}

interface Attribute {
  readonly name: string;
  readonly value: string;
}

/** How a policy names a text: its hash (CSP Level 3, 2.3.1). */
export function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}

/** The charset that a Content-Type names. */
export function charsetOf(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([\w:.-]+)/i.exec(contentType)?.[1];
}
