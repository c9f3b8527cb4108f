/** What does not last under load: sessions of nobody, limits whose store is gone, hashes that hold up everybody, clients that never end. */
import type { Mend } from '../../../core/rule.ts';
import { VISITORS } from '../../mends/browser-mends.ts';
import type { SourceRule } from '../source-rule.ts';
import type { Scope } from './ast.ts';
import { javaScriptRule } from './javascript-rule.ts';
import { spelled } from './parts.ts';
import { plugins } from './settings-rules.ts';

const SLOW: Mend = {
  bulwark: '',
  express: 'server.headersTimeout = 10_000;\nserver.requestTimeout = 60_000;',
  nginx: 'client_header_timeout 10s;\nclient_body_timeout 10s;\nsend_timeout 10s;',
};

/** Rules about it. */
export const javaScriptLoadRules: readonly SourceRule[] = [
  javaScriptRule({
    id: 'javascript.visitor-session',
    title: 'A visitor who only looks gets no session',
    level: 'warning',
    guide: 5,
    asvs: ['v5.0.0-7.6.2 (in part)'],
    cwe: ['CWE-770'],
    why: 'Whoever asks without a cookie gets a new session each time: three thousand requests are three thousand entries of the store.',
    mend: VISITORS,
    words: /saveUninitialized/,
    look(file, say) {
      for (const { call, options } of plugins(file, /^(?:express-session|@fastify\/session)$/)) {
        if (options?.plain('saveUninitialized') !== true) continue;
        say({
          at: { file: file.source, at: options.entry('saveUninitialized')?.at ?? call.at },
          message:
            'every visitor leaves a session in the store, programs that keep no cookie one for each request',
          fix: 'saveUninitialized: false',
          confidence: 'high',
        });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.limiter-failure',
    title: 'Where the store of the limits is gone, they hold all the same',
    level: 'warning',
    guide: 8,
    asvs: ['v5.0.0-16.5.2 (in part)'],
    cwe: ['CWE-307'],
    why: 'Whoever can stop the store, or waits until it stops, guesses passwords without a limit, and no line of the log says so.',
    words: /passOnStoreError|skipOnError/,
    look(file, say) {
      for (const { call, options } of plugins(
        file,
        /^(?:express-rate-limit(?:\.rateLimit)?|@fastify\/rate-limit|hono-rate-limiter\.rateLimiter)$/,
      )) {
        const key = ['passOnStoreError', 'skipOnError'].find((one) => options?.plain(one) === true);
        if (key === undefined) continue;
        say({
          at: { file: file.source, at: options?.entry(key)?.at ?? call.at },
          message: 'where its store fails, nothing is limited, and nobody is told',
          fix: `${key}: false  // on the sign-in at least`,
          confidence: 'high',
        });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.timeouts',
    title: 'Who sends slowly is let go',
    level: 'warning',
    guide: 9,
    asvs: ['v5.0.0-15.2.2 (in part)'],
    cwe: ['CWE-400'],
    why: 'Connections that never finish their request cost whoever opens them nothing, and the server everything that it can keep open.',
    mend: SLOW,
    words: /headersTimeout|requestTimeout|connectionTimeout/,
    look(file, say) {
      const fix = 'server.headersTimeout = 10_000;\nserver.requestTimeout = 60_000;';
      const message = (name: string): string =>
        `${name} is 0: a request that is never finished is waited for without an end`;
      for (const scope of file.parsed.scopes) {
        for (const { target, value, at } of scope.assignments) {
          if (target.kind !== 'member' || !/^(?:headersTimeout|requestTimeout)$/.test(target.name)) continue;
          if (value.kind !== 'constant' || value.value !== 0 || !/server/i.test(spelled(target.object) ?? ''))
            continue;
          say({ at: { file: file.source, at }, message: message(target.name), fix, confidence: 'high' });
        }
      }
      for (const { call, scope } of file.calls('createServer', 'createSecureServer')) {
        if (!/^https?\d?\.create(?:Secure)?Server$/.test(file.path(call.callee, scope) ?? '')) continue;
        const options = file.optionsOf(call.args[0], scope);
        const name = ['headersTimeout', 'requestTimeout'].find((one) => options?.plain(one) === 0);
        if (name !== undefined)
          say({
            at: { file: file.source, at: options?.entry(name)?.at ?? call.at },
            message: message(name),
            fix,
            confidence: 'high',
          });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.session-race',
    title: 'A request that is under way brings no session back that was ended',
    level: 'warning',
    guide: 5,
    asvs: ['v5.0.0-7.4.1 (in part)'],
    cwe: ['CWE-613'],
    mend: { bulwark: '', express: 'session({ resave: false, saveUninitialized: false, store, ... })' },
    why: 'Every request writes the session at its end. One that was begun before somebody signed out writes it back, and the id works again.',
    words: /resave/,
    look(file, say) {
      for (const { call, options } of plugins(file, /^express-session$/)) {
        if (options?.plain('resave') !== true) continue;
        say({
          at: { file: file.source, at: options.entry('resave')?.at ?? call.at },
          message:
            'every request writes its session at its end, and brings one back that was ended meanwhile',
          fix: 'resave: false',
          confidence: 'high',
        });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.hash-blocking',
    title: 'Passwords are hashed beside the event loop',
    level: 'warning',
    guide: 7,
    asvs: ['v5.0.0-15.2.2 (in part)'],
    cwe: ['CWE-400'],
    mend: {
      bulwark: `import { Passwords } from 'bulwark/passwords';

const passwords = Passwords.of({});
export const keep = (password: string): Promise<string> => passwords.hash(password);`,
      express: 'const right = await bcrypt.compare(password, user.passwordHash);',
    },
    why: 'A hash takes a tenth of a second, in which nobody is answered: a few sign-ins at once stop the site.',
    words: /(?:hash|compare|scrypt|pbkdf2|verify)Sync/,
    look(file, say) {
      for (const { call, scope } of file.calls(
        'hashSync',
        'compareSync',
        'scryptSync',
        'pbkdf2Sync',
        'verifySync',
      )) {
        const path = file.path(call.callee, scope) ?? '';
        if (
          !/^(?:(?:bcrypt|bcryptjs|@node-rs\/(?:bcrypt|argon2)|argon2)\.(?:hash|compare|verify)Sync|crypto\.(?:scrypt|pbkdf2)Sync)$/.test(
            path,
          )
        )
          continue;
        if (![...around(scope)].some(({ handler }) => handler)) continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'nobody else is answered while a password is hashed here',
          fix: 'await bcrypt.compare(password, user.passwordHash)  // and a bound on how many at once',
        });
      }
    },
  }),
];

function* around(scope: Scope): Generator<Scope> {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) yield at;
}
