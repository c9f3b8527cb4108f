/**
 * Whether two series differ: the rank-sum test of Mann and Whitney (1947), two-sided, by its normal approximation with
 * the correction for continuity. It asks nothing of how times are spread, which have long tails.
 *
 * @returns how likely so great a difference is where there is none: 0 to 1
 */
export function pValue(a: readonly number[], b: readonly number[]): number {
  const ranked = [...a.map((value) => ({ value, of: a })), ...b.map((value) => ({ value, of: b }))];
  ranked.sort((one, other) => one.value - other.value);
  let rankSum = 0;
  for (let start = 0; start < ranked.length;) {
    let end = start;
    while (end < ranked.length && ranked[end]?.value === ranked[start]?.value) end += 1;
    // Equal values share the mean of their ranks.
    const rank = (start + end + 1) / 2;
    for (const { of } of ranked.slice(start, end)) if (of === a) rankSum += rank;
    start = end;
  }
  const u = rankSum - (a.length * (a.length + 1)) / 2;
  const mean = (a.length * b.length) / 2;
  const deviation = Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12);
  const z = Math.max(0, Math.abs(u - mean) - 0.5) / deviation;
  return 2 * (1 - normal(z));
}

/** The normal distribution function, to seven digits (Abramowitz and Stegun 26.2.17). */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = terms.reduceRight((total, term) => (total + term) * t, 0);
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
