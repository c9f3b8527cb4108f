/** Whether a name is one that merges and copies of objects follow to the prototype of everything (CWE-1321). */
export function isForbiddenName(name: string): boolean {
  if (name.length === 9) return name === '__proto__' || name === 'prototype';
  return name.length === 11 && name === 'constructor';
}
