/** Paths of a project, where people read or paste them: whoever named a file has not to write on a terminal, or into a shell. */
import { shownText } from '../shown-text.ts';

const NO_SECRETS: ReadonlySet<string> = new Set();

/** In a line for people. */
export function shownPath(path: string): string {
  return shownText(path, NO_SECRETS);
}

/** In a command: a name that means nothing to a shell, or a word that stands for it. */
export function commandWord(word: string, instead: string): string {
  return /^[\w./][\w./:-]*$/.test(word) ? word : instead;
}
