/** Pages of the site's own in the place of ours, where a visitor gets no answer of the application. */
import { type OptionSpec, Unfit } from '../../core/options.ts';

/** Files by status: `{ '503': 'pages/down.html', '4xx': 'pages/no.html' }`. */
export type ErrorPagesOptions = Readonly<Record<string, string>>;

const KEY = /^[45](?:\d\d|xx)$/;
const FILE = /^[^\0]{1,4096}$/;
const FIT =
  "files by status, such as { '503': 'pages/down.html', '5xx': 'pages/error.html' }, with keys from 400 to 599, 4xx and 5xx";

/** Which file is shown under which status. */
export const errorPages: OptionSpec<ErrorPagesOptions> = {
  default: {},
  shown: 'none: pages of Bulwark',
  read: (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unfit(FIT);
    const files = Object.entries(value as Record<string, unknown>);
    if (!files.every(([key, file]) => KEY.test(key) && typeof file === 'string' && FILE.test(file)))
      throw new Unfit(FIT);
    return Object.fromEntries(files) as ErrorPagesOptions;
  },
  reason: 'A site that is down may still look like itself; ours needs no file to be there.',
  source: 'ASVS v5.0.0-16.5.1',
  example: "gateway: { errorPages: { '503': 'pages/down.html' } }",
};
