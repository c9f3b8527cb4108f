/** SVG and MathML within a page, where other rules hold (HTML standard, 13.2.6.5): a tag may end itself, and a title holds markup. */

/** What of a tag decides where foreign content begins and ends. */
export interface ForeignTag {
  /** In lower case, with the slash of an end tag. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Whether it ends itself by `/>`. HTML does not heed that; SVG and MathML do. */
  readonly closed: boolean;
}

const ROOTS = new Set(['svg', 'math']);

/** Elements within which a page is HTML again, until their end. */
const HTML_WITHIN: Readonly<Record<string, ReadonlySet<string>>> = {
  svg: new Set(['foreignobject', 'desc', 'title']),
  math: new Set(['mi', 'mo', 'mn', 'ms', 'mtext']),
};
const HTML_ENCODING = /^(?:text\/html|application\/xhtml\+xml)$/i;

/** Tags that are HTML wherever they stand, and end the foreign content that they stand in. */
const BREAK_OUT = new Set(
  (
    'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ' +
    'ruby s small span strong strike sub sup table tt u ul var /p /br'
  ).split(' '),
);
const FONT = ['color', 'face', 'size'];

/** Browsers nest no deeper than this, and so an end tag looks at no more. */
const DEEPEST = 512;

/** What is open of both kinds, as the tags of a page go by. */
export class Foreign {
  readonly #open: string[] = [];

  /** Whether the text and the tag that come next are of SVG or MathML. */
  get inside(): boolean {
    return ROOTS.has(this.#open.at(-1) ?? '');
  }

  note({ name, attributes, closed }: ForeignTag): void {
    if (this.inside && breaksOut(name, attributes)) {
      while (this.inside) this.#open.pop();
      return;
    }
    if (name.startsWith('/')) {
      const at = this.#open.lastIndexOf(name.slice(1));
      if (at !== -1) this.#open.length = at;
    } else if (!closed && this.#open.length < DEEPEST && this.#changes(name, attributes)) {
      this.#open.push(name);
    }
  }

  #changes(name: string, attributes: ReadonlyMap<string, string>): boolean {
    if (ROOTS.has(name)) return true;
    const within = this.#open.at(-1) ?? '';
    if (within === 'math' && name === 'annotation-xml')
      return HTML_ENCODING.test(attributes.get('encoding') ?? '');
    return HTML_WITHIN[within]?.has(name) === true;
  }
}

function breaksOut(name: string, attributes: ReadonlyMap<string, string>): boolean {
  return BREAK_OUT.has(name) || (name === 'font' && FONT.some((one) => attributes.has(one)));
}
