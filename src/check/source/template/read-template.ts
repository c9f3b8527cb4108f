/** Templates of Jinja and Django as rules see them: what is put in where, scripts and handlers. */

/** Something that a template puts into a page. */
export interface Output {
  readonly at: number;
  /** Between the braces. */
  readonly text: string;
  /** What of the page it stands in. */
  readonly within: 'text' | 'quoted' | 'unquoted' | 'tag' | 'script' | 'style' | 'comment';
  /** The attribute that it is the value of, or of which it is a part. */
  readonly attribute: string | undefined;
}

/** A script that stands in the page. */
export interface InlineScript {
  readonly at: number;
  readonly text: string;
  readonly hasNonce: boolean;
  /** Its text is made by the template, so that it has no one hash. */
  readonly isMade: boolean;
}

/** A handler in an attribute. */
export interface Handler {
  readonly at: number;
  readonly name: string;
  readonly text: string;
  readonly isMade: boolean;
}

/** A whole template. */
export interface Template {
  readonly outputs: readonly Output[];
  readonly scripts: readonly InlineScript[];
  readonly handlers: readonly Handler[];
  /** Where escaping is turned off for a block. */
  readonly unescaped: readonly number[];
}

/** In place of what the template says, so that places stay what they are. */
const HOLE = '\ue000';
const OFF = /^[-+]?\s*autoescape\s+(?:false|off)\b/;
const ENDS: Readonly<Record<string, string>> = { '{{': '}}', '{%': '%}', '{#': '#}' };

/** Reads a template. Work grows with its length alone. */
export function readTemplate(text: string): Template {
  const marks = marksOf(text);
  const unescaped = marks.filter(({ opens, said }) => opens === '{%' && OFF.test(said)).map(({ at }) => at);
  const page = withoutMarks(text, marks);
  const scanner = new Scanner(page, text);
  scanner.scan();
  const outputs: Output[] = [];
  for (const { at, opens, said } of marks) {
    if (opens === '{{') outputs.push({ at, text: said, ...scanner.placeOf(at) });
  }
  return {
    outputs,
    scripts: scanner.scripts,
    handlers: scanner.handlers,
    unescaped,
  };
}

interface Mark {
  readonly at: number;
  readonly to: number;
  readonly opens: string;
  /** Between the braces. */
  readonly said: string;
}

