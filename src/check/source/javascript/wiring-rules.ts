/** What an application is put together of: what it lacks is said where it is made. */
import { CSP } from '../../mends/browser-mends.ts';
import type { SourceFile } from '../source-file.ts';
import type { SourceRule } from '../source-rule.ts';
import type { Call } from './ast.ts';
import { type JavaScriptFile, lastName } from './javascript-file.ts';
import { isTest, javaScriptRule, projectOf } from './javascript-rule.ts';
import { isJavaScript } from './project.ts';
import { plugins } from './settings-rules.ts';

const MAKES = /^(?:express|fastify|fastify\.fastify|Fastify|hono\.Hono|@hono\/zod-openapi\.OpenAPIHono)$/;
/** Packages of ours bring all of it. */
const OURS = /\bbulwark(?:\/[\w-]+)?['"]/;
const SIGN_IN =
  /^(?!.*(?:out|revoke)\b)(?:|.*\/)(?:log-?in|sign-?in|signin|sessions?(?=$|\/(?:new|create)\b)|auth|authenticate|token|password|forgot|reset|otp|2fa|mfa|register|sign-?up)(?:$|[/:-])/i;

interface Place {
  readonly file: SourceFile;
  readonly at: number;
}

/** Says something of applications where nothing in the whole tree answers to a pattern. */
function missingRule(
  facts: Omit<Parameters<typeof javaScriptRule>[0], 'look' | 'words'> & {
    readonly has: RegExp;
    readonly where: (file: JavaScriptFile) => readonly number[];
    readonly words: RegExp;
    readonly message: string;
    readonly fix: string;
  },
): SourceRule {
  const { has, where, words, message, fix, ...rest } = facts;
  return {
    ...rest,
    needs: 'source',
    start(tree) {
      const project = projectOf(tree);
      const places: Place[] = [];
      let found = false;
      return {
        reads: (path) => isJavaScript(path) && !isTest(path),
        look(source, say) {
          if (found) return;
          if (OURS.test(source.text) || has.test(source.text)) found = true;
          else if (words.test(source.text) && places.length < 50) {
            const file = project.look(source);
            for (const at of file === undefined ? [] : where(file)) places.push({ file: source, at });
          }
          void say;
        },
        end(say) {
          project.settle();
          if (!found) for (const at of places) say({ at, message, fix });
        },
      };
    },
  };
}

/** Where an application is made. */
function made(file: JavaScriptFile): readonly number[] {
  const places: number[] = [];
  for (const { call, scope } of file.allCalls()) {
    if (MAKES.test(file.path(call.callee, scope) ?? '') && file.source.text.includes('listen'))
      places.push(call.at);
  }
  return places.slice(0, 1);
}

/** Rules about wiring. */
export const javaScriptWiringRules: readonly SourceRule[] = [
  missingRule({
    id: 'javascript.headers',
    title: 'Headers that protect pages are set on every answer',
    level: 'warning',
    guide: 4,
    asvs: ['v5.0.0-3.4.3 (in part)', 'v5.0.0-3.4.4 (in part)'],
    cwe: ['CWE-693', 'CWE-1021'],
    words: /express|fastify|hono/i,
    has: /['"](?:helmet|@fastify\/helmet|hono\/secure-headers|koa-helmet|lusca|fastify-helmet)['"]|content-security-policy|x-content-type-options/i,
    where: made,
    message: 'nothing in the application sets a content security policy or the headers beside it',
    fix: 'app.use(helmet())',
  }),
  missingRule({
    id: 'javascript.sign-in-limit',
    title: 'Sign-in is limited',
    level: 'warning',
    guide: 8,
    asvs: ['v5.0.0-6.3.1 (in part)'],
    cwe: ['CWE-307'],
    words: /\.post\(|method:/,
    has: /['"](?:express-rate-limit|rate-limiter-flexible|@fastify\/rate-limit|fastify-rate-limit|hono-rate-limiter|express-slow-down|express-brute|koa-ratelimit|limiter|bottleneck|@upstash\/ratelimit|@nestjs\/throttler)['"]|rateLimit|rate_limit/i,
    where: (file) =>
      routesIn(file)
        .filter(({ path, method }) => method === 'post' && SIGN_IN.test(path))
        .slice(0, 3)
        .map(({ call }) => call.at),
    message: 'passwords can be tried here without any limit',
    fix: "app.post('/login', rateLimit({ windowMs: 15 * 60_000, limit: 10 }), signIn)",
  }),
  missingRule({
    id: 'javascript.csrf',
    title: 'Forms of other sites are told from our own',
    level: 'warning',
    guide: 6,
    asvs: ['v5.0.0-3.5.1 (in part)'],
    cwe: ['CWE-352'],
    words: /express-session|cookie-session|@fastify\/(?:session|secure-session)|passport/,
    has: /['"](?:csurf|csrf|csrf-csrf|csrf-sync|lusca|@fastify\/csrf-protection|hono\/csrf|tiny-csrf|@dr\.pogodin\/csurf)['"]|sec-fetch-site|sameSite:\s*['"]strict|csrf|xsrf|(?:headers\.|headers\[['"]|get\(['"])origin\b/i,
    where: (file) =>
      [...plugins(file, /^(?:express-session|cookie-session|@fastify\/(?:session|secure-session))$/)]
        .slice(0, 1)
        .map(({ call }) => call.at),
    message: 'there are sessions in cookies, and nothing asks where a form came from',
    fix: 'const { csrfSynchronisedProtection } = csrfSync();\napp.use(csrfSynchronisedProtection)',
  }),
  javaScriptRule({
    id: 'javascript.csp',
    mend: CSP,
    title: 'The content security policy is on, and keeps script of others out',
    level: 'warning',
    guide: 3,
    asvs: ['v5.0.0-3.4.3 (in part)'],
    cwe: ['CWE-693', 'CWE-79'],
    words: /helmet|secureHeaders|contentSecurityPolicy/,
    look(file, say) {
      const fix =
        "helmet({ contentSecurityPolicy: { directives: { scriptSrc: [\"'self'\", (req, res) => `'nonce-${res.locals.nonce}'`] } } })";
      for (const { call, options } of plugins(
        file,
        /^(?:helmet|@fastify\/helmet|koa-helmet|helmet\.contentSecurityPolicy|hono\/secure-headers\.secureHeaders)$/,
      )) {
        if (options?.plain('contentSecurityPolicy') === false)
          say({
            at: { file: file.source, at: options.entry('contentSecurityPolicy')?.at ?? call.at },
            message: 'the content security policy is switched off',
            fix,
          });
        const directives =
          (options?.inner('contentSecurityPolicy') ?? options)?.inner('directives') ??
          options?.inner('contentSecurityPolicy');
        for (const key of ['scriptSrc', 'script-src', 'defaultSrc', 'default-src']) {
          const list = directives?.value(key);
          const words =
            list?.kind === 'array'
              ? list.items.flatMap((one) => (one.kind === 'string' ? [one.value] : []))
              : list?.kind === 'string'
                ? [list.value]
                : [];
          const strict =
            words.some((one) => /nonce-|sha\d{3}-|strict-dynamic/.test(one)) ||
            (list?.kind === 'array' && list.items.some(({ kind }) => kind !== 'string'));
          const open =
            words.find((one) => /^(?:\*|https?:|data:)$/.test(one)) ??
            (strict
              ? undefined
              : words.find((one) => one.includes('unsafe-inline') && key.startsWith('script')));
          if (open !== undefined)
            say({
              at: { file: file.source, at: directives?.entry(key)?.at ?? call.at },
              message: `${key} lets in ${open}`,
              fix,
            });
        }
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.proxy',
    title: 'Addresses of clients are believed of the own proxy alone',
    level: 'warning',
    guide: 9,
    asvs: ['v5.0.0-15.3.4 (in part)'],
    cwe: ['CWE-348'],
    words: /trust proxy|trustProxy/,
    look(file, say) {
      const fix =
        "app.set('trust proxy', '10.0.0.0/8')  // the network of the proxy, which has to set X-Forwarded-Host";
      const message = 'whatever a client says about its own address is believed';
      for (const { call } of file.calls('set', 'enable')) {
        const [name, value] = call.args;
        if (name?.kind !== 'string' || name.value !== 'trust proxy') continue;
        if (lastName(call.callee) === 'enable' || (value?.kind === 'constant' && value.value === true))
          say({ at: { file: file.source, at: call.at }, message, fix });
      }
      for (const { call, options } of plugins(file, /^(?:fastify|fastify\.fastify)$/)) {
        if (options?.plain('trustProxy') === true)
          say({
            at: { file: file.source, at: options.entry('trustProxy')?.at ?? call.at },
            message,
            fix: "fastify({ trustProxy: '10.0.0.0/8' })",
          });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.body-limit',
    title: 'Bodies of requests have a limit',
    level: 'warning',
    guide: 8,
    asvs: ['v5.0.0-15.2.2 (in part)'],
    cwe: ['CWE-770'],
    words: /limit|multer|fileupload/i,
    look(file, say) {
      for (const { call, options } of plugins(
        file,
        /^(?:express\.(?:json|urlencoded|text|raw)|body-parser\.(?:json|urlencoded|text|raw)|fastify|koa-body|koa-bodyparser)$/,
      )) {
        const key = ['limit', 'bodyLimit', 'jsonLimit'].find((one) => options?.has(one) === true);
        const size =
          key === undefined
            ? undefined
            : bytesOf(options?.value(key)?.kind === 'binary' ? undefined : options?.plain(key));
        if (size !== undefined && size > 20 * 1024 * 1024)
          say({
            at: { file: file.source, at: call.at },
            message: 'a body of more than 20 MB is read into memory',
            fix: "express.json({ limit: '100kb' })",
          });
      }
      for (const { call, options } of plugins(file, /^(?:multer|@fastify\/multipart|express-fileupload)$/)) {
        if (options?.open === true || options?.has('limits') === true) continue;
        if (call.args.length > 0 && options === undefined && lastName(call.callee) !== 'register') continue;
        // @fastify/multipart has limits of its own.
        if (lastName(call.callee) === 'register') continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'files of any size and number are taken in',
          fix: 'multer({ limits: { fileSize: 10 * 1024 * 1024, files: 5 } })',
        });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.static',
    title: 'Only what is meant for browsers is served as files',
    level: 'error',
    guide: 12,
    asvs: ['v5.0.0-13.4.7 (in part)', 'v5.0.0-13.4.3 (in part)'],
    cwe: ['CWE-552', 'CWE-548'],
    words: /static|serve-index|serveStatic|sendFile/,
    look(file, say) {
      const at = (position: number, message: string): void =>
        say({
          at: { file: file.source, at: position },
          message,
          fix: "express.static(join(import.meta.dirname, 'public'))",
        });
      for (const { call, scope, given, options } of plugins(
        file,
        /^(?:express\.static|serve-static|@fastify\/static|koa-static|@hono\/node-server\/serve-static\.serveStatic)$/,
      )) {
        const root =
          options?.value('root') ?? (given === undefined ? undefined : file.valueOf(given, scope).value);
        const text =
          root?.kind === 'string' ? root.value : root === undefined ? undefined : file.path(root, scope);
        if (
          text !== undefined &&
          /^(?:\.\/?|\.\.\/?|\/|__dirname|import\.meta\.dirname|process\.cwd\(\))$/.test(text)
        )
          at(call.at, 'the folder of the application itself is served, with source, settings and keys');
        const more = options ?? file.optionsOf(call.args[1], scope);
        if (more?.plain('dotfiles') === 'allow')
          at(call.at, 'files that begin with a dot are served, such as .env and .git');
      }
      for (const { call } of plugins(file, /^serve-index$/)) at(call.at, 'lists of folders are served');
    },
  }),
];

interface Route {
  readonly method: string;
  readonly path: string;
  readonly call: Call;
}

function routesIn(file: JavaScriptFile): readonly Route[] {
  const routes: Route[] = [];
  for (const { call, scope } of file.calls('post', 'put', 'patch', 'delete', 'get', 'all')) {
    const [path, ...handlers] = call.args;
    if (
      path?.kind !== 'string' ||
      !path.value.startsWith('/') ||
      handlers.length === 0 ||
      call.callee.kind !== 'member'
    )
      continue;
    if (/^(?:fetch|axios|got|supertest|request|http|superagent)\b/.test(file.path(call.callee, scope) ?? ''))
      continue;
    if (handlers.every(({ kind }) => kind === 'object')) continue;
    routes.push({ method: lastName(call.callee) ?? '', path: path.value, call });
  }
  return routes;
}

function bytesOf(size: string | number | boolean | null | undefined): number | undefined {
  if (typeof size === 'number') return size;
  const { number, unit = '' } =
    /^(?<number>[\d.]+)\s*(?<unit>[kmg]?)b?$/i.exec(typeof size === 'string' ? size : '')?.groups ?? {};
  if (number === undefined) return undefined;
  return Number(number) * ({ k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[unit.toLowerCase()] ?? 1);
}
