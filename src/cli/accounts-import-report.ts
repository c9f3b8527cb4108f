/** What an import tells: each row that is to be known of as it comes, and at the end what came of all. */
import { once } from 'node:events';
import type { ImportResult, RowReport } from '../accounts/import/import-accounts.ts';
import { escapedJson } from '../audit/escaped-json.ts';
import { cleanName } from '../core/clean-name.ts';
import { AnsweredNo, messageOf, type Terminal } from './terminal.ts';

const MOST_NAMES = 20;

/** How it is told. */
export interface ReportFlags {
  readonly dryRun?: true;
  readonly json?: true;
}

/** Writes as it goes: a million refused rows are in no memory, and are one line of JSON all the same. */
export class ImportReport {
  readonly #terminal: Terminal;
  readonly #flags: ReportFlags;
  readonly #onProgress: ((part: number) => void) | undefined;
  #told = 0;

  /** @param onProgress - of the line on the terminal that must not run into what is told */
  constructor(terminal: Terminal, flags: ReportFlags, onProgress: ((part: number) => void) | undefined) {
    this.#terminal = terminal;
    this.#flags = flags;
    this.#onProgress = onProgress;
  }

  async tell({ row, outcome, field, reason, fix }: RowReport): Promise<void> {
    const line =
      this.#flags.json === true
        ? `${this.#told === 0 ? '{"told":[' : ','}${escapedJson({ row, outcome, field, reason, fix })}`
        : `row ${row}: ${outcome}: ${field === undefined ? '' : `${field}: `}${reason}. Fix: ${fix}.\n`;
    this.#told += 1;
    this.#onProgress?.(1);
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
      ...(stopped !== undefined && { stoppedAtRow: stopped.row, error: messageOf(stopped.error) }),
    };
    return `${this.#told === 0 ? '{"told":[' : ''}],${escapedJson(rest).slice(1)}\n`;
  }

  #asText(result: ImportResult, place: string): string {
    const { rows, imported, withoutPassword, disabled, refused, formats, ignored, stopped } = result;
    const lines: string[] = [];
    if (ignored.length > 0) lines.push(`Columns that are not read: ${namesOf(ignored).join(', ')}`);
    for (const [format, count] of Object.entries(formats)) lines.push(`${format}: ${number(count)}`);
    if (stopped !== undefined) {
      lines.push(`Stopped at row ${stopped.row}, with the rest not read: ${messageOf(stopped.error)}`);
    }
    const verb = this.#flags.dryRun === true ? 'would be imported' : 'imported';
    const among = [
      ...(withoutPassword > 0 ? [`, ${number(withoutPassword)} of them without a password`] : []),
      ...(disabled > 0 ? [`, ${number(disabled)} of them disabled, as they were`] : []),
    ].join('');
    lines.push(
      `${number(imported)} of ${number(rows)} rows ${verb} into ${place}${among}; ${number(refused)} refused.`,
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
