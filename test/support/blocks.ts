/** The TypeScript of a page: each block as it is written. */
export function blocksOf(page: string): readonly string[] {
  return [...page.matchAll(/^```ts\n([^]*?)^```$/gm)].map((match) => match[1] ?? '');
}
