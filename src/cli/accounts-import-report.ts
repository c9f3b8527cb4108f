/** What an import tells: each row that is to be known of as it comes, and at the end what came of all. */
import { once } from 'node:events';
import type { ImportResult, RowReport } from '../accounts/import/import-accounts.ts';
import { cleanName } from '../core/clean-name.ts';
import { AnsweredNo, messageOf, type Terminal } from './terminal.ts';

const MOST_NAMES = 20;

/** How it is told. */
export interface ReportFlags {
  readonly dryRun?: true;
  readonly verbose?: true;
  readonly json?: true;
}

/** Writes as it goes: a million refused rows are in no memory, and are one line of JSON all the same. */
export class ImportReport {
  readonly #terminal: Terminal;
  readonly #flags: ReportFlags;
  #told = 0;

  constructor(terminal: Terminal, flags: ReportFlags) {
    this.#terminal = terminal;
    this.#flags = flags;
  }

  async tell({ row, outcome, reason, email }: RowReport): Promise<void> {
    // What a stranger registered with elsewhere must not move the cursor of an operator's terminal.
    const address =
      this.#flags.verbose === true && email !== undefined ? cleanName(email, 'none') : undefined;
    const line =
      this.#flags.json === true
        ? `${this.#told === 0 ? '{"told":[' : ','}${JSON.stringify({ row, outcome, reason, address })}`
        : `row ${row}: ${outcome}: ${reason}${address === undefined ? '' : ` (${address})`}\n`;
    this.#told += 1;
    const { out } = this.#terminal;
    if (!out.write(line)) await once(out, 'drain');
  }

  /** @throws AnsweredNo where not every row is in */
  end(result: ImportResult, place: string): void {
    const { out } = this.#terminal;
    out.write(this.#flags.json === true ? this.#asJson(result, place) : this.#asText(result, place));
    if (result.refused > 0 || result.stopped !== undefined) throw new AnsweredNo();
  }

  #asJson({ stopped, ...counts }: ImportResult, place: string): string {
    const rest = {
      ...counts,
      ignored: namesOf(counts.ignored),
      dryRun: this.#flags.dryRun === true,
      place,
      ...(stopped !== undefined && { stoppedAfterRow: stopped.row, error: messageOf(stopped.error) }),
    };
    return `${this.#told === 0 ? '{"told":[' : ''}],${JSON.stringify(rest).slice(1)}\n`;
  }

  #asText(result: ImportResult, place: string): string {
    const { rows, imported, withoutPassword, refused, formats, ignored, stopped } = result;
    const lines: string[] = [];
    if (ignored.length > 0) lines.push(`Columns that are not read: ${namesOf(ignored).join(', ')}`);
    for (const [format, count] of Object.entries(formats)) lines.push(`${format}: ${number(count)}`);
    if (stopped !== undefined) {
      lines.push(`Stopped after row ${stopped.row}, with the rest not read: ${messageOf(stopped.error)}`);
    }
    const verb = this.#flags.dryRun === true ? 'would be imported' : 'imported';
    const bare = withoutPassword === 0 ? '' : `, ${number(withoutPassword)} of them without a password`;
    lines.push(
      `${number(imported)} of ${number(rows)} rows ${verb} into ${place}${bare}; ${number(refused)} refused.`,
    );
    return `${lines.join('\n')}\n`;
  }
}

function namesOf(ignored: readonly string[]): readonly string[] {
  const names = ignored.slice(0, MOST_NAMES).map((name) => cleanName(name, '(no name)'));
  return ignored.length > MOST_NAMES ? [...names, `and ${ignored.length - MOST_NAMES} more`] : names;
}

function number(value: number): string {
  return value.toLocaleString('en');
}
