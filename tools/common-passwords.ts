/** src/identity/passwords/common-filter.ts: the most used passwords of a published list, as the bits of a filter. */
import { hash } from 'node:crypto';
import { dictionary } from '@zxcvbn-ts/language-common';
import { Bloom, shapeFor } from '../src/identity/passwords/breached/bloom.ts';
import { MIN_WEIGHT, SHORTEST_COMMON } from '../src/identity/passwords/password-rules.ts';
import { fold, weigh } from '../src/identity/passwords/predictable.ts';

/** One password in ten thousand is refused for nothing. */
const ERROR_RATE = 1 / 10_000;

/** The published list: lower case, the most used first. */
export const COMMON_LIST: readonly string[] = dictionary['passwords-common'];

/** The module. What is refused by its pieces already (predictable.ts) is left out. */
export function writeCommonFilter(): string {
  const words = COMMON_LIST.filter((word) => word.length >= SHORTEST_COMMON && !isRefusedByWeight(word));
  const bloom = new Bloom(shapeFor(words.length, ERROR_RATE));
  for (const word of words) bloom.add(hash('sha1', fold(word), 'buffer'));
  const { blocks, places } = bloom.shape;
  return `/**
 * Made by \`npm run docs\` from the list of passwords in @zxcvbn-ts/language-common (MIT). Do not edit by hand.
 *
 * The ${words.length} passwords of that list which are long enough and are not refused by their pieces, as bits of a Bloom filter.
 */
import type { BloomShape } from './breached/bloom.ts';

/** The measures of the filter. */
export const COMMON_SHAPE: BloomShape = { blocks: ${blocks}, places: ${places} };

/** Its bits, in base64. */
export const COMMON_BITS: string =
  '${Buffer.from(bloom.bytes).toString('base64')}';
`;
}

function isRefusedByWeight(word: string): boolean {
  const { characters, mostly } = weigh(word, []);
  return mostly !== undefined && characters < MIN_WEIGHT;
}
