/** Code that is wrong wherever it stands: what it is given does not matter. */
import type { SourceRule } from '../source-rule.ts';
import type { Expression, Scope } from './ast.ts';
import { type JavaScriptFile, lastName } from './javascript-file.ts';
import { javaScriptRule, watch } from './javascript-rule.ts';
import { allOf } from './parts.ts';
import { headerOf } from './project.ts';

const SECRET =
  /(?:^|_|(?<=[a-z\d]))(?:token|secret|passw(?:or)?d|pwd|otp|api_?key|session_?id|sid|nonce|salt|csrf|reset_?code|auth_?code|verification_?code|pin|invite_?code)(?:$|_|(?=[A-Z]))/i;
const PASSWORD = /(?:^|_|(?<=[a-z\d]))(?:passw(?:or)?d|passwd|pwd|passphrase)(?:$|_|(?=[A-Z]))/i;
const KEYED = /(?:^|_|(?<=[a-z\d]))(?:token|secret|signature|api_?key)(?:$|_|(?=[A-Z]))/i;

/** Names in an expression, with those of fields. */
function namesIn(expression: Expression): readonly string[] {
  return [...allOf(expression)].flatMap((part) =>
    part.kind === 'name'
      ? [part.id]
      : part.kind === 'member' && !/^(?:length|toString)$/.test(part.name)
        ? [part.name]
        : [],
  );
}

const names = (value: Expression | undefined, pattern: RegExp): boolean =>
  value !== undefined && namesIn(value).some((name) => pattern.test(name));

