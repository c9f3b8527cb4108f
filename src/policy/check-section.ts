/** The check's section of a policy, by itself: neither secrets nor state are asked for, and none is opened. */
import { dirname, resolve } from 'node:path';
import { readOptions } from '../core/options.ts';
import { Problems } from '../core/problems.ts';
import { checkOptions, type CheckSettings } from './check.control.ts';
import { importPolicy } from './load-policy.ts';

/** What it says, and the folder that its names are looked for from. */
export interface CheckSection extends CheckSettings {
  readonly from: string;
}

/**
 * Reads it from the file of a policy. The file runs, as it does for every other command.
 *
 * @throws PolicyError where the section is wrong
 * @throws BulwarkError ERR_BULWARK_POLICY_FILE where the file is not there, does not run or exports no policy
 */
export async function readCheckSection(file: string): Promise<CheckSection> {
  const { check } = await importPolicy(file);
  const problems = new Problems('production');
  const settings = readOptions('check', checkOptions, check, problems);
  problems.throwIfAny();
  return { ...settings, from: dirname(resolve(file)) };
}
