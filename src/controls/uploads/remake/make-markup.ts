/** Writes SVG and HTML anew by DOMPurify: what acts is left out, and so is what would be fetched from elsewhere. */
import type { Made, MarkupJob } from './jobs.ts';

/** As much of both as is used. Their own types bring those of browsers along, which would hide what Node.js has not. */
interface Attribute {
  readonly attrName: string;
  readonly attrValue: string;
  keepAttr: boolean;
}
interface Element {
  readonly localName: string;
  readonly textContent: string | null;
  readonly parentNode: { removeChild(node: Element): void } | null;
}
interface Purify {
  addHook(place: 'uponSanitizeAttribute', look: (node: Element, attribute: Attribute) => void): void;
  addHook(
    place: 'uponSanitizeElement',
    look: (node: Element, data: { readonly tagName: string }) => void,
  ): void;
  sanitize(text: string, config: typeof SVG): { readonly firstElementChild: Element | null };
  sanitize(text: string, config: typeof HTML): string;
}
interface Window {
  readonly XMLSerializer: new () => { serializeToString(node: Element): string };
}
interface Tools {
  readonly purify: Purify;
  readonly window: Window;
}

let loaded: Promise<Tools> | undefined;

async function load(): Promise<Tools> {
  const [{ JSDOM }, { default: makePurify }] = (await Promise.all([
    import(DOM),
    import(PURIFY),
  ])) as unknown as [
    { readonly JSDOM: new (text: string) => { readonly window: Window } },
    { readonly default: (window: Window) => Purify },
  ];
  const { window } = new JSDOM('');
  const purify = makePurify(window);
  purify.addHook('uponSanitizeAttribute', (_node, attribute) => {
    const { attrName, attrValue } = attribute;
    if (LEADS.has(attrName.toLowerCase()) && !WITHIN.test(attrValue)) attribute.keepAttr = false;
    if (fetches(attrValue) && !LEADS.has(attrName.toLowerCase())) attribute.keepAttr = false;
  });
  purify.addHook('uponSanitizeElement', (node, { tagName }) => {
    if (tagName === 'style' && fetches(node.textContent ?? '')) node.parentNode?.removeChild(node);
  });
  return { purify, window };
}

const DOM: string = 'jsdom';
const PURIFY: string = 'dompurify';

/** What a page or a picture has its reader fetch, or lead to. */
const LEADS = new Set([
  'href',
  'xlink:href',
  'src',
  'srcset',
  'poster',
  'background',
  'action',
  'formaction',
  'ping',
]);
/** A place in the same file, or a picture of pixels that stands in it. A link of a page leads somewhere by being clicked. */
const WITHIN = /^(?:#|data:image\/(?:png|jpeg|gif|webp|avif);base64,)/i;
const FETCHES = /url\((?!\s*["']?#)|@import|image-set\(|expression\(/i;

/** Whether CSS has something fetched. What looks like a comment may stand in a string, so that it counts with it and without. */
function fetches(css: string): boolean {
  const text = unescaped(css);
  return [text, unescaped(css.replaceAll(COMMENT, '')), text.replaceAll(COMMENT, '')].some((one) =>
    FETCHES.test(one),
  );
}

/** To the end of the text where it has none. */
const COMMENT = /\/\*.*?(?:\*\/|$)/gs;

/** Letters of CSS may be written as their numbers. */
function unescaped(text: string): string {
  const plain = text.replaceAll(/\\([\da-f]{1,6})(?:\r\n|\s)?/gi, (_, hex: string) =>
    String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10_ffff)),
  );
  return plain.replaceAll('\\', '');
}

const SVG = { USE_PROFILES: { svg: true, svgFilters: true }, RETURN_DOM_FRAGMENT: true } as const;
/** Forms are where a page asks for a password. */
const HTML = { USE_PROFILES: { html: true }, FORBID_TAGS: ['form', 'input', 'button', 'textarea', 'select'] };

/** Makes one. */
export async function makeMarkup({ kind, bytes }: MarkupJob): Promise<Made> {
  const { purify, window } = await (loaded ??= load());
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, reason: 'broken' };
  }
  if (kind === 'html') return made('text/html', purify.sanitize(text, HTML));
  const drawing = purify.sanitize(text, SVG).firstElementChild;
  if (drawing?.localName !== 'svg') return { ok: false, reason: 'kind' };
  return made('image/svg+xml', new window.XMLSerializer().serializeToString(drawing));
}

function made(type: string, text: string): Made {
  // A copy: short texts share their memory with others, which would be handed over with it.
  return { ok: true, bytes: new Uint8Array(new TextEncoder().encode(text)), type, width: 0, height: 0 };
}
