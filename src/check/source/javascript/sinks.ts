/** Calls to which nothing from outside may come, and which of their arguments. */
import type { Call, Expression, Scope } from './ast.ts';
import { type JavaScriptFile, lastName } from './javascript-file.ts';

/** A call of one of some functions. */
export interface SinkCall {
  readonly names: readonly string[];
  /** Of the callee, as it was imported. Default: any. */
  readonly path?: RegExp;
  readonly value: (call: Call, scope: Scope, file: JavaScriptFile) => Expression | undefined;
}

const first = ({ args }: Call): Expression | undefined => args[0];

/** Every fixed text that is part of a value. */
export function textsOf(value: Expression, scope: Scope, file: JavaScriptFile, depth = 0): readonly string[] {
  if (depth > 12) return [];
  switch (value.kind) {
    case 'string':
      return [value.value];
    case 'template':
      return value.parts.flatMap((part) => textsOf(part, scope, file, depth + 1));
    case 'binary':
      return [
        ...textsOf(value.left, scope, file, depth + 1),
        ...textsOf(value.right, scope, file, depth + 1),
      ];
    case 'name': {
      const known = file.bindingsOf(value.id, scope);
      return known?.values.flatMap((one) => textsOf(one, known.scope, file, depth + 1)) ?? [];
    }
    case 'array':
      return value.items.flatMap((one) => textsOf(one, scope, file, depth + 1));
    case 'call':
      return value.callee.kind === 'member' ? textsOf(value.callee.object, scope, file, depth + 1) : [];
    case 'choice':
      return [...textsOf(value.yes, scope, file, depth + 1), ...textsOf(value.no, scope, file, depth + 1)];
    case 'assign':
    case 'constant':
    case 'function':
    case 'import':
    case 'index':
    case 'member':
    case 'object':
    case 'other':
    case 'parameter':
    case 'regex':
    case 'spread':
    case 'tagged':
    case 'unary':
      return [];
  }
}

