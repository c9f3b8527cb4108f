/** The sign-in forms of a page. Only tags are looked at, in one walk; nothing of the page is changed. */

/** A form with one password to type in, as a browser would send it. */
export interface PageForm {
  /** Upper case. */
  readonly method: string;
  /** As the page has it; empty where it is sent to the page's own address. */
  readonly action: string;
  /** The field before the password, or the one that says it is a user name. Undefined: it was asked for on an earlier page. */
  readonly account: string | undefined;
  readonly password: string;
}

const TAG = /<(?:!--|(\/?)([a-z][a-z0-9-]*))/gi;
/** What is within these is text. */
const RAW: ReadonlySet<string> = new Set(['script', 'style', 'textarea', 'title', 'template', 'noscript']);
const TYPED: ReadonlySet<string> = new Set(['text', 'email', 'tel', '']);
const MOST_FORMS = 16;
const MOST_INPUTS = 64;

interface OpenForm {
  readonly method: string;
  readonly action: string;
  readonly inputs: ReadonlyMap<string, string>[];
}

/** The forms of a page that sign somebody in: those with exactly one password, which is not being chosen. */
export function signInForms(html: string): readonly PageForm[] {
  const forms: OpenForm[] = [];
  let open: OpenForm | undefined;
  for (let at = 0; ;) {
    TAG.lastIndex = at;
    const match = TAG.exec(html);
    if (match === null) break;
    if (match[0] === '<!--') {
      const end = html.indexOf('-->', TAG.lastIndex);
      at = end === -1 ? html.length : end + 3;
      continue;
    }
    const name = (match[2] ?? '').toLowerCase();
    const [attributes, next] = readAttributes(html, TAG.lastIndex);
    at = next;
    if (match[1] === '/') {
      if (name === 'form') open = undefined;
    } else if (RAW.has(name)) {
      at = endOfRaw(html, name, next);
    } else if (name === 'form') {
      open = {
        method: (attributes.get('method') ?? 'get').toUpperCase(),
        action: attributes.get('action') ?? '',
        inputs: [],
      };
      if (forms.length < MOST_FORMS) forms.push(open);
    } else if (name === 'input' && open !== undefined && open.inputs.length < MOST_INPUTS) {
      open.inputs.push(attributes);
    }
  }
  return forms.flatMap(signInForm);
}

function signInForm({ method, action, inputs }: OpenForm): readonly PageForm[] {
  const passwords = inputs.filter((input) => typeOf(input) === 'password');
  const [input] = passwords;
  const password = input?.get('name');
  if (passwords.length !== 1 || password === undefined || password === '' || method !== 'POST') return [];
  if (input?.get('autocomplete')?.includes('new-password') === true) return [];
  const before = inputs.slice(0, inputs.indexOf(input ?? new Map())).filter((one) => TYPED.has(typeOf(one)));
  const named = inputs.find((one) => /\b(?:username|email)\b/.test(one.get('autocomplete') ?? ''));
  const account = (named ?? before.at(-1))?.get('name');
  return [{ method, action, account: account === '' ? undefined : account, password }];
}

function typeOf(input: ReadonlyMap<string, string>): string {
  return (input.get('type') ?? '').toLowerCase();
}

const ATTRIBUTE = /[\s/]*(?:([^\s"'<>/=]{1,64})(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?|(>)|([^>]))/y;

/** The attributes of a tag, and where it ends. The first of a name counts (HTML, 13.2.5.33). */
function readAttributes(html: string, from: number): readonly [ReadonlyMap<string, string>, number] {
  const attributes = new Map<string, string>();
  ATTRIBUTE.lastIndex = from;
  for (;;) {
    const at = ATTRIBUTE.lastIndex;
    const match = ATTRIBUTE.exec(html);
    if (match === null) return [attributes, Math.max(at, from)];
    const [, name, double, single, bare, end] = match;
    if (end !== undefined) return [attributes, ATTRIBUTE.lastIndex];
    const key = name?.toLowerCase();
    if (key !== undefined && !attributes.has(key))
      attributes.set(key, decoded(double ?? single ?? bare ?? ''));
  }
}

function endOfRaw(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? html.length;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** References that template engines write into attributes. */
function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
