/** What the calls of the scan take. */
import {
  call,
  callback,
  type Check,
  count,
  fields,
  type Fit,
  made,
  maybe,
  word,
} from '../../../core/call.ts';
import type { ArchiveLimits } from '../archive/archive-limits.ts';
import { PDF_ACTS } from '../pdf/pdf-acts.ts';
import type { ContentRules } from './scan.ts';

const acts: Fit = (value) =>
  Array.isArray(value) && value.every((one) => (PDF_ACTS as readonly unknown[]).includes(one))
    ? undefined
    : { path: '', reason: `it must be a list of some of: ${PDF_ACTS.join(', ')}` };

/** Of `contentScan`. */
export const checkScan: Check = call('contentScan({ antivirus: clamd({ socket }) })', {
  rules: fields<ContentRules>({
    archives: maybe(
      fields<Partial<ArchiveLimits>>({
        entries: maybe(count),
        bytes: maybe(count),
        ratio: maybe(count),
        depth: maybe(count),
      }),
    ),
    macros: maybe(word('refuse', 'take')),
    unseenArchives: maybe(word('refuse', 'take')),
    pdf: maybe(acts),
    antivirus: maybe(made('a scanner, such as clamd({ socket })', { scan: callback })),
  }),
});
