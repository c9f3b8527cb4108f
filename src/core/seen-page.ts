/**
 * What a page of somebody else's leads to: links, forms and what it loads. Each byte is looked at once, whatever the page is;
 * what stands in scripts, styles and comments is no markup.
 */
import type { Answer } from './answer.ts';

/** One start tag. */
export interface SeenTag {
  /** In lower case. */
  readonly name: string;
  /** Names in lower case; the first of a name counts (HTML, 13.2.5.33). */
  readonly attributes: ReadonlyMap<string, string>;
  /** Where it begins in the page. */
  readonly at: number;
}

/** One field of a form. */
export interface SeenField {
  readonly name: string;
  readonly value: string;
  /** In lower case: `text`, `hidden`, `password`, `checkbox`, `select`, `textarea`, `submit` ... */
  readonly type: string;
}

/** One form. */
export interface SeenForm {
  readonly method: 'GET' | 'POST' | 'dialog';
  readonly action: URL;
  readonly fields: readonly SeenField[];
  /** Of a form that sends files or plain text. */
  readonly enctype: string;
}

/** Something that a page loads by itself. */
export interface SeenResource {
  readonly kind: 'script' | 'style' | 'frame' | 'media';
  readonly url: URL;
  readonly integrity: string | undefined;
}

const MOST_TAGS = 5000;
const MOST_TAG_LENGTH = 20_000;
const RAW = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'noembed', 'noframes']);

/** Every start and end tag, in order; an end tag is named `/form`. */
export function tagsOf(body: string): readonly SeenTag[] {
  const tags: SeenTag[] = [];
  const lower = body.toLowerCase();
  let at = 0;
  while (tags.length < MOST_TAGS) {
    const open = body.indexOf('<', at);
    if (open === -1) break;
    if (body.startsWith('<!--', open)) {
      const end = body.indexOf('-->', open + 4);
      if (end === -1) break;
      at = end + 3;
      continue;
    }
    const name = /^\/?[a-z][a-z0-9-]{0,30}/.exec(lower.slice(open + 1, open + 33))?.[0];
    if (name === undefined) {
      at = open + 1;
      continue;
    }
    const end = endOfTag(body, open + 1 + name.length);
    if (end === -1) break;
    const inside = body.slice(open + 1 + name.length, Math.min(end, open + MOST_TAG_LENGTH));
    tags.push({ name, attributes: attributesOf(inside), at: open });
    at = end + 1;
    if (!RAW.has(name)) continue;
    const close = lower.indexOf(`</${name}`, at);
    if (close === -1) break;
    at = close;
  }
  return tags;
}

/** The `>` that ends a tag: one within quotes does not. */
function endOfTag(body: string, from: number): number {
  let quote = '';
  for (let index = from; index < body.length; index += 1) {
    const character = body[index] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '>') return index;
    else if ((character === '"' || character === "'") && /[=\s]/.test(body[index - 1] ?? ''))
      quote = character;
  }
  return -1;
}

const ATTRIBUTE = /([^\s"'<>/=]{1,100})(?:\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]{1,4000})))?/g;

function attributesOf(inside: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single, bare] of inside.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, decode(double ?? single ?? bare ?? ''));
    if (attributes.size >= 100) break;
  }
  return attributes;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi,
    (all: string, decimal?: string, hex?: string, name?: string) => {
      const known = NAMED[(name ?? '').toLowerCase()];
      if (known !== undefined) return known;
      const point = decimal === undefined ? Number.parseInt(hex ?? 'x', 16) : Number(decimal);
      return point > 0 && point <= 0x10_ff_ff && (point < 0xd8_00 || point > 0xdf_ff)
        ? String.fromCodePoint(point)
        : all;
    },
  );
}

/** What addresses of a page are relative to. */
function baseOf(page: Answer, tags: readonly SeenTag[]): string {
  const base = tags.find(({ name }) => name === 'base')?.attributes.get('href');
  return base !== undefined && URL.canParse(base, page.url) ? new URL(base, page.url).href : page.url;
}

