import { resolve, sep } from 'node:path';

/** A part of a path that most servers are told to hand out, if there is one: whoever guesses a name has what is in it. */
export function servedFolder(directory: string): string | undefined {
  return resolve(directory)
    .split(sep)
    .find((part) => SERVED.test(part));
}

const SERVED = /^(?:public|static|assets|www|wwwroot|htdocs|html|public_html|webroot|dist)$/i;
