/** What strangers choose must not become code, a query, a path, an address or markup. */
import type { SourceRule } from '../source-rule.ts';
import type { Expression, Scope } from './ast.ts';
import { domRules } from './html-rules.ts';
import { INPUT_WORDS } from './inputs.ts';
import type { JavaScriptFile } from './javascript-file.ts';
import { type JavaScriptRule, javaScriptRule, type Reached, watch } from './javascript-rule.ts';
import { objectRules } from './object-rules.ts';
import {
  COMMAND_SINKS,
  EVAL_SINKS,
  PATH_SINKS,
  REDIRECT_SINKS,
  REQUEST_SINKS,
  type SinkCall,
  SQL_SINKS,
} from './sinks.ts';

interface FlowRule
  extends Omit<JavaScriptRule, 'look' | 'words' | 'level'>, Pick<Reached, 'harmless' | 'fix'> {
  readonly sinks: readonly SinkCall[];
  /** Without any of them, or of a request, a file is none of its business. */
  readonly words: RegExp;
  /** Goes on behind what came in: `becomes part of a query`. */
  readonly says: string;
  /** Of the argument: it settles what a request cannot change any more. */
  readonly fixed?: (value: Expression, scope: Scope, file: JavaScriptFile) => boolean;
}

function flowRule({ sinks, words, says, fix, fixed, harmless, ...facts }: FlowRule): SourceRule {
  return javaScriptRule({
    ...facts,
    level: 'error',
    words: new RegExp(`${INPUT_WORDS}|${words.source}`, 'i'),
    look(file, say, project) {
      const done = new Set<number>();
      for (const { names: own, path, value } of sinks) {
        for (const { call, scope } of file.calls(...own)) {
          if (done.has(call.at)) continue;
          if (path !== undefined && !path.test(file.path(call.callee, scope) ?? '')) continue;
          const given = value(call, scope, file);
          if (given === undefined || fixed?.(given, scope, file) === true) continue;
          done.add(call.at);
          watch(file, say, project, {
            value: given,
            call,
            scope,
            message: (what) => `${what} ${says}`,
            fix,
            ...(harmless !== undefined && { harmless }),
          });
        }
      }
    },
  });
}

const NO_TEXT_OF_A_CLIENT = /^request\.(?:ip|hostname)$/;

