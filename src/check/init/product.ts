/** `15 * 60 * 1000`, as files write a time. */
export const PRODUCT: RegExp = /^\d[\d_]*(?:\s*\*\s*\d[\d_]*)*$/;

/** What it comes to. */
export function product(text: string): number {
  return text
    .replaceAll('_', '')
    .split('*')
    .reduce((all, part) => all * Number(part), 1);
}
