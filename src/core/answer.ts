/** One request and one answer, as rules of the checker see them. */
import { isPageType } from './page.ts';

/** A request that a rule wants sent, exactly as it stands here. What is left out is as a browser would send it. */
export interface Probe {
  /** Default: GET. */
  readonly method?: string;
  /** From its first slash on, byte for byte. Default: that of the address under test. */
  readonly target?: string;
  /** Further lines; a name that is given replaces the default of that name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes (latin1) that stand on the connection before the request, and before its TLS. */
  readonly preface?: string;
  /** Over plain http, where an address for that is known. */
  readonly plain?: boolean;
  /** Being refused for asking too much (429, 503 with Retry-After) is an answer too, not the end of the rule. */
  readonly limited?: boolean;
}

/** One answer, as it came. */
export interface Answer {
  readonly method: string;
  /** Whole, with the target as it was sent. */
  readonly url: string;
  readonly status: number;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  /** As text, unpacked; its start where it is long. */
  readonly body: string;
  /** It came before the whole of the request was sent: the body was not read to its end. */
  readonly early?: true;
}

/** What browsers send with a navigation to a page. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = { accept: 'text/html,*/*;q=0.8' };

/** Every value of a header, in order. The name in lower case. */
export function headerValues(answer: Answer, name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < answer.rawHeaders.length; index += 2) {
    if (answer.rawHeaders[index]?.toLowerCase() === name) values.push(answer.rawHeaders[index + 1] ?? '');
  }
  return values;
}

/** The value of a header, with further lines of it behind commas; undefined where there is none. */
export function headerOf(answer: Answer, name: string): string | undefined {
  const values = headerValues(answer, name);
  return values.length === 0 ? undefined : values.join(', ');
}

/** The request and the status of its answer, in a few words. */
export function answered({ method, url, status }: Answer): string {
  return `${method} ${url} answered ${status}`;
}

/** The request that a text of {@link answered} begins with. */
export function requestIn(text: string): { readonly method: string; readonly url: string } | undefined {
  const [, method, url] = /^([A-Z]{1,20}) (https?:\/\/\S{1,2000}) answered \d/.exec(text) ?? [];
  return method === undefined || url === undefined ? undefined : { method, url };
}

/** An answer that is a page, as its Content-Type says. */
export function isHtml(answer: Answer): boolean {
  return isPageType(headerValues(answer, 'content-type')[0] ?? '');
}

/** Where a redirect leads, whole; undefined where the answer is none or leads nowhere. */
export function redirectOf(answer: Answer): URL | undefined {
  const location = headerValues(answer, 'location')[0];
  if (location === undefined || answer.status < 300 || answer.status >= 400) return undefined;
  return URL.canParse(location, answer.url) ? new URL(location, answer.url) : undefined;
}

/** The parts by which a client can tell two answers apart: status, type, where it leads, and whether it has a body. */
export function shapeOf(answer: Answer): string {
  const { status, body } = answer;
  const leads = redirectOf(answer);
  return [
    status,
    headerOf(answer, 'content-type') ?? '',
    headerOf(answer, 'allow') ?? '',
    leads === undefined ? '' : `${leads.origin}${leads.pathname}`,
    body === '' ? 'empty' : titleOf(answer),
  ].join(' ');
}

/** The title of a page, for telling one page from another. */
export function titleOf({ body }: Answer): string {
  return /<title[^>]{0,200}>([^<]{0,200})/i.exec(body.slice(0, 20_000))?.[1]?.trim() ?? '';
}
