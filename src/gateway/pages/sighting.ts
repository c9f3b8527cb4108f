/** What a piece of a page asks a policy for, and whether its request had the same text in it. */
import type { Exchange } from '../../core/exchange.ts';
import { hashSource, type PageCode } from './page-code.ts';
import type { CodeDirective, Sighting } from './seen-code.ts';
import { fromForm } from './sent-code.ts';

/** As much of a text as an operator needs to know it again. */
const MOST_SHOWN = 400;
const MOST_VALUES = 32;
const SHORTEST_VALUE = 3;

/** Undefined: a browser would not run it. */
export function sightOf(
  { secure, host, path }: Pick<Exchange, 'secure' | 'host' | 'path'>,
  { kind, name, text, isWhole }: PageCode,
): Pick<Sighting, 'directive' | 'source' | 'text' | 'characters'> | undefined {
  if (!isWhole) return undefined;
  const sight = (directive: CodeDirective, source: string): ReturnType<typeof sightOf> => ({
    directive,
    source,
    text: text.trim().slice(0, MOST_SHOWN),
    characters: text.length,
  });
  switch (kind) {
    case 'script':
      return sight('script-src', hashSource(text));
    case 'style':
      return sight('style-src', hashSource(text));
    case 'attribute':
      return sight('attribute', name ?? '');
    case 'file': {
      const page = `${secure ? 'https' : 'http'}://${host}`;
      const address = URL.parse(text, `${page}${path}`);
      if (address === null) return undefined;
      if (address.origin === page) return sight('script-src', "'self'");
      return address.origin === 'null'
        ? sight('attribute', `src of ${address.protocol}`)
        : sight('script-src', address.origin);
    }
  }
}

/**
 * Whether a text and the query of its request share what could be code: a value that is more than a word. What a link brings
 * into a page says nothing of what its application writes there.
 */
export function isReflected({ query }: Pick<Exchange, 'query'>, text: string): boolean {
  if (query === '') return false;
  const own = text.trim();
  return query.split('&', MOST_VALUES).some((pair) => {
    const value = fromForm(pair.slice(pair.indexOf('=') + 1)).trim();
    if (value.length < SHORTEST_VALUE || !/[^\w\s.-]/.test(value)) return false;
    return own.includes(value) || value.includes(own);
  });
}