/** Rules about code. */
export const javaScriptCodeRules: readonly SourceRule[] = [
  javaScriptRule({
    id: 'javascript.tls-verify',
    title: 'Certificates of other servers are verified',
    level: 'error',
    guide: 2,
    asvs: ['v5.0.0-12.3.2 (in part)'],
    cwe: ['CWE-295'],
    words: /rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|strictSSL|checkServerIdentity/,
    look(file, say) {
      const fix =
        "new https.Agent({ ca: readFileSync('/etc/ssl/certs/our-ca.pem') })  // and leave verification on";
      for (const { entries } of file.parsed.objects) {
        for (const { key, value, at } of entries) {
          const off =
            value.kind === 'constant' &&
            value.value === false &&
            /^(?:rejectUnauthorized|strictSSL)$/.test(key ?? '');
          const blind =
            key === 'checkServerIdentity' && value.kind === 'function' && value.scope.calls.length === 0;
          if (off || blind)
            say({
              at: { file: file.source, at },
              message: 'connections are made that take any certificate',
              fix,
            });
        }
      }
      for (const { assignments } of file.parsed.scopes) {
        for (const { target, value, at } of assignments) {
          if (target.kind !== 'member' || target.name !== 'NODE_TLS_REJECT_UNAUTHORIZED') continue;
          const off =
            (value.kind === 'string' && value.value === '0') ||
            (value.kind === 'constant' && value.value === 0);
          if (off)
            say({
              at: { file: file.source, at },
              message: 'every connection of the process takes any certificate',
              fix,
            });
        }
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.jwt',
    title: 'Tokens are verified, by an algorithm that is named',
    level: 'error',
    guide: 7,
    asvs: ['v5.0.0-9.1.1 (in part)', 'v5.0.0-9.1.2 (in part)'],
    cwe: ['CWE-347'],
    words: /jsonwebtoken|jwt|jose/i,
    look(file, say, project) {
      const fix =
        "jwt.verify(token, key, { algorithms: ['HS256'], audience: 'notes', issuer: 'https://accounts.example.com' })";
      const at = (position: number, message: string, level: 'error' | 'warning'): void =>
        say({ at: { file: file.source, at: position }, level, message, fix });
      for (const { call, scope } of file.calls(
        'verify',
        'sign',
        'jwtVerify',
        'expressjwt',
        'jwt',
        'register',
      )) {
        const path = file.path(call.callee, scope) ?? '';
        if (!/jsonwebtoken|jwt|jose/i.test(path) && lastName(call.callee) !== 'register') continue;
        for (const arg of call.args) {
          const options = file.optionsOf(arg, scope);
          if (options === undefined) continue;
          const listed = [options.value('algorithms'), options.value('algorithm')].flatMap((one) =>
            one === undefined ? [] : one.kind === 'array' ? one.items : [one],
          );
          const algorithms = listed.map((one) => (one.kind === 'string' ? one.value.toLowerCase() : ''));
          if (algorithms.includes('none')) at(call.at, 'a token without any signature is taken', 'error');
          else if (
            algorithms.some((one) => one.startsWith('hs')) &&
            algorithms.some((one) => /^(?:rs|es|ps)/.test(one))
          )
            at(
              call.at,
              'a public key can be used as the secret of a token: HS and RS are both taken',
              'error',
            );
          else if (options.plain('ignoreExpiration') === true)
            at(call.at, 'a token is taken for ever: when it ends is not looked at', 'warning');
        }
        const [, key] = call.args;
        const empty = key?.kind === 'constant' && (key.value === null || key.value === false);
        if (empty && lastName(call.callee) === 'verify')
          at(call.at, 'a token is verified with no key', 'error');
      }
      const verifies = file.calls('verify', 'jwtVerify', 'verifyAsync').length > 0;
      for (const { call, scope } of file.calls(
        'decode',
        'decodeJwt',
        'jwtDecode',
        'jwt_decode',
        'UnsecuredJWT',
      )) {
        const path = file.path(call.callee, scope) ?? '';
        const [token] = call.args;
        // Its head says which key to verify it with.
        if (verifies && file.optionsOf(call.args[1], scope)?.plain('complete') === true) continue;
        if (token === undefined || !/^(?:jsonwebtoken|jwt-simple|jose|jwt-decode|@fastify\/jwt)\b/.test(path))
          continue;
        // jwt-simple verifies, unless its third argument says otherwise.
        if (
          path.startsWith('jwt-simple') &&
          !(call.args[2]?.kind === 'constant' && call.args[2].value === true)
        )
          continue;
        if (verifiedHere(token, scope, file)) continue;
        const header = headerOf(file.valueOf(token, scope).value);
        watch(file, say, project, {
          value: token,
          call,
          scope,
          message: (what) => `a token out of ${what} is taken whose signature nobody has verified`,
          fix,
          unless: () => header !== undefined && project.verifiesHeader(header),
        });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.password-hash',
    title: 'Passwords are hashed slowly, each with a salt of its own',
    level: 'error',
    guide: 7,
    asvs: ['v5.0.0-11.4.2 (in part)'],
    cwe: ['CWE-916'],
    words: /createHash|\bhash\b|md5|sha1|sha256|pbkdf2|bcrypt|genSalt/i,
    look(file, say) {
      const fix =
        "import { hash } from '@node-rs/argon2';\nawait hash(password)  // or scrypt of node:crypto";
      for (const { call, scope, given } of hashesIn(file)) {
        if (names(given, PASSWORD))
          say({
            at: { file: file.source, at: call.at },
            message: 'a password is hashed by a function that is made to be fast',
            fix,
          });
        void scope;
      }
      for (const { call, scope } of file.calls(
        'pbkdf2',
        'pbkdf2Sync',
        'hash',
        'hashSync',
        'genSalt',
        'genSaltSync',
      )) {
        const path = file.path(call.callee, scope) ?? '';
        const pbkdf2 = /^crypto\.pbkdf2(?:Sync)?$/.test(path);
        const bcrypt = /^(?:bcrypt|bcryptjs|bcrypt-nodejs|@node-rs\/bcrypt)\./.test(path);
        const cost = file.valueOf(call.args[pbkdf2 ? 2 : /genSalt/.test(path) ? 0 : 1] ?? call, scope).value;
        if (cost.kind !== 'constant' || typeof cost.value !== 'number') continue;
        if ((pbkdf2 && cost.value < 100_000) || (bcrypt && cost.value < 10))
          say({
            at: { file: file.source, at: call.at },
            level: 'warning',
            message: 'a password is hashed in too few rounds',
            fix,
          });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.weak-hash',
    title: 'No signature or token is made by MD5 or SHA-1, and nothing is encrypted by what is broken',
    level: 'warning',
    guide: 7,
    asvs: ['v5.0.0-11.4.1 (in part)'],
    cwe: ['CWE-328', 'CWE-327'],
    words: /md5|sha-?1|createCipher|\bdes\b|rc4|ecb/i,
    look(file, say) {
      for (const { call, given, algorithm } of hashesIn(file)) {
        if (
          !/^(?:md[245]|sha-?1|ripemd.*)$/i.test(algorithm) ||
          names(given, PASSWORD) ||
          !names(given, KEYED)
        )
          continue;
        say({
          at: { file: file.source, at: call.at },
          message: `a secret is hashed by ${algorithm}, which is broken`,
          fix: "createHmac('sha256', key).update(message).digest('base64url')",
        });
      }
      for (const { call, scope } of file.calls('createCipher', 'createCipheriv', 'createDecipher')) {
        if (file.path(call.callee, scope)?.startsWith('crypto.') !== true) continue;
        const name = file.valueOf(call.args[0] ?? call, scope).value;
        const old =
          /^createC?D?e?cipher$/i.test(lastName(call.callee) ?? '') &&
          lastName(call.callee)?.endsWith('iv') !== true;
        const weak =
          name.kind === 'string' &&
          /ecb|^des|^rc[24]|^bf|^aes-?\d+-cbc$/i.test(name.value) &&
          !/cbc/i.test(name.value);
        if (old || weak)
          say({
            at: { file: file.source, at: call.at },
            message: old
              ? 'a key is made out of a password by MD5, without a salt'
              : 'what is encrypted so can be told apart, or read',
            fix: 'AES-256 in GCM, with 12 random bytes for each message: createCipheriv of node:crypto',
          });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.weak-random',
    title: 'Tokens and keys come from a random source that nobody can guess',
    level: 'error',
    guide: 7,
    asvs: ['v5.0.0-11.5.1 (in part)'],
    cwe: ['CWE-338', 'CWE-330'],
    words: /Math\.random|uuid|Date\.now/,
    look(file, say) {
      const told = new Set<number>();
      for (const { call, scope } of file.calls('random', 'v1')) {
        const path = file.path(call.callee, scope) ?? '';
        if (!/^(?:Math\.random|uuid\.v1)$/.test(path) || !isForSecret(call.at, scope, file)) continue;
        const { line } = file.source.where(call.at);
        if (told.has(line)) continue;
        told.add(line);
        say({
          at: { file: file.source, at: call.at },
          message: `what must not be guessed is made by ${path}, whose next values follow from the last`,
          fix: "randomBytes(32).toString('base64url')  // node:crypto",
        });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.error-detail',
    title: 'No answer carries the stack of an error',
    level: 'warning',
    guide: 10,
    asvs: ['v5.0.0-16.5.1 (in part)'],
    cwe: ['CWE-209'],
    words: /\.stack\b/,
    look(file, say) {
      for (const { call, scope } of file.calls('send', 'json', 'end', 'write', 'html', 'text', 'render')) {
        const path = file.path(call.callee, scope) ?? '';
        if (!/^@(?:res|response|reply|rep|c|ctx)\b/.test(path)) continue;
        const stack = call.args.some((arg) =>
          [...allOf(arg)].some(
            (one) =>
              one.kind === 'member' &&
              one.name === 'stack' &&
              one.object.kind === 'name' &&
              /^(?:e|err|error|ex|exception)$/i.test(one.object.id),
          ),
        );
        if (!stack || guardedByEnvironment(call.at, scope)) continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'the stack of an error is sent to whoever asked',
          fix: "log.error(error);\nres.status(500).json({ error: 'internal error' })",
        });
      }
    },
  }),
];

interface Hashed {
  readonly call: { readonly at: number };
  readonly scope: Scope;
  readonly algorithm: string;
  readonly given: Expression | undefined;
}

/** Hashes of node:crypto and of packages that make one, with what they are given. */
function* hashesIn(file: JavaScriptFile): Generator<Hashed> {
  for (const { call, scope } of file.calls('update')) {
    if (!/^crypto\.createHash\(\)(?:\.update\(\))*\.update$/.test(file.path(call.callee, scope) ?? ''))
      continue;
    let made: Expression = call.callee;
    while (made.kind === 'member' || (made.kind === 'call' && lastName(made.callee) !== 'createHash')) {
      made = made.kind === 'member' ? made.object : made.callee;
    }
    const followed = file.valueOf(made, scope).value;
    const name = followed.kind === 'call' ? followed.args[0] : undefined;
    yield { call, scope, algorithm: name?.kind === 'string' ? name.value : '', given: call.args[0] };
  }
  for (const { call, scope } of file.allCalls()) {
    const path = file.path(call.callee, scope) ?? '';
    if (path === 'crypto.hash') {
      const [name, given] = call.args;
      yield { call, scope, algorithm: name?.kind === 'string' ? name.value : '', given };
    } else if (/^(?:md5|sha1|sha\.js|blueimp-md5|js-md5|js-sha1)$/.test(path))
      yield { call, scope, algorithm: path, given: call.args[0] };
  }
}

/** By the name of what it is given to, or of the function that makes it. */
function isForSecret(at: number, scope: Scope, file: JavaScriptFile): boolean {
  const before = scope.assignments.filter((one) => one.at <= at && at - one.at < 400);
  const nearest = before.at(-1);
  const line = (position: number): number => file.source.where(position).line;
  if (nearest !== undefined && line(at) - line(nearest.at) <= 2) {
    const name = lastName(nearest.target);
    if (name !== undefined) return SECRET.test(name) || makesSecret(scope);
  }
  const entry = file.parsed.objects
    .flatMap(({ entries }) => entries)
    .findLast((one) => one.at <= at && at - one.at < 200);
  if (entry?.key !== undefined && line(entry.at) === line(at)) return SECRET.test(entry.key);
  return makesSecret(scope);
}

/** A function that is called `generateToken`. */
function makesSecret({ name, parent }: Scope): boolean {
  return (
    parent !== undefined && /^(?:generate|create|make|random|new|gen|build)/i.test(name) && SECRET.test(name)
  );
}

function guardedByEnvironment(at: number, scope: Scope): boolean {
  for (let one: Scope | undefined = scope; one !== undefined; one = one.parent) {
    for (const test of one.tests) {
      if (test.at > at + 400 || test.at < one.at) continue;
      if (
        Math.abs(test.at - at) < 600 &&
        namesIn(test).some((name) =>
          /^(?:NODE_ENV|env|isDev\w*|dev|development|isProd\w*|production|debug|DEBUG)$/.test(name),
        )
      )
        return true;
    }
  }
  return false;
}

/** The same token, by its name, is verified here or where this function stands: what is read before says by which key. */
function verifiedHere(token: Expression, scope: Scope, file: JavaScriptFile): boolean {
  if (token.kind !== 'name') return false;
  const around = new Set<Scope>();
  for (let one: Scope | undefined = scope; one !== undefined; one = one.parent) around.add(one);
  return file
    .calls('verify', 'jwtVerify', 'verifyAsync')
    .some(
      ({ call, scope: at }) =>
        around.has(at) && call.args[0]?.kind === 'name' && call.args[0].id === token.id,
    );
}