function resolve(text: string | undefined, base: string): URL | undefined {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  if (!URL.canParse(trimmed, base)) return undefined;
  const url = new URL(trimmed, base);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

/** Where links lead. */
export function linksOf(page: Answer): readonly URL[] {
  const tags = tagsOf(page.body);
  const base = baseOf(page, tags);
  return tags.flatMap(({ name, attributes }) =>
    name === 'a' || name === 'area' ? (resolve(attributes.get('href'), base) ?? []) : [],
  );
}

/** Every form, with its fields as they stand. */
export function formsOf(page: Answer): readonly SeenForm[] {
  const tags = tagsOf(page.body);
  const base = baseOf(page, tags);
  const forms: { method: SeenForm['method']; action: URL; fields: SeenField[]; enctype: string }[] = [];
  let current: (typeof forms)[number] | undefined;
  let select: string | undefined;
  for (const { name, attributes } of tags) {
    if (name === 'form' && current === undefined) {
      const action = resolve(attributes.get('action') ?? '', base) ?? resolve(page.url, base);
      if (action === undefined) continue;
      const said = attributes.get('method')?.trim().toLowerCase();
      current = {
        method: said === 'post' ? 'POST' : said === 'dialog' ? 'dialog' : 'GET',
        action,
        fields: [],
        enctype: attributes.get('enctype')?.trim().toLowerCase() ?? 'application/x-www-form-urlencoded',
      };
      forms.push(current);
    } else if (name === '/form') {
      current = undefined;
      select = undefined;
    } else if (current !== undefined) {
      const field = fieldOf(name, attributes);
      if (name === 'select') select = attributes.get('name');
      if (name === 'option' && select !== undefined) {
        // The first option is what a browser sends where none is chosen.
        current.fields.push({ name: select, value: attributes.get('value') ?? '', type: 'select' });
        select = undefined;
      }
      if (field !== undefined && current.fields.length < 200) current.fields.push(field);
    }
  }
  return forms;
}

function fieldOf(tag: string, attributes: ReadonlyMap<string, string>): SeenField | undefined {
  const name = attributes.get('name');
  if (name === undefined || name === '') return undefined;
  const type = attributes.get('type')?.trim().toLowerCase() ?? (tag === 'button' ? 'submit' : 'text');
  if (tag === 'textarea') return { name, value: '', type: 'textarea' };
  if (tag === 'button' && type !== 'submit') return undefined;
  if (tag !== 'input' && tag !== 'button') return undefined;
  const checks = type === 'checkbox' || type === 'radio';
  if (checks && !attributes.has('checked')) return undefined;
  return { name, value: attributes.get('value') ?? (checks ? 'on' : ''), type };
}

/** Everything that is loaded with a page. */
export function resourcesOf(page: Answer): readonly SeenResource[] {
  const tags = tagsOf(page.body);
  const base = baseOf(page, tags);
  return tags.flatMap(({ name, attributes }): SeenResource | readonly SeenResource[] => {
    const load = LOADS[name];
    if (load === undefined) return [];
    const [kind, attribute] = load;
    if (name === 'link') {
      const rel = (attributes.get('rel') ?? '').toLowerCase().split(/\s+/);
      const isScript =
        rel.includes('modulepreload') || (rel.includes('preload') && attributes.get('as') === 'script');
      if (!rel.includes('stylesheet') && !isScript) return [];
    }
    const url = resolve(attributes.get(attribute), base);
    return url === undefined ? [] : { kind, url, integrity: attributes.get('integrity') };
  });
}

const LOADS: Readonly<Record<string, readonly [kind: SeenResource['kind'], attribute: string]>> = {
  script: ['script', 'src'],
  link: ['style', 'href'],
  iframe: ['frame', 'src'],
  frame: ['frame', 'src'],
  object: ['frame', 'data'],
  embed: ['frame', 'src'],
  img: ['media', 'src'],
  video: ['media', 'src'],
  audio: ['media', 'src'],
  source: ['media', 'src'],
};
