/** What is said to whoever sent a file that is not taken: why, and what is taken instead, and nothing of the file. */
import { eventOf } from '../../../core/events.ts';
import { PROBLEMS } from '../../../core/problem-types.ts';
import { showSize } from '../../../core/readers.ts';
import type { UploadRule } from '../../../core/route-rules.ts';
import type { Refusal } from '../../../core/verdict.ts';
import { UPLOADS_EVENTS, UPLOADS_PROBLEMS } from '../uploads.events.ts';
import type { FileReason } from './file-fault.ts';
import { FILE_KINDS, type FileType } from './file-kinds.ts';

/** The answer to a form with a file that its route does not take. */
export function fileRefusal(fault: FileReason, rule: UploadRule): Refusal {
  const event = eventOf(UPLOADS_EVENTS.file, { fault });
  const type = isTooMuch(fault) ? PROBLEMS.bodyTooLarge : UPLOADS_PROBLEMS.fileRefused;
  return { ...type, detail: wordsOf(fault, rule), event, close: true };
}

function isTooMuch(fault: FileReason): boolean {
  return fault === 'size' || fault === 'total' || fault === 'files';
}

function wordsOf(fault: FileReason, rule: UploadRule): string {
  switch (fault) {
    case 'size':
      return `A file is larger than the ${showSize(rule.size)} that are taken here.`;
    case 'total':
      return `The files are together larger than the ${showSize(rule.total)} that are taken here.`;
    case 'files':
      return `There are more than the ${rule.files} files that are taken here at once.`;
    case 'empty':
      return 'A file has nothing in it.';
    case 'extension':
      return `The name of a file must end with one of: ${extensionsOf(rule)}.`;
    case 'declared':
      return 'A file is said to be of another type than its name says.';
    case 'content':
      return 'A file is not what its name says, is damaged, or is a second kind of file as well.';
    case 'archive':
      return 'An archive is encrypted, unpacks to too much, or has names, links or entries that programs read otherwise than each other.';
    case 'macros':
      return 'An Office file has macros. Save it without them.';
  }
}

function extensionsOf({ types }: UploadRule): string {
  return types
    .flatMap((type) => FILE_KINDS[type as FileType].extensions.map((extension) => `.${extension}`))
    .join(', ');
}
