/** Reads an Accept-Language header as far as it decides between the languages that there are (RFC 9110 12.5.4). */
import { quality } from '../../core/quality.ts';

// Longer than any browser's; what follows is not read, so that a header made to be long costs nothing.
const MOST_READ = 500;

/**
 * The language that somebody would rather have: the one that they weigh most, of equals what they name first, and the
 * first that there is where they want none of them. `de` asks for `de-AT` where that is what there is, and the other way
 * round. Never throws.
 *
 * @param languages - what there is; at least one
 */
export function chooseLanguage(acceptLanguage: string, languages: readonly string[]): string {
  const [first = ''] = languages;
  let best = first;
  let most = 0;
  for (const range of acceptLanguage.slice(0, MOST_READ).toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';');
    const weight = quality(parameters);
    if (weight <= most) continue;
    const asked = name.trim();
    const found =
      asked === '*' ? first : languages.find((language) => isMeant(language.toLowerCase(), asked));
    if (found === undefined) continue;
    best = found;
    most = weight;
  }
  return best;
}

function isMeant(language: string, asked: string): boolean {
  return language === asked || language.startsWith(`${asked}-`) || asked.startsWith(`${language}-`);
}
