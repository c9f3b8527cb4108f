/** Every format of a report. To add one, add its line. */
import { asJson } from './json.ts';
import type { Paint } from './paint.ts';
import type { Shown } from './shown.ts';
import { asText } from './text.ts';

/** One format. */
export interface Format {
  /** How names of its files end. */
  readonly ending: string;
  readonly write: (shown: Shown, paint: Paint) => string;
}

/** Formats by their names on the command line. */
export const FORMATS: Readonly<Record<FormatName, Format>> = {
  text: { ending: '.txt', write: asText },
  json: { ending: '.json', write: asJson },
};

/** Their names. */
export type FormatName = 'text' | 'json';
