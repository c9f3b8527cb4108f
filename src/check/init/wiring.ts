/** Where the layer goes into a file, by kind of project: the edits, or the lines for whoever knows the file better. */
import { type Edit, lineEnd } from '../fix/edit.ts';
import { shownPath } from './shown-path.ts';
import type { Argument, Called, ModuleFacts, Range } from './read-module.ts';

/** What makes an application. */
export type Kind = 'express' | 'fastify' | 'hono' | 'node';

/** What is written by hand: where, and which lines. */
export interface ByHand {
  readonly where: string;
  readonly lines: readonly string[];
}

/** What becomes of one file. */
export interface Wiring {
  readonly edits: readonly Edit[];
  readonly byHand: readonly ByHand[];
}

/** The call that makes the application in a file, and what is known of it. */
export interface Found {
  readonly kind: Kind;
  readonly module: ModuleFacts;
  readonly call: Called;
}

const HTTP = /^(?:node:)?http$/;

/** Every call of a file that makes an application of some kind. */
export function findApplications(module: ModuleFacts): readonly Found[] {
  return module.calls.flatMap((call) => {
    const kind = kindOf(module, call);
    return kind === undefined ? [] : [{ kind, module, call }];
  });
}

function kindOf(module: ModuleFacts, call: Called): Kind | undefined {
  const { source, imported } = calledOf(module, call.callee);
  if (source === 'express' && imported === 'default') return 'express';
  if (source === 'fastify' && /^(?:default|fastify)$/.test(imported)) return 'fastify';
  if (source === '@hono/node-server' && /^(?:serve|createAdaptorServer)$/.test(imported)) return 'hono';
  if (HTTP.test(source) && imported === 'createServer') return 'node';
  return undefined;
}

