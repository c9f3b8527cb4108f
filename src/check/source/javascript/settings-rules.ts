/** How Express, Fastify, Hono and their packages are set up. */
import type { Level } from '../../../core/rule.ts';
import { isPlaceholder } from '../secrets/likely-secret.ts';
import type { Say, SourceRule } from '../source-rule.ts';
import type { Expression, Scope } from './ast.ts';
import { type CallAt, type JavaScriptFile, lastName, type Options } from './javascript-file.ts';
import { javaScriptRule } from './javascript-rule.ts';
import { originsOf } from './origins.ts';
import { allOf } from './parts.ts';

/** A call of a plug-in with its options: `app.use(session({...}))`, or `app.register(session, {...})`. */
export function* plugins(
  file: JavaScriptFile,
  name: RegExp,
): Generator<CallAt & { readonly options: Options | undefined; readonly given: Expression | undefined }> {
  for (const { call, scope } of file.allCalls()) {
    const registers = lastName(call.callee) === 'register' && call.args[0] !== undefined;
    const path = registers ? file.path(call.args[0] ?? call, scope) : file.path(call.callee, scope);
    if (path === undefined || !name.test(path)) continue;
    const given = call.args[registers ? 1 : 0];
    yield { call, scope, options: file.optionsOf(given, scope), given };
  }
}

const SESSION = /^(?:express-session|@fastify\/session|@mgcrea\/fastify-session|cookie-session)$/;
const SET_COOKIE = ['cookie', 'setCookie', 'setSignedCookie'];
const TELLS =
  /(?:^|[_.-])(?:sid|session|sess|token|auth|jwt|access|refresh|remember|user|login)(?:$|[_.-])|sess|token|jwt/i;

