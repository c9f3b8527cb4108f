/** Every format of a report. To add one, add its line here and its name below. */
import { asHtml } from './html.ts';
import { asJson } from './json.ts';
import { asJunit } from './junit.ts';
import type { Paint } from './paint.ts';
import { asSarif } from './sarif.ts';
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
  sarif: { ending: '.sarif', write: asSarif },
  junit: { ending: '.xml', write: asJunit },
  html: { ending: '.html', write: asHtml },
};

/** Their names. */
export type FormatName = 'text' | 'json' | 'sarif' | 'junit' | 'html';
