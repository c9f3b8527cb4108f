/** What every format of a report is made of. */
import type { RuleFacts } from '../../core/rule.ts';
import type { Judged } from '../baseline.ts';
import type { CheckReport } from './report.ts';

/** A report, the rules that it is of, and what a baseline and waivers made of it. */
export interface Shown {
  readonly report: CheckReport;
  readonly rules: readonly RuleFacts[];
  readonly judged: Judged;
  /** Of the program that wrote it. */
  readonly version: string;
  /** When the run began. */
  readonly at: Date;
  /** What held is shown, too. */
  readonly verbose: boolean;
}
