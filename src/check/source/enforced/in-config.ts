/** Controls in files that are no code. */
import { finalStages, readDockerfile } from '../config/dockerfile.ts';
import { allDirectives, readNginx } from '../config/nginx.ts';
import type { SourceFile } from '../source-file.ts';

/** Where a control begins; undefined where it does not. */
export type InConfig = (file: SourceFile) => number | undefined;

/** A directive stands in a file of nginx. */
export function nginxDirective(name: string, fits: (args: readonly string[]) => boolean): InConfig {
  return (file) => {
    const read = readNginx(file);
    if (typeof read === 'string') return undefined;
    for (const one of allDirectives(read.top)) if (one.name === name && fits(one.args)) return one.at;
    return undefined;
  };
}

/** What the image runs as in the end. */
export function userOfImage(file: SourceFile): number | undefined {
  const image = readDockerfile(file);
  if (image === undefined || typeof image === 'string') return undefined;
  for (const { instructions } of finalStages(image)) {
    const user = instructions.findLast(({ name }) => name === 'USER');
    if (user !== undefined) return /^(?:root|0)(?::|$)/.test(user.text) ? undefined : user.at;
  }
  return undefined;
}

/** A text that no person writes. */
export function written(pattern: RegExp): InConfig {
  return ({ text }) => pattern.exec(text)?.index;
}