/** Rules about sessions and cookies. */
export const javaScriptSettingsRules: readonly SourceRule[] = [
  javaScriptRule({
    id: 'javascript.secret',
    title: 'No key that signs is written out in the source',
    level: 'error',
    guide: 1,
    asvs: ['v5.0.0-13.3.1 (in part)'],
    cwe: ['CWE-798'],
    words: /secret|sign|verify|cookieParser|cookie-parser|keys|createHmac/i,
    look(file, say) {
      const told = new Set<number>();
      const judge = (value: Expression | undefined, scope: Scope, what: string): void => {
        for (const found of writtenIn(value, scope, file)) {
          if (told.has(found.at)) continue;
          told.add(found.at);
          const fallback = found.fallback ? ', where the environment has none' : '';
          say({
            at: { file: file.source, at: found.at },
            level: found.fallback ? 'warning' : 'error',
            message: `${what} is written out in the source${fallback}`,
            evidence: `${what}: ${isPlaceholder(found.text) ? 'a word that is tried first' : `... (${found.text.length} characters)`}`,
            fix: "const secret = process.env['SESSION_SECRET'];\nif (secret === undefined) throw new Error('SESSION_SECRET is not set');",
            confidence: 'high',
          });
        }
      };
      for (const { options, scope } of plugins(
        file,
        /^(?:express-session|cookie-session|@fastify\/(?:session|secure-session|cookie|jwt|csrf-protection)|express-jwt(?:\.expressjwt)?|koa-session|hono\/jwt\.jwt|csrf-sync\.csrfSync|csrf-csrf\.doubleCsrf)$/,
      )) {
        if (options === undefined) continue;
        for (const key of ['secret', 'keys', 'key'])
          judge(options.entry(key)?.value, options.scope, 'the key of sessions or tokens');
        void scope;
      }
      for (const { given, scope } of plugins(file, /^cookie-parser$/))
        judge(given, scope, 'the key of signed cookies');
      for (const { call, scope } of file.calls('sign', 'verify', 'createHmac', 'encode', 'decode')) {
        const path = file.path(call.callee, scope) ?? '';
        if (
          /^(?:jsonwebtoken|jwt-simple|hono\/jwt)\.(?:sign|verify|encode|decode)$/.test(path) ||
          path === 'crypto.createHmac'
        )
          judge(call.args[1], scope, 'the key of tokens');
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.session-store',
    title: 'Sessions are kept where every process finds them',
    level: 'warning',
    guide: 5,
    asvs: [],
    cwe: ['CWE-400'],
    why: 'The store that is used where none is named keeps every session for ever and in one process: memory fills, and a restart signs everybody out.',
    words: /express-session|fastify\/session/,
    look(file, say) {
      for (const { call, options } of plugins(file, /^(?:express-session|@fastify\/session)$/)) {
        if (options === undefined || options.has('store') || options.open) continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'sessions are kept in the memory of the process',
          fix: 'session({ store: new RedisStore({ client }), ... })',
        });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.cookie',
    title: 'Cookies that sign somebody in are Secure, HttpOnly and SameSite',
    level: 'warning',
    guide: 5,
    asvs: ['v5.0.0-3.3.1 (in part)', 'v5.0.0-3.3.2 (in part)', 'v5.0.0-3.3.4 (in part)'],
    cwe: ['CWE-614', 'CWE-1004', 'CWE-1275'],
    words: /session|[cC]ookie/,
    look(file, say) {
      for (const { call, options } of plugins(file, SESSION)) {
        if (options === undefined || options.open) continue;
        const path = file.path(call.callee, file.parsed.module) ?? '';
        const cookie = path === 'cookie-session' ? options : options.inner('cookie');
        if (cookie === undefined && options.has('cookie')) continue;
        sayCookie(file, say, options.entry('cookie')?.at ?? call.at, cookie, 'the session');
      }
      for (const { call, scope } of file.calls(...SET_COOKIE)) {
        const path = file.path(call.callee, scope) ?? '';
        const hono = path.startsWith('hono/cookie.set');
        if (!hono && !/^@(?:res|response|reply|rep)\b.*\.(?:cookie|setCookie)$/.test(path)) continue;
        const [name, , given] = hono ? call.args.slice(1) : call.args;
        if (name?.kind !== 'string' || !TELLS.test(name.value)) continue;
        const options = file.optionsOf(given, scope);
        if (given !== undefined && (options === undefined || options.open)) continue;
        sayCookie(file, say, call.at, options, `the cookie ${name.value}`);
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.cors',
    title: 'Answers for whoever is signed in are read by no other site',
    level: 'error',
    guide: 11,
    asvs: ['v5.0.0-3.4.2 (in part)'],
    cwe: ['CWE-942'],
    words: /cors|Access-Control-Allow-Origin/i,
    look(file, say, project) {
      const fix = "cors({ origin: ['https://app.example.com'], credentials: true })";
      const at = (position: number, level: Level, message: string): void =>
        say({ at: { file: file.source, at: position }, level, message, fix });
      for (const { call, options } of plugins(
        file,
        /^(?:cors|@fastify\/cors|hono\/cors\.cors|@koa\/cors)$/,
      )) {
        if (options === undefined || options.open) continue;
        const origin = options.value('origin');
        const credentials = options.plain('credentials') === true;
        const any = (origin?.kind === 'constant' && origin.value === true) || takesAny(origin);
        const star = origin === undefined || (origin.kind === 'string' && origin.value === '*');
        if (credentials && any)
          at(call.at, 'error', 'pages of every site read what is answered to whoever is signed in');
        else if (credentials && star)
          at(
            call.at,
            'warning',
            'every origin is allowed with credentials, which browsers refuse: the next change makes it work for all',
          );
        else if (any) at(call.at, 'warning', 'whatever origin asks is allowed by name');
      }
      for (const { call, scope } of file.calls('header', 'setHeader', 'set', 'writeHead', 'append')) {
        const [name, value] = call.args;
        if (
          name?.kind !== 'string' ||
          name.value.toLowerCase() !== 'access-control-allow-origin' ||
          value === undefined
        )
          continue;
        if (!originsOf(value, scope, file, project).some((one) => one.kind === 'input')) continue;
        const tested = scope.tests.some((test) =>
          [...allOf(test)].some(
            (one) =>
              one.kind === 'call' && /^(?:includes|has|test|indexOf|some)$/.test(lastName(one.callee) ?? ''),
          ),
        );
        if (tested) continue;
        const credentials = file
          .calls('header', 'setHeader', 'set')
          .some(
            (one) =>
              one.call.args[0]?.kind === 'string' &&
              /access-control-allow-credentials/i.test(one.call.args[0].value),
          );
        // Without credentials it is the star, written out.
        at(call.at, credentials ? 'error' : 'note', 'whatever origin asks is allowed by name');
      }
    },
  }),
];

function sayCookie(
  file: JavaScriptFile,
  say: Say,
  at: number,
  options: Options | undefined,
  whose: string,
): void {
  const missing: string[] = [];
  // What depends on the environment is no finding: it is on where it matters, or a page over https shows that it is not.
  const secure = options?.value('secure');
  if (secure === undefined || (secure.kind === 'constant' && secure.value === false)) missing.push('Secure');
  const httpOnly = options?.plain('httpOnly');
  const byDefault = whose === 'the session';
  if (httpOnly === false || (httpOnly === undefined && !byDefault && options?.has('httpOnly') !== true))
    missing.push('HttpOnly');
  const sameSite = options?.plain('sameSite');
  if (
    sameSite === false ||
    (typeof sameSite === 'string' && sameSite.toLowerCase() === 'none') ||
    options?.has('sameSite') !== true
  )
    missing.push('SameSite');
  if (missing.length === 0) return;
  say({
    at: { file: file.source, at },
    message: `${whose} is without ${missing.join(', ')}`,
    fix: "{ secure: true, httpOnly: true, sameSite: 'lax', path: '/' }  // and the name __Host-sid",
  });
}

/** `(origin, callback) => callback(null, true)`, or `(origin) => origin`. */
function takesAny(origin: Expression | undefined): boolean {
  if (origin?.kind !== 'function') return false;
  const { tests, calls, returns } = origin.scope;
  if (
    tests.length > 0 ||
    calls.some(({ callee }) =>
      /^(?:includes|has|test|some|startsWith|endsWith|match|find)$/.test(lastName(callee) ?? ''),
    )
  )
    return false;
  const { scope } = origin;
  const own = (one: Expression): boolean =>
    one.kind === 'name' && scope.bindings.get(one.id)?.[0]?.kind === 'parameter';
  // Given to the callback, which is a parameter too, or answered as it came.
  const given = calls.filter(({ callee }) => own(callee)).flatMap(({ args }) => args.slice(1));
  return (
    given.some((one) => own(one) || (one.kind === 'constant' && one.value === true)) || returns.some(own)
  );
}

/** Texts that stand for a secret: at once, or where the environment has none. */
function* writtenIn(
  value: Expression | undefined,
  scope: Scope,
  file: JavaScriptFile,
  fallback = false,
): Generator<{ readonly at: number; readonly text: string; readonly fallback: boolean }> {
  if (value === undefined) return;
  const { value: followed, scope: at } = file.valueOf(value, scope);
  if (followed.kind === 'string') {
    if (followed.value !== '' && !/-----BEGIN PUBLIC|^\/|^https?:/.test(followed.value))
      yield { at: followed.at, text: followed.value, fallback };
  } else if (followed.kind === 'array') {
    for (const item of followed.items) yield* writtenIn(item, at, file, fallback);
  } else if (followed.kind === 'binary' && /^(?:\|\||\?\?)$/.test(followed.operator))
    yield* writtenIn(followed.right, at, file, true);
}