/** What a callee is of which module: `createServer`, `http.createServer` and `require('http').createServer` alike. */
export function calledOf(
  module: ModuleFacts,
  callee: string,
): { readonly source: string; readonly imported: string } {
  const required = /^require\(\s*(['"])([^'"]+)\1\s*\)(?:\.(\w+))?$/.exec(callee);
  if (required !== null) return { source: required[2] ?? '', imported: required[3] ?? 'default' };
  const [, local, member] = /^(\w+)(?:\.(\w+))?$/.exec(callee) ?? [];
  const found = module.bound.find((one) => one.local === local);
  if (found === undefined) return { source: '', imported: '' };
  if (member === undefined) return found;
  return { source: found.source, imported: found.imported === 'default' ? member : '' };
}

/** How a file says where its policy comes from. */
export interface PolicyPlace {
  /** `await loadPolicy('bulwark.config.ts')`, or an import of the file itself. */
  readonly expression: string;
  readonly imports: readonly string[];
}

/** Puts the layer in front. Where something is not as it usually is, nothing of it is changed. */
export function wire(found: Found, policy: PolicyPlace): Wiring {
  const { kind, module, call } = found;
  const taken = ['bulwark', 'layer', 'policy', 'loadPolicy'].filter((name) => module.names.has(name));
  if (taken.length > 0)
    return byHand(found, policy, `${shownPath(module.path)} has a name ${taken.join(', ')} of its own`);
  const applied = WIRED[kind](found);
  if (applied === undefined) return byHand(found, policy, placeOf(module, call));
  const end = lineEnd(module.text);
  const indent = indentOf(module.text, call.statement.from);
  const imports = [`import { bulwark } from 'bulwark/${kind}';`, ...policy.imports];
  const declared = `const layer = bulwark(${policy.expression});`;
  const styled = (line: string): string => inStyle(module.text, line);
  const before: Edit[] =
    module.style === 'import'
      ? [
          importEdit(module, imports),
          { from: call.statement.from, to: call.statement.from, text: `${styled(declared)}${end}${indent}` },
        ]
      : [
          {
            from: call.statement.from,
            to: call.statement.from,
            text: [`const { bulwark } = require('bulwark/${kind}');`, declared]
              .map((line) => styled(line) + end + indent)
              .join(''),
          },
        ];
  return { edits: [...before, ...applied.edits], byHand: applied.byHand };
}

type Wire = (found: Found) => Wiring | undefined;

const WIRED: Readonly<Record<Kind, Wire>> = {
  express: wireExpress,
  fastify: wireFastify,
  hono: wireHono,
  node: wireNode,
};

function wireExpress({ module, call }: Found): Wiring | undefined {
  const { variable, statement } = call;
  if (variable === undefined || !call.isDeclaration || call.args.length > 0) return undefined;
  const { text } = module;
  const line = `${lineEnd(text)}${indentOf(text, statement.from)}${inStyle(text, `app.use(layer);`).replace('app', variable)}`;
  const edits: Edit[] = [{ from: statement.to, to: statement.to, text: line }];
  const listening = module.calls.filter(
    (one) => isWithin(one, call.block) && one.from > call.to && makesServer(module, one, variable),
  );
  const [server] = listening;
  if (server === undefined || listening.length > 1) {
    return {
      edits,
      byHand: [
        {
          where:
            'where the application listens (it is found there as well, with timeouts that are looked at less often)',
          lines: [`layer.createServer(${variable}).listen(port);`],
        },
      ],
    };
  }
  const { from, to } = server.calleeRange;
  const replaced: Edit =
    server.callee === `${variable}.listen`
      ? { from, to, text: `layer.createServer(${variable}).listen` }
      : { from, to, text: 'layer.createServer' };
  return { edits: [...edits, replaced], byHand: [] };
}

function makesServer(module: ModuleFacts, { callee, args }: Called, variable: string): boolean {
  if (callee === `${variable}.listen`) return true;
  const { source, imported } = calledOf(module, callee);
  return HTTP.test(source) && imported === 'createServer' && args.length === 1 && args[0]?.text === variable;
}

function wireFastify({ module, call }: Found): Wiring | undefined {
  const [options] = call.args;
  if (call.variable === undefined || !call.isDeclaration || call.args.length > 1) return undefined;
  const entry = 'serverFactory: layer.serverFactory';
  if (options === undefined) {
    const at = call.to - 1;
    return { edits: [{ from: at, to: at, text: `{ ${entry} }` }], byHand: [] };
  }
  if (options.entries.some(({ name }) => /^(?:\.\.\.|serverFactory|https?|http2)$/.test(name)))
    return undefined;
  return withEntry(module.text, options, entry);
}

function wireHono({ module, call }: Found): Wiring | undefined {
  const [served] = call.args;
  const entry = 'createServer: layer.createServer';
  if (served?.kind === 'VariableName')
    return {
      edits: [{ ...rangeOf(served), text: `{ fetch: ${served.text}.fetch, ${entry} }` }],
      byHand: [],
    };
  if (served === undefined || served.entries.some(({ name }) => /^(?:\.\.\.|createServer)$/.test(name)))
    return undefined;
  return withEntry(module.text, served, entry);
}

function wireNode({ call }: Found): Wiring | undefined {
  const [listener] = call.args;
  if (call.args.length !== 1 || listener === undefined) return undefined;
  if (!/^(?:ArrowFunction|FunctionExpression|VariableName)$/.test(listener.kind)) return undefined;
  return {
    edits: [
      { ...call.calleeRange, text: 'layer.createServer' },
      { from: listener.from, to: listener.from, text: 'layer.handler(' },
      { from: listener.to, to: listener.to, text: ')' },
    ],
    byHand: [],
  };
}

/** Puts an entry before the others of an object. */
function withEntry(text: string, { kind, from, to, entries }: Argument, entry: string): Wiring | undefined {
  if (kind !== 'ObjectExpression') return undefined;
  const [first] = entries;
  if (first === undefined) return { edits: [{ from, to, text: `{ ${entry} }` }], byHand: [] };
  const between = text.slice(from + 1, first.from);
  // A comment between them says something of the first one.
  if (between.trim() !== '') return undefined;
  const at = first.from;
  const gap = /[\r\n]/.test(between) ? between.replace(/^[ \t]+/, '') : ' ';
  return { edits: [{ from: at, to: at, text: `${entry},${gap}` }], byHand: [] };
}

/** All of it, for whoever writes it. */
export function byHand({ kind, module }: Found, policy: PolicyPlace, where: string): Wiring {
  const imports =
    module.style === 'import'
      ? [`import { bulwark } from 'bulwark/${kind}';`, ...policy.imports]
      : [`const { bulwark } = require('bulwark/${kind}');`];
  return {
    edits: [],
    byHand: [{ where, lines: [...imports, `const layer = bulwark(${policy.expression});`, ...LINES[kind]] }],
  };
}

/** By kind, behind the layer's own line. */
const LINES: Readonly<Record<Kind, readonly string[]>> = {
  express: ['app.use(layer); // before everything else', 'layer.createServer(app).listen(port);'],
  fastify: ['const app = Fastify({ serverFactory: layer.serverFactory });'],
  hono: ['serve({ fetch: app.fetch, createServer: layer.createServer, port });'],
  node: ['layer.createServer(layer.handler(listener)).listen(port);'],
};

/** `server.js:12`, as compilers say it. */
export function placeOf({ path, text }: Pick<ModuleFacts, 'path' | 'text'>, { from }: Range): string {
  return `${shownPath(path)}:${text.slice(0, from).split('\n').length}`;
}

function isWithin({ from, to }: Range, block: Range): boolean {
  return from >= block.from && to <= block.to;
}

function rangeOf({ from, to }: Range): Range {
  return { from, to };
}

/** What stands before a statement on its line. */
export function indentOf(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, at))?.[0] ?? '';
}

/** Lines behind the last import, which may itself be on its way out: so they stand at the beginning of the next line. */
export function importEdit({ text, importsEnd }: ModuleFacts, lines: readonly string[]): Edit {
  const end = lineEnd(text);
  const rest = /^[ \t]*\r?\n/.exec(text.slice(importsEnd));
  if (importsEnd === 0 || rest !== null) {
    const at = importsEnd + (rest?.[0].length ?? 0);
    return { from: at, to: at, text: lines.map((line) => inStyle(text, line) + end).join('') };
  }
  return { from: importsEnd, to: importsEnd, text: lines.map((line) => end + inStyle(text, line)).join('') };
}

/** Quotes and semicolons as the file has them. */
function inStyle(text: string, line: string): string {
  const quoted = (text.match(/"/g)?.length ?? 0) > (text.match(/'/g)?.length ?? 0);
  const ended = (text.match(/;[ \t]*\r?$/gm)?.length ?? 0) > 0;
  const styled = quoted ? line.replaceAll("'", '"') : line;
  return ended ? styled : styled.replace(/;$/, '');
}
