/** Where a command writes, and how it says what went wrong. Results go to one stream, all else to the other. */
import { styleText } from 'node:util';

/** As much of a stream as is needed. Colours are for terminals: none where the output is piped, or NO_COLOR is set. */
export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/** The terminal of a command. */
export interface Terminal {
  readonly out: Output;
  readonly err: Output;
}

/** The command line itself is wrong: exit code 2. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse';
}

/** The command is right and cannot be done: exit code 1. */
export class Failed extends Error {
  override readonly name: string = 'Failed';
}

/** What the command ran has ended by itself: its exit code. */
export class EndedByItself extends Failed {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** The answer is written, and it is a no: exit code 1, and nothing more to say. */
export class AnsweredNo extends Error {
  override readonly name = 'AnsweredNo';
}

/** It is neither yes nor no: exit code 2. Where it has a message, that is not written yet. */
export class CouldNotLook extends Error {
  override readonly name = 'CouldNotLook';
}

/** Text that stands out, where that can be shown. */
export function strong(text: string, output: Output): string {
  return styleText('bold', text, { stream: output });
}

/** Text of less weight, where that can be shown. */
export function faint(text: string, output: Output): string {
  return styleText('dim', text, { stream: output });
}

/** One line that says how far a long work is, on a terminal only; call it with 1 when it is done. */
export function progressOn(output: Output, what: string): ((part: number) => void) | undefined {
  if (output.isTTY !== true) return undefined;
  return (part) => {
    output.write(part < 1 ? `\r${what}: ${Math.floor(part * 100)} %` : `\r\u001B[K`);
  };
}

/** What a failed command says, in words for a person. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' && path !== undefined) return `There is no ${path}.`;
  if ((code === 'EACCES' || code === 'EPERM') && path !== undefined) return `${path} may not be opened.`;
  if (code === 'EISDIR') return `${path ?? 'That'} is a directory, not a file.`;
  return error.message;
}
