/** nginx's configuration as rules see it: directives, with blocks below them. */
import type { SourceFile } from '../source-file.ts';

/** One directive. */
export interface Directive {
  readonly name: string;
  /** Where it is written: what is included stands in another file. */
  readonly file: SourceFile;
  readonly args: readonly string[];
  readonly at: number;
  readonly block: readonly Directive[] | undefined;
  readonly parent: Directive | undefined;
}

/** What a file holds. */
export interface Nginx {
  readonly top: readonly Directive[];
}

const MOST_DEPTH = 20;
const TOKEN =
  /#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|(?:\$\{[^}\s]*\}|\\.|[^\s{};"'#\\])(?:\$\{[^}\s]*\}|\\.|[^\s{};\\])*/gs;

/** What an `include` stands for, where that is known. */
export type Include = (
  pattern: string,
  from: SourceFile,
  parent: Directive | undefined,
) => readonly Directive[] | undefined;

/** Whether a file is one: others have the same suffix. */
export function isNginx(text: string): boolean {
  return (
    /\b(?:server|http|upstream|location)\b[^{};]{0,500}\{/.test(text) &&
    !/^\s*<\/?(?:VirtualHost|Directory|IfModule|Location)/im.test(text)
  );
}

/** Reads one; what it includes stands in the place of its include, where it is handed over. */
export function readNginx(
  file: SourceFile,
  include: Include = () => undefined,
  parent?: Directive,
): Nginx | string {
  const top: Directive[] = [];
  const open: { readonly block: Directive[]; readonly directive: Directive | undefined }[] = [
    { block: top, directive: parent },
  ];
  let words: string[] = [];
  let start = 0;
  for (const { 0: token, index } of file.text.matchAll(TOKEN)) {
    if (token.startsWith('#')) continue;
    const here = open.at(-1);
    if (here === undefined) return 'a bracket too many';
    if (token === ';' || token === '{') {
      const [name = '', ...args] = words;
      const block: Directive[] | undefined = token === '{' ? [] : undefined;
      const directive: Directive = { name, file, args, at: start, block, parent: here.directive };
      const included =
        name === 'include' && block === undefined ? include(args[0] ?? '', file, here.directive) : undefined;
      if (included !== undefined) here.block.push(...included);
      else if (name !== '') here.block.push(directive);
      if (block !== undefined) open.push({ block, directive });
      if (open.length > MOST_DEPTH) return `blocks in blocks, more than ${MOST_DEPTH} deep`;
      words = [];
    } else if (token === '}') {
      words = [];
      if (open.length === 1) return 'a bracket too many';
      open.pop();
    } else {
      if (words.length === 0) start = index;
      words.push(/^["']/.test(token) ? token.slice(1, -1) : token);
    }
  }
  return open.length === 1 ? { top } : 'a block without an end';
}

/** All of them, those of blocks included. */
export function* allDirectives(block: readonly Directive[]): Generator<Directive> {
  for (const one of block) {
    yield one;
    if (one.block !== undefined) yield* allDirectives(one.block);
  }
}

/** What holds at a place: of the nearest block that says it. */
export function inForce(at: Directive, name: string): Directive | undefined {
  for (let one: Directive | undefined = at; one !== undefined; one = one.parent) {
    const found = one.block?.findLast((inner) => inner.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}
