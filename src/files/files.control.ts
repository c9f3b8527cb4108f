import type { Control, Section } from '../core/control.ts';
import { FILES_EVENTS, FILES_PROBLEMS } from './files.events.ts';
import { FILES_KEYS } from './files.keys.ts';
import { type FilesOptions, filesOptions, type FilesSettings } from './files.options.ts';

interface Sections {
  /** Files that accounts keep. Their code is loaded by `bulwark/uploads`. */
  readonly files: Section<FilesOptions, FilesSettings>;
}

/** What others collect of this room. */
export const filesControl: Control<Sections, typeof FILES_EVENTS> = {
  sections: { files: { table: filesOptions } },
  guards: ['files'],
  events: FILES_EVENTS,
  problems: FILES_PROBLEMS,
  keys: FILES_KEYS,
};
