/** Every rule of every room (policy/controls.ts), in the order of the go-live checklist. */
import type { Rule } from '../core/rule.ts';
import { ALL_CONTROLS } from '../policy/controls.ts';

/** Loads them. */
export async function loadRules(): Promise<readonly Rule[]> {
  const rules = await Promise.all(ALL_CONTROLS.map(async ([, control]) => (await control.rules?.()) ?? []));
  return rules.flat().toSorted((one, other) => one.guide - other.guide);
}
