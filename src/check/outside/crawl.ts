/** A short walk through a site: by links of its own pages, bounded in number, and past nothing that looks like it changes something. */
import { type Answer, isHtml, redirectOf } from '../../core/answer.ts';
import { NotSeen } from '../../core/rule.ts';
import { linksOf, resourcesOf } from '../../core/seen-page.ts';

/** What was found. */
export interface Crawled {
  /** HTML pages with status 200, the first one first. */
  readonly pages: readonly Answer[];
  /** Everything else that links led to, and a few of the files that pages load. */
  readonly others: readonly Answer[];
}

const MOST_PAGES = 15;
const MOST_FILES = 3;
/** Of addresses that differ in numbers alone, so many tell what the rest is like. */
const MOST_ALIKE = 3;
/** A GET should change nothing; a link with such a name does, in many sites. */
const AVOIDED =
  /(?:log|sign)[-_]?(?:out|off)|delete|remove|destroy|revoke|cancel|unsubscribe|disable|reset|confirm|verify|download|export/i;
const FILE =
  /\.(?:zip|gz|tar|pdf|docx?|xlsx?|csv|mp[34]|webm|iso|exe|dmg|png|jpe?g|gif|svg|webp|ico|woff2?|js|css|map|xml|json|txt)$/i;

/**
 * Walks from a page.
 *
 * @param ask - asks for a path within the site
 */
export async function crawl(
  ask: (target: string) => Promise<Answer>,
  first: Answer,
  origin: string,
): Promise<Crawled> {
  const pages: Answer[] = [first];
  const others: Answer[] = [];
  const seen = new Set<string>([keyOf(new URL(first.url))]);
  const alike = new Map<string, number>();
  const queue: URL[] = [...linksOf(first)];
  const look = async (url: URL): Promise<Answer | undefined> => {
    try {
      return await ask(`${url.pathname}${url.search}`);
    } catch (error) {
      if (error instanceof NotSeen) return undefined;
      throw error;
    }
  };
  for (
    let url = queue.shift();
    url !== undefined && pages.length + others.length < MOST_PAGES;
    url = queue.shift()
  ) {
    if (url.origin !== origin || AVOIDED.test(url.pathname + url.search) || FILE.test(url.pathname)) continue;
    const key = keyOf(url);
    const shape = url.pathname.replaceAll(/\d+|[0-9a-f-]{16,}/gi, '0');
    if (seen.has(key) || (alike.get(shape) ?? 0) >= MOST_ALIKE) continue;
    seen.add(key);
    alike.set(shape, (alike.get(shape) ?? 0) + 1);
    const answer = await look(url);
    if (answer === undefined) break;
    if (answer.status === 200 && isHtml(answer)) {
      pages.push(answer);
      if (queue.length < 200) queue.push(...linksOf(answer));
    } else {
      others.push(answer);
      const next = redirectOf(answer);
      if (next !== undefined) queue.push(next);
    }
  }
  const files = pages
    .flatMap(resourcesOf)
    .filter(({ url, kind }) => url.origin === origin && (kind === 'script' || kind === 'style'))
    .map(({ url }) => url);
  for (const url of [...new Map(files.map((one) => [one.pathname, one])).values()].slice(0, MOST_FILES)) {
    const answer = await look(url);
    if (answer === undefined) break;
    others.push(answer);
  }
  return { pages, others };
}

/** The same page under another value of the same parameters is the same page. */
function keyOf(url: URL): string {
  return `${url.pathname}?${[...url.searchParams.keys()].toSorted().join('&')}`;
}