/** Rules about flows. */
export const javaScriptFlowRules: readonly SourceRule[] = [
  flowRule({
    id: 'javascript.sql',
    title: 'No query is put together out of what a request holds',
    guide: 12,
    asvs: ['v5.0.0-1.2.4 (in part)'],
    cwe: ['CWE-89'],
    words:
      /\b(?:select\s|insert\s+into|update\s|delete\s+from|where\s|order\s+by)|Raw\b|RawUnsafe|\.unsafe\(/,
    sinks: SQL_SINKS,
    says: 'becomes part of the text of a query',
    fix: "db.query('SELECT id, title FROM notes WHERE owner = $1', [owner])",
  }),
  flowRule({
    id: 'javascript.command',
    title: 'No command line is put together out of what a request holds',
    guide: 12,
    asvs: ['v5.0.0-1.2.5 (in part)'],
    cwe: ['CWE-78'],
    words: /child_process|execa|shelljs|cross-spawn|['"]zx/,
    sinks: COMMAND_SINKS,
    says: 'becomes part of a command line',
    fix: "execFile('convert', ['--', path, 'out.png'], { timeout: 10_000 })  // a list, without a shell",
  }),
  flowRule({
    id: 'javascript.eval',
    title: 'Nothing that a request holds is run as code',
    guide: 12,
    asvs: ['v5.0.0-1.3.2 (in part)'],
    cwe: ['CWE-95'],
    words:
      /\beval\b|\bFunction\(|['"](?:node:)?vm2?['"]|isolated-vm|(?:require|import)\((?!['"`])|set(?:Timeout|Interval)\(\s*['"`]/,
    sinks: EVAL_SINKS,
    says: 'is run as code',
    fix: 'const sorters = { name: byName, date: byDate };\nconst sorter = Object.hasOwn(sorters, wanted) ? sorters[wanted] : byName;',
  }),
  flowRule({
    id: 'javascript.template-string',
    title: 'No template is made out of what a request holds',
    guide: 12,
    asvs: ['v5.0.0-1.3.7 (in part)'],
    cwe: ['CWE-1336'],
    words:
      /ejs|pug|jade|handlebars|nunjucks|mustache|\beta\b|lodash|underscore|liquid|squirrelly|swig|\bdot\b/,
    sinks: [
      {
        names: ['render', 'compile', 'renderString', 'template', 'renderAsync', 'renderStringAsync'],
        path: /^(?:ejs|pug|jade|handlebars|hbs|nunjucks|mustache|eta|lodash|underscore|dot|doT|liquidjs|squirrelly|swig)\b/i,
        value: ({ args }) => args[0],
      },
    ],
    says: 'is read as a template, which runs what it says',
    fix: "res.render('greeting', { name })  // the template is a file, the value one of its values",
  }),
  flowRule({
    id: 'javascript.path',
    title: 'No path of a file is put together out of what a request holds',
    guide: 12,
    asvs: ['v5.0.0-5.3.2 (in part)'],
    cwe: ['CWE-22'],
    words: /['"](?:node:)?fs\b|fs-extra|graceful-fs|sendFile|\.download\(/,
    sinks: PATH_SINKS,
    says: 'becomes part of the path of a file',
    fix: 'res.sendFile(name, { root: FILES })  // or a name that the server made, looked up by id',
    harmless: NO_TEXT_OF_A_CLIENT,
  }),
  flowRule({
    id: 'javascript.redirect',
    title: 'No redirect leads where a request says',
    guide: 9,
    asvs: ['v5.0.0-3.7.2 (in part)'],
    cwe: ['CWE-601'],
    words: /redirect/,
    sinks: REDIRECT_SINKS,
    says: 'says where a redirect leads',
    fix: "const to = new URL(next, 'https://notes.example.com');\nres.redirect(to.origin === 'https://notes.example.com' ? to.pathname : '/')",
    fixed: startsFixed,
    harmless: /^request\.(?:path|originalUrl|url|headers|get\(\)|header\(\)|hostname|host)$/,
  }),
  flowRule({
    id: 'javascript.ssrf',
    title: 'No request goes out to an address that a request names',
    guide: 12,
    asvs: ['v5.0.0-1.3.6 (in part)'],
    cwe: ['CWE-918'],
    words: /\bfetch\b|axios|['"]got['"]|needle|superagent|undici|['"](?:node:)?https?['"]|['"]request['"]/,
    sinks: REQUEST_SINKS,
    says: 'says where a request of the server goes',
    fix: "import { safeFetch } from 'bulwark/outbound';  // public addresses only, redirects too\nawait safeFetch(url)",
    fixed: startsFixed,
    // In a page, the browser decides what may be asked for.
    harmless: /^(?:location|document)/,
  }),
  ...domRules,
  ...objectRules,
];

/** Begins with a host that is written down, or with a path of this one: what comes behind leads nowhere else. */
export function startsFixed(value: Expression, scope: Scope, file: JavaScriptFile): boolean {
  const start = startOf(value, scope, file, 0);
  return start !== undefined && /^(?:https?:\/\/[^/\s]+[/?#]|\/[^/\\\s]|[?#])/.test(start);
}

function startOf(value: Expression, scope: Scope, file: JavaScriptFile, depth: number): string | undefined {
  if (depth > 8) return undefined;
  const { value: followed, scope: at } = file.valueOf(value, scope);
  switch (followed.kind) {
    case 'string':
      return followed.value;
    case 'template': {
      const [first, second] = followed.parts;
      if (first === undefined) return undefined;
      const start = startOf(first, at, file, depth + 1);
      // `${BASE}/path`, where the base is written down or is the server's own setting.
      if (start === undefined) return isSetting(first, at, file) ? 'https://setting/' : undefined;
      return start + (second?.kind === 'string' ? second.value : '\u0001');
    }
    case 'binary':
      if (followed.operator !== '+') return undefined;
      return isSetting(followed.left, at, file)
        ? 'https://setting/'
        : withMore(startOf(followed.left, at, file, depth + 1));
    case 'call': {
      const path = file.path(followed.callee, at);
      const [address, base] = followed.args;
      return path === 'URL' && address !== undefined && base === undefined
        ? startOf(address, at, file, depth + 1)
        : undefined;
    }
    case 'array':
    case 'assign':
    case 'choice':
    case 'constant':
    case 'function':
    case 'import':
    case 'index':
    case 'member':
    case 'name':
    case 'object':
    case 'other':
    case 'parameter':
    case 'regex':
    case 'spread':
    case 'tagged':
    case 'unary':
      return undefined;
  }
}

const withMore = (start: string | undefined): string | undefined =>
  start === undefined ? undefined : `${start}\u0001`;

function isSetting(value: Expression, scope: Scope, file: JavaScriptFile): boolean {
  const path = file.path(value, scope) ?? '';
  return (
    /^(?:process\.env|import\.meta\.env|env|config|settings|options|this)\b|^[A-Z][A-Z0-9_]+$/.test(path) ||
    (value.kind === 'name' && /^[A-Z][A-Z0-9_]+$/.test(value.id))
  );
}
