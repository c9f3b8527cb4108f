import type { Recorded } from './recorder.ts';

/** What left, without what is another in each answer. */
export function seen(
  { verdict, head, exchange, forwarded }: Recorded,
  without: readonly string[] = [],
): unknown {
  const lines = head.lines
    .filter(([name]) => !without.includes(name.toLowerCase()))
    .map(([name, value]) => [name, value.replaceAll(exchange.nonce, 'N')] as const)
    .toSorted(([one], [other]) => one.localeCompare(other));
  return { verdict, status: head.statusCode, lines, forwarded: pairsOf(forwarded) };
}

/** A head in turns, as pairs: without the nonce, which is another in each request. */
export function pairsOf(rawHeaders: readonly string[]): (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!/nonce|content-security/i.test(name)) pairs.push([name, rawHeaders[index + 1] ?? '']);
  }
  return pairs;
}
