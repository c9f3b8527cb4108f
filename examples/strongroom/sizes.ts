/** Sizes in words. */

const UNITS = ['KB', 'MB', 'GB', 'TB'] as const;

/** Such as `840 bytes`, `12 KB` or `3.4 MB`. */
export function showSize(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  let amount = bytes;
  let unit = '';
  for (const next of UNITS) {
    if (amount < 1024) break;
    amount /= 1024;
    unit = next;
  }
  return `${amount < 10 ? amount.toFixed(1).replace(/\.0$/, '') : Math.round(amount)} ${unit}`;
}