function marksOf(text: string): readonly Mark[] {
  const marks: Mark[] = [];
  // Where one kind has no end any more, all that is left would be looked through again for each beginning.
  const endless = new Set<string>();
  const opening = /\{[{%#]/g;
  for (let open = opening.exec(text); open !== null; open = opening.exec(text)) {
    const [opens] = open;
    const ends = ENDS[opens] ?? '}}';
    if (endless.has(opens)) continue;
    const end = text.indexOf(ends, opening.lastIndex);
    if (end === -1) {
      endless.add(opens);
      continue;
    }
    marks.push({ at: open.index, to: end + 2, opens, said: text.slice(open.index + 2, end).trim() });
    opening.lastIndex = end + 2;
  }
  return marks;
}

function withoutMarks(text: string, marks: readonly Mark[]): string {
  let page = '';
  let done = 0;
  for (const { at, to, opens } of marks) {
    page += text.slice(done, at) + (opens === '{{' ? HOLE : ' ').repeat(to - at);
    done = to;
  }
  return page + text.slice(done);
}

const TAG = /<(?<close>\/?)(?<name>[a-zA-Z][\w:-]*)|<!--/g;
const ATTRIBUTE =
  /[\s/]*(?:(?<end>>)|(?<name>[^\s=>/]+)(?:\s*=\s*(?:"(?<double>[^"]*)"?|'(?<single>[^']*)'?|(?<bare>[^\s>]*)))?)/gy;

interface Region {
  readonly from: number;
  readonly to: number;
  readonly within: Output['within'];
  readonly attribute: string | undefined;
}

/** Goes through a page once: tags and their attributes, scripts, comments. */
class Scanner {
  readonly scripts: InlineScript[] = [];
  readonly handlers: Handler[] = [];
  readonly #page: string;
  readonly #lower: string;
  readonly #text: string;
  readonly #regions: Region[] = [];

  constructor(page: string, text: string) {
    this.#page = page;
    // By letters of ASCII alone: others may change their length, and with it every place.
    this.#lower = page.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
    this.#text = text;
  }

  scan(): void {
    TAG.lastIndex = 0;
    for (let tag = TAG.exec(this.#page); tag !== null; tag = TAG.exec(this.#page)) {
      if (tag[0] === '<!--') {
        const end = this.#page.indexOf('-->', TAG.lastIndex);
        const to = end === -1 ? this.#page.length : end;
        this.#regions.push({ from: tag.index, to, within: 'comment', attribute: undefined });
        TAG.lastIndex = to;
        continue;
      }
      const name = (tag.groups?.['name'] ?? '').toLowerCase();
      TAG.lastIndex = this.#readTag(name, tag.index, TAG.lastIndex, tag.groups?.['close'] === '/');
    }
  }

  /** Where something stands. Regions come in order, so that the one around a place is found by halves. */
  placeOf(at: number): Pick<Output, 'within' | 'attribute'> {
    let [low, high] = [0, this.#regions.length - 1];
    let best: Region | undefined;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const region = this.#regions[middle];
      if (region === undefined) break;
      if (region.from <= at) {
        best = region;
        low = middle + 1;
      } else high = middle - 1;
    }
    if (best === undefined || at >= best.to) return { within: 'text', attribute: undefined };
    return { within: best.within, attribute: best.attribute };
  }

  /** Returns where to go on. */
  #readTag(name: string, at: number, from: number, closes: boolean): number {
    const attributes = new Map<string, string>();
    let end = from;
    ATTRIBUTE.lastIndex = from;
    for (let one = ATTRIBUTE.exec(this.#page); one !== null; one = ATTRIBUTE.exec(this.#page)) {
      end = ATTRIBUTE.lastIndex;
      if (one.groups?.['end'] !== undefined || one[0] === '') break;
      this.#noteAttribute(one, attributes);
    }
    if (closes) return end;
    if (name === 'script' || name === 'style') return this.#readRaw(name, at, end, attributes);
    return end;
  }

  #noteAttribute(one: RegExpExecArray, attributes: Map<string, string>): void {
    const { name = '', double, single, bare } = one.groups ?? {};
    const value = double ?? single ?? bare ?? '';
    const from =
      one.index + one[0].length - value.length - (double === undefined && single === undefined ? 0 : 1);
    const attribute = name.toLowerCase();
    attributes.set(attribute, value);
    if (name.includes(HOLE)) {
      const hole = one.index + one[0].indexOf(HOLE);
      this.#regions.push({ from: hole, to: hole + name.length, within: 'tag', attribute: undefined });
      return;
    }
    if (value === '') return;
    const quoted = double !== undefined || single !== undefined;
    this.#regions.push({ from, to: from + value.length, within: quoted ? 'quoted' : 'unquoted', attribute });
    if (/^on[a-z]{3,}$/.test(attribute)) {
      const text = this.#text.slice(from, from + value.length);
      this.handlers.push({ at: from, name: attribute, text, isMade: /\{[{%]/.test(text) });
    }
  }

  #readRaw(
    name: 'script' | 'style',
    at: number,
    from: number,
    attributes: ReadonlyMap<string, string>,
  ): number {
    const close = this.#lower.indexOf(`</${name}`, from);
    const to = close === -1 ? this.#page.length : close;
    this.#regions.push({ from, to, within: name, attribute: undefined });
    const text = this.#text.slice(from, to);
    const type = attributes.get('type') ?? '';
    const runs = type === '' || /javascript|module|ecmascript/i.test(type);
    if (name === 'script' && runs && !attributes.has('src') && text.trim() !== '') {
      this.scripts.push({ at, text, hasNonce: attributes.has('nonce'), isMade: /\{[{%]/.test(text) });
    }
    return to;
  }
}
