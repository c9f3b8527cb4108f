/** Addresses at which frameworks answer with the data of a page alone, and which page that is. */
import type { FrameworkName } from './frameworks.ts';

/** The data of a page. */
export interface PageData {
  readonly framework: FrameworkName;
  /** The page; where the address can be read in two ways, both. */
  readonly pages: readonly string[];
}

const NEXT_DATA = '/_next/data/';
const VIKE_CONTEXT = '/index.pagecontext.json';
const NUXT_PAYLOAD = /\/_payload(?:\.\w+)?\.js(?:on)?$/;
const LANGUAGE = /^\/[a-z]{2,3}(?:-[a-z\d]{2,8})*(?=\/|$)/i;
const LAST_OF_DATA = 0x61;
const LAST_OF_RSC = 0x63;
const LAST_OF_JSON = 0x6e;
const LAST_OF_JS = 0x73;

/**
 * The page whose data is at a path. A client that goes from page to page asks for this in place of the page, and the server
 * runs the page's loaders for it, and its actions: the rules of the page must hold here.
 */
export function dataOf(path: string): PageData | undefined {
  const last = path.charCodeAt(path.length - 1);
  if (last === LAST_OF_DATA) return path.endsWith('.data') ? dataOfReactRouter(path, '.data') : undefined;
  // The same of React Router's server components.
  if (last === LAST_OF_RSC) return path.endsWith('.rsc') ? dataOfReactRouter(path, '.rsc') : undefined;
  if (last === LAST_OF_JSON ? !path.endsWith('.json') : last !== LAST_OF_JS || !path.endsWith('.js'))
    return undefined;
  if (path.endsWith('/__data.json'))
    return { framework: 'sveltekit', pages: [withoutEnd(path, '/__data.json')] };
  if (path.endsWith('.html__data.json'))
    return { framework: 'sveltekit', pages: [path.slice(0, -'__data.json'.length)] };
  if (path.endsWith('/index.pageContext.json') || path.endsWith(VIKE_CONTEXT))
    return { framework: 'vike', pages: [withoutEnd(path, VIKE_CONTEXT)] };
  if (path.endsWith('/q-data.json')) return { framework: 'qwik', pages: [withoutEnd(path, '/q-data.json')] };
  if (path.includes(NEXT_DATA) && path.endsWith('.json')) return dataOfNext(path);
  // The search of an expression begins anew at each slash: only the last segment is looked at.
  const end = path.slice(path.lastIndexOf('/'));
  return NUXT_PAYLOAD.test(end) ? { framework: 'nuxt', pages: [withoutEnd(path, end)] } : undefined;
}

/** `/account.data`; `/_root.data` for the page at the root of the application, `/account/_.data` for `/account/`. */
function dataOfReactRouter(path: string, end: string): PageData {
  const page = path.slice(0, -end.length);
  const pages = [page];
  if (page.endsWith('/_root')) pages.push(withoutEnd(page, '/_root'));
  if (page.endsWith('/_')) pages.push(withoutEnd(page, '_'));
  return { framework: 'react-router', pages };
}

/** `/_next/data/BUILD/account.json`, and with a language before it, which the page may have or not. */
function dataOfNext(path: string): PageData {
  const at = path.indexOf(NEXT_DATA);
  const build = path.indexOf('/', at + NEXT_DATA.length);
  if (build === -1) return { framework: 'next', pages: [] };
  const page = path.slice(build, -'.json'.length);
  const language = LANGUAGE.exec(page)?.[0];
  const base = path.slice(0, at);
  const pages = language === undefined ? [page] : [page, page.slice(language.length) || '/'];
  return { framework: 'next', pages: pages.map((one) => base + (one === '/index' ? '' : one) || '/') };
}

function withoutEnd(path: string, end: string): string {
  return path.slice(0, -end.length) || '/';
}
