/** JavaScript over several files: each parsed once, with what goes from where to where. */
import { posix } from 'node:path';
import { FlowBook, NOT_FOLLOWED } from '../python/flow-book.ts';
import type { SourceFile } from '../source-file.ts';
import type { SourceTree } from '../source-tree.ts';
import type { Expression } from './ast.ts';
import { guardedBefore } from './guards.ts';
import { INPUT_WORDS } from './inputs.ts';
import { JavaScriptFile, lastName } from './javascript-file.ts';
import { keyOfCallee, originsOf, withoutRoom } from './origins.ts';
import { parseJavaScript } from './parse-javascript.ts';

const SUFFIXES = [
  '',
  '.ts',
  '.js',
  '.mjs',
  '.cjs',
  '.mts',
  '.cts',
  '.tsx',
  '.jsx',
  '/index.ts',
  '/index.js',
  '/index.mjs',
];
const WORDS = new RegExp(INPUT_WORDS);

/** All of it, for one run. */
export class JavaScriptProject {
  readonly flows: FlowBook;
  readonly #tree: SourceTree;
  #last: { readonly source: SourceFile; readonly file: JavaScriptFile | undefined } | undefined;
  readonly #noted = new Set<string>();
  readonly #verified = new Set<string>();
  #settled = false;

  constructor(tree: SourceTree) {
    this.#tree = tree;
    this.flows = new FlowBook((path) => this.cut(path));
  }

  /** Notes that values of a file were not followed to their end. */
  cut(path: string): void {
    this.#tree.notScan({ path, why: NOT_FOLLOWED });
  }

  /** One file; undefined where it could not be understood at all. Rules ask for one after the other. */
  look(source: SourceFile): JavaScriptFile | undefined {
    if (this.#last?.source === source) return this.#last.file;
    const parsed = isBundle(source.text)
      ? { why: 'lines as long as these were put together by a program: check its sources' }
      : parseJavaScript(source.path, source.text);
    const file = 'why' in parsed ? undefined : new JavaScriptFile(source, parsed);
    this.#last = { source, file };
    const why = 'why' in parsed ? parsed.why : undefined;
    const broken = 'why' in parsed ? undefined : parsed.broken;
    if (why !== undefined) this.#tree.notScan({ path: source.path, why });
    else if (broken !== undefined)
      this.#tree.notScan({ path: source.path, why: `not understood at line ${source.where(broken).line}` });
    if (file !== undefined) this.#note(file);
    return file;
  }

  /** The key of a function that a path leads to. */
  keyOfPath(path: string, from: string): string | undefined {
    // `./lib/users.find`: the longest part that is a file, then the name.
    const dots = [...path.matchAll(/\./g)]
      .map(({ index }) => index)
      .filter((at) => at > path.lastIndexOf('/'));
    for (const end of [path.length, ...dots.toReversed()]) {
      const module = this.#resolve(path.slice(0, end), from);
      if (module === undefined) continue;
      const name = path.slice(end + 1).replace(/\(\).*$/, '');
      return `${module}:${name === '' ? 'default' : name}`;
    }
    return undefined;
  }

  /** Whether the token of a header is verified somewhere in the tree: a step before has, wherever another reads it again. */
  verifiesHeader(name: string): boolean {
    return this.#verified.has(name.toLowerCase());
  }

  #noteVerified(file: JavaScriptFile): void {
    for (const { call, scope } of file.calls('verify', 'jwtVerify', 'verifyAsync')) {
      const [token] = call.args;
      const name = token === undefined ? undefined : headerOf(file.valueOf(token, scope).value);
      if (name !== undefined) this.#verified.add(name);
    }
  }

  /** Tells the rules what reaches their places: once, when all files have been seen. */
  settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.flows.settle();
  }

  #resolve(module: string, from: string): string | undefined {
    if (!module.startsWith('.')) return undefined;
    const base = posix.normalize(posix.join(posix.dirname(from), module));
    if (base.startsWith('..')) return undefined;
    const bare = base.replace(/\.[cm]?js$/, '');
    return [...SUFFIXES.map((suffix) => base + suffix), ...SUFFIXES.map((suffix) => bare + suffix)].find(
      (path) => this.#tree.paths.has(path),
    );
  }

  /** What functions are given and answer. */
  #note(file: JavaScriptFile): void {
    const { path, text } = file.source;
    if (this.#noted.has(path)) return;
    this.#noted.add(path);
    this.#noteVerified(file);
    for (const scope of file.parsed.scopes) {
      if (scope.parent === undefined) continue;
      const answers = withoutRoom(scope.returns.flatMap((one) => originsOf(one, scope, file, this)));
      this.flows.answer(file.keyOf(scope), answers);
    }
    if (!WORDS.test(text)) return;
    for (const { call, scope } of file.allCalls()) {
      if (call.args.length === 0 || lastName(call.callee) === 'require') continue;
      const key = keyOfCallee(call.callee, file.path(call.callee, scope), scope, file, this);
      if (key === undefined) continue;
      const guarded = guardedBefore(scope, call.at);
      for (const [place, arg] of call.args.entries()) {
        const origins = withoutRoom(originsOf(arg, scope, file, this, guarded));
        if (origins.length > 0) this.flows.give(key, place, origins, file.source.where(call.at));
      }
    }
  }
}

/** `ctx.get('x-token')`, `req.header('x-token')`: which header is read. */
export function headerOf(value: Expression): string | undefined {
  if (value.kind !== 'call' || !/^(?:get|header)$/.test(lastName(value.callee) ?? '')) return undefined;
  const [name] = value.args;
  return name?.kind === 'string' ? name.value.toLowerCase() : undefined;
}

/** A line of people has an end. */
function isBundle(text: string): boolean {
  if (text.length < 20_000) return false;
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return text.length / lines > 300;
}

/** Whether a path is one of JavaScript that somebody wrote. */
export function isJavaScript(path: string): boolean {
  return (
    /\.(?:[cm]?[jt]s|[jt]sx)$/.test(path) &&
    !/\.d\.[cm]?ts$|[.-]min\.js$|(?:^|\/)(?:dist|build|vendor|vendors|third[_-]party|bundle|coverage|\.next|\.nuxt)\//.test(
      path,
    )
  );
}
