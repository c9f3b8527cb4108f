/**
 * A policy as it is written in a file, read and not run: what stands in `definePolicy({ ... })`, as far as it is plain values.
 * The page may hold a text that came by a link or from somebody else, and its policy forbids `eval` anyway.
 */

/** A call such as `env()`: this page cannot make one. */
export class WrittenCall {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A policy, and where its options stand. */
export interface WrittenPolicy {
  readonly options: unknown;
  /** By the path of the option, such as `session.idle`: the index of its name in the text. */
  readonly places: ReadonlyMap<string, number>;
}

/** Where a text is no policy. */
export class PolicyTextError extends Error {
  readonly at: number;
  readonly line: number;
  readonly column: number;

  constructor(reason: string, text: string, at: number) {
    super(reason);
    this.at = at;
    const before = text.slice(0, at).split('\n');
    this.line = before.length;
    this.column = (before.at(-1)?.length ?? 0) + 1;
  }
}

const MOST_CHARACTERS = 100_000;
const MOST_LEVELS = 40;

const TRIVIA = /(?:\s+|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
const IMPORT = /import\s[^;'"]*['"][^'"]*['"];?/y;
const BEFORE =
  /(?:export\s+default\s+|(?:const|let)\s+\w+(?:\s*:\s*\w+)?\s*=\s*)?(?:(?:await\s+)?(?:definePolicy|bulwark|loadPolicy)\s*\()?/y;
/** `(one) => ...`, `one => ...`, `async ...`, `function ...`; at an option, `(one) { ...` of a method. */
const FUNCTION = /\(|(?:async|function)\b|[A-Za-z_$][\w$]*\s*=>/y;
const NAME = /[A-Za-z_$][\w$]*/y;
const NUMBER = /-?(?:\d[\d_]*)(?:\.\d+)?(?:e[+-]?\d+)?/iy;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  '0': '\0',
  '\n': '',
};
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', undefined],
]);

/**
 * Reads the object of a policy. Lines before it, such as imports, and what follows it are left out.
 *
 * @throws PolicyTextError
 */
export function readPolicyText(text: string): WrittenPolicy {
  if (text.length > MOST_CHARACTERS)
    throw new PolicyTextError(`it is longer than ${MOST_CHARACTERS} characters`, text, 0);
  const reader = new Reader(text);
  return { options: reader.policy(), places: reader.places };
}

class Reader {
  readonly places: Map<string, number> = new Map();
  readonly #text: string;
  readonly #path: string[] = [];
  #at = 0;
  #level = 0;

  constructor(text: string) {
    this.#text = text;
  }

  policy(): unknown {
    do this.#take(TRIVIA);
    while (this.#take(IMPORT) !== '');
    const before = this.#take(BEFORE);
    this.#take(TRIVIA);
    if (this.#peek() !== '{') this.#fail('a policy begins with {');
    const value = this.#value();
    this.#take(TRIVIA);
    // A file goes on with the application; a text that is the object alone ends with it.
    const ended = before.endsWith('(') ? this.#peek() === ')' : this.#peek() === '' || this.#peek() === ';';
    if (!ended) this.#fail('the policy is over here, and more follows');
    return value;
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #fail(reason: string, at = this.#at): never {
    throw new PolicyTextError(reason, this.#text, at);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #value(): unknown {
    this.#take(TRIVIA);
    const here = this.#peek();
    if (here === '{' || here === '[') {
      if (this.#level === MOST_LEVELS) this.#fail(`more than ${MOST_LEVELS} levels`);
      this.#level += 1;
      const value = here === '{' ? this.#object() : this.#array();
      this.#level -= 1;
      return value;
    }
    if (here === "'" || here === '"' || here === '`') return this.#string(here);
    this.#refuseFunction();
    const start = this.#at;
    const number = this.#take(NUMBER);
    if (number !== '') return Number(number.replaceAll('_', ''));
    const name = this.#take(NAME);
    if (name === '')
      this.#fail(here === '' ? 'the text ends before the policy does' : 'a value is expected here');
    if (WORDS.has(name)) return WORDS.get(name);
    if (this.#peek() === '(') return this.#call(name);
    return this.#fail(`only values are read here, and ${name} is a name`, start);
  }

  #refuseFunction(): void {
    const start = this.#at;
    if (this.#take(FUNCTION) === '') return;
    const option = pathOf(this.#path);
    this.#fail(`a function is not run here: leave ${option === '' ? 'it' : option} out`, start);
  }

  #object(): object {
    const entries: [string, unknown][] = [];
    this.#at += 1;
    for (;;) {
      this.#take(TRIVIA);
      if (this.#peek() === '}') break;
      const start = this.#at;
      const quote = this.#peek();
      const name = quote === "'" || quote === '"' ? this.#string(quote) : this.#take(NAME);
      if (name === '' && start === this.#at)
        this.#fail(this.#peek() === '' ? 'a } is missing' : 'the name of an option is expected here');
      if (entries.some(([other]) => other === name)) this.#fail(`${name} stands here twice`, start);
      this.#take(TRIVIA);
      this.#path.push(name);
      if (this.#peek() === '(') this.#refuseFunction();
      if (this.#peek() !== ':') this.#fail(`a : is expected behind ${name}`);
      this.#at += 1;
      this.places.set(pathOf(this.#path), start);
      entries.push([name, this.#value()]);
      this.#path.pop();
      if (this.#isLast('}')) break;
    }
    this.#at += 1;
    return Object.fromEntries(entries);
  }

  #array(): unknown[] {
    const values: unknown[] = [];
    this.#at += 1;
    for (;;) {
      this.#take(TRIVIA);
      if (this.#peek() === ']') break;
      values.push(this.#value());
      if (this.#isLast(']')) break;
    }
    this.#at += 1;
    return values;
  }

  #isLast(end: string): boolean {
    this.#take(TRIVIA);
    if (this.#peek() === end) return true;
    if (this.#peek() !== ',') this.#fail(`a , or ${end} is expected here`);
    this.#at += 1;
    return false;
  }

  #string(quote: string): string {
    const start = this.#at;
    let value = '';
    this.#at += 1;
    for (;;) {
      const here = this.#peek();
      if (here === '' || (here === '\n' && quote !== '`')) this.#fail('this text has no end', start);
      if (quote === '`' && this.#text.startsWith('${', this.#at))
        this.#fail('only plain texts are read here');
      this.#at += 1;
      if (here === quote) return value;
      if (here !== '\\') value += here;
      else value += this.#escape();
    }
  }

  #escape(): string {
    const hex = this.#take(/u[\da-f]{4}|x[\da-f]{2}/iy);
    if (hex !== '') return String.fromCharCode(Number.parseInt(hex.slice(1), 16));
    const letter = this.#peek();
    this.#at += 1;
    return ESCAPES[letter] ?? letter;
  }

  /** Passed over, with what it was given. */
  #call(name: string): WrittenCall {
    this.#at += 1;
    this.#take(TRIVIA);
    while (this.#peek() !== ')') {
      this.#value();
      if (this.#isLast(')')) break;
    }
    this.#at += 1;
    return new WrittenCall(name);
  }
}

/** As messages name options: `session.idle`, `routes['POST /login'].limit`. */
function pathOf(names: readonly string[]): string {
  const path = names.map((name) => (/^[\w$]+$/.test(name) ? `.${name}` : `['${name}']`)).join('');
  return path.replace(/^\./, '');
}