const SQL =
  /\b(?:select\s.*\bfrom|insert\s+into|update\s+\S+\s+set|delete\s+from|where\s|order\s+by|group\s+by|limit\s|create\s+table|drop\s+table|alter\s+table|values\s*\(|union\s)/is;
const RAW =
  /^(?:unsafe|\$queryRawUnsafe|\$executeRawUnsafe|whereRaw|orderByRaw|havingRaw|joinRaw|groupByRaw)$/;

/** Queries as text. What belongs into a list of values is given there, and is no text of a query. */
export const SQL_SINKS: readonly SinkCall[] = [
  {
    names: [
      'query',
      'execute',
      'raw',
      'all',
      'get',
      'run',
      'exec',
      'prepare',
      'each',
      'any',
      'one',
      'none',
      'many',
      'oneOrNone',
      'manyOrNone',
      'queryRaw',
      'unsafe',
      '$queryRawUnsafe',
      '$executeRawUnsafe',
      'whereRaw',
      'orderByRaw',
      'havingRaw',
      'joinRaw',
      'groupByRaw',
      'literal',
    ],
    value(call, scope, file) {
      const text = file.optionsOf(call.args[0], scope)?.entry('text')?.value ?? call.args[0];
      if (text === undefined || text.kind === 'tagged') return undefined;
      const raw = RAW.test(lastName(call.callee) ?? '');
      return raw || textsOf(text, scope, file).some((one) => SQL.test(one)) ? text : undefined;
    },
  },
];

/** Command lines. A list of arguments is none, unless a shell gets it. */
export const COMMAND_SINKS: readonly SinkCall[] = [
  {
    names: ['exec', 'execSync', 'execCommand', 'execaCommand', 'execaCommandSync', 'command', 'commandSync'],
    path: /^(?:child_process|shelljs|execa|zx|cross-spawn)(?:\.|$)/,
    value: first,
  },
  {
    names: ['spawn', 'spawnSync', 'execFile', 'execFileSync', 'fork', 'sync', 'execa', 'default'],
    path: /^(?:child_process|cross-spawn|execa)(?:\.|$)/,
    value(call, scope, file) {
      const options = call.args.map((arg) => file.optionsOf(arg, scope)).find((one) => one !== undefined);
      const shell = options?.plain('shell');
      const withShell = shell === true || typeof shell === 'string';
      return withShell ? { kind: 'array', at: call.at, items: call.args.slice(0, 2) } : first(call);
    },
  },
];

/** Text that runs. */
export const EVAL_SINKS: readonly SinkCall[] = [
  { names: ['eval'], path: /^(?:(?:globalThis|window|global)\.)?eval$/, value: first },
  {
    names: ['Function'],
    path: /^(?:globalThis\.|window\.)?Function$/,
    value: ({ at, args }) => ({ kind: 'array', at, items: args }),
  },
  {
    names: [
      'runInContext',
      'runInNewContext',
      'runInThisContext',
      'Script',
      'compileFunction',
      'run',
      'runInContext',
    ],
    path: /^(?:vm|vm2|isolated-vm)\./,
    value: first,
  },
  {
    names: ['setTimeout', 'setInterval'],
    path: /^(?:globalThis\.|window\.)?set(?:Timeout|Interval)$/,
    value: ({ args: [code] }) => (code?.kind === 'template' || code?.kind === 'binary' ? code : undefined),
  },
  { names: ['require', 'import'], path: /^(?:require|import)$/, value: first },
];

const FS_NAMES = [
  'readFile',
  'readFileSync',
  'writeFile',
  'writeFileSync',
  'appendFile',
  'appendFileSync',
  'createReadStream',
  'createWriteStream',
  'unlink',
  'unlinkSync',
  'rm',
  'rmSync',
  'readdir',
  'readdirSync',
  'open',
  'openSync',
  'stat',
  'statSync',
  'existsSync',
  'access',
  'accessSync',
  'rename',
  'renameSync',
  'copyFile',
  'copyFileSync',
  'mkdir',
  'mkdirSync',
  'readJson',
  'readJSON',
  'outputFile',
  'remove',
  'move',
  'copy',
  'realpath',
  'lstat',
  'opendir',
];

/** Paths of files. */
export const PATH_SINKS: readonly SinkCall[] = [
  { names: FS_NAMES, path: /^(?:fs|fs\/promises|fs-extra|graceful-fs)(?:\.|$)/, value: first },
  {
    names: ['sendFile', 'download', 'sendfile'],
    path: /^@(?:res|response|reply)\b/,
    value(call, scope, file) {
      const given = call.args
        .slice(1)
        .map((arg) => file.optionsOf(arg, scope))
        .find((one) => one !== undefined);
      // Express and @fastify/static keep what they send below their root.
      return given?.has('root') === true || /^@reply\b/.test(file.path(call.callee, scope) ?? '')
        ? undefined
        : first(call);
    },
  },
];

/** Redirects. */
export const REDIRECT_SINKS: readonly SinkCall[] = [
  {
    names: ['redirect'],
    path: /^@(?:res|response|reply|rep|c|ctx|context|h)\b/,
    value: ({ args }) => args.findLast(({ kind }) => kind !== 'constant'),
  },
];

/** Requests that the server sends. */
export const REQUEST_SINKS: readonly SinkCall[] = [
  {
    names: ['fetch'],
    path: /^(?:(?:globalThis|undici|node-fetch|cross-fetch)\.)?fetch$|^node-fetch$|^cross-fetch$/,
    value: first,
  },
  ...['fetch', 'axios', 'got', 'needle', 'request', 'superagent', 'ky'].map((name) => ({
    names: [name, 'get', 'post', 'put', 'delete', 'patch', 'head', 'request', 'stream'],
    path: new RegExp(
      `^(?:${name}|axios\\.create\\(\\)|node-fetch|undici)(?:\\.(?:default|get|post|put|delete|patch|head|request|stream))?$`,
    ),
    value: (call: Call, scope: Scope, file: JavaScriptFile): Expression | undefined =>
      file.optionsOf(call.args[0], scope)?.entry('url')?.value ?? call.args[0],
  })),
  {
    names: ['get', 'request'],
    path: /^https?\.(?:get|request)$/,
    value: (call, scope, file) => {
      const options = file.optionsOf(call.args[0], scope);
      return options === undefined
        ? call.args[0]
        : (options.entry('hostname') ?? options.entry('host'))?.value;
    },
  },
];
