/** Code that is wrong wherever it stands: what it is given does not matter. */
import type { Argument, Call, Expression, Scope } from '../python/ast.ts';
import { contains, partsOf, someExpression } from '../python/parts.ts';
import { argument, lastName, type PythonFile, spreads } from '../python/python-file.ts';
import { pythonRule } from '../python/python-rule.ts';
import type { SourceRule } from '../source-rule.ts';

const isFalse = (one: Expression | undefined): boolean => one?.kind === 'constant' && one.value === false;
const isTrue = (one: Expression | undefined): boolean => one?.kind === 'constant' && one.value === true;

/** Words of what nobody may guess. */
const SECRET =
  /(?:^|_)(?:token|secret|passw(?:or)?d|pwd|otp|api_?key|session_?id|sid|nonce|csrf|reset_?code|auth_?code|verification_?code|pin)(?:_|s?$)/i;
const PASSWORD = /(?:^|_)(?:passw(?:or)?d|passwd|pwd|pw|passphrase)(?:_|$)/i;

const SWITCH =
  /(?:^|_)(?:verif(?:y|ied)|insecure|unverified|check_hostname|validate_certs?|(?:skip|no|disable|ignore)_(?:ssl|tls|verify|cert\w*))(?:_|$)/i;

/** Whether it stands in a block that a switch decides: `if verify is False:`, `if not self.validate_certs:`. */
function isAskedFor(at: number, scope: Scope): boolean {
  return scope.tests.some(
    ({ test, body, otherwise }) =>
      [body, otherwise?.block].some((one) => one !== undefined && one.from <= at && at < one.to) &&
      someExpression(test, (one) => SWITCH.test(lastName(one) ?? '')),
  );
}

/** An argument by its name, and those of `**{'verify': False}`. */
function namedIn(one: Argument): readonly Argument[] {
  if (one.name !== '**' || one.value.kind !== 'dict') return [one];
  return one.value.entries.flatMap(({ key, value }) =>
    key?.kind === 'string' ? [{ name: key.value, value }] : [],
  );
}

/** Rules about code. */
export const pythonCodeRules: readonly SourceRule[] = [
  pythonRule({
    id: 'python.yaml',
    title: 'YAML is read without making objects',
    level: 'error',
    guide: 12,
    asvs: ['v5.0.0-1.5.2 (in part)'],
    cwe: ['CWE-502'],
    words: ['yaml', '(?:unsafe_|full_)load', 'load_all'],
    look(file, say) {
      for (const { call, scope } of file.calls(
        'load',
        'load_all',
        'unsafe_load',
        'unsafe_load_all',
        'full_load',
      )) {
        const path = file.path(call.callee, scope);
        if (
          path === undefined ||
          !/^(?:ruamel\.)?yaml\.(?:load|load_all|unsafe_load|unsafe_load_all|full_load)$/.test(path)
        )
          continue;
        const loader = argument(call, 1, 'Loader');
        const named = loader === undefined ? undefined : lastName(loader);
        const unsafe =
          path.includes('unsafe_') ||
          (path.includes('.load') && (loader === undefined || /^(?:C?(?:Unsafe)?Loader)$/.test(named ?? '')));
        if (!unsafe || spreads(call) || call.args[0]?.value.kind === 'string') continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'YAML is read by a loader that makes any object of Python, and runs what it says',
          fix: 'yaml.safe_load(text)',
        });
      }
    },
  }),
  pythonRule({
    id: 'python.tls-verify',
    title: 'Certificates of other servers are verified',
    level: 'warning',
    guide: 2,
    asvs: ['v5.0.0-12.3.2 (in part)'],
    cwe: ['CWE-295'],
    words: ['verify(?:_ssl)?\\b', '_create_unverified_context', 'check_hostname'],
    look(file, say) {
      const fix =
        "requests.get(url, timeout=10)  # or verify='/etc/ssl/certs/our-ca.pem' for an authority of your own";
      const at = (position: number, message: string, scope: Scope): void => {
        // Where whoever runs it asks for it by name, it is a choice of theirs.
        const level = isAskedFor(position, scope) ? { level: 'note' as const } : {};
        say({ at: { file: file.source, at: position }, message, fix, ...level });
      };
      for (const { call, scope } of file.allCalls()) {
        const verify = call.args
          .flatMap(namedIn)
          .find(({ name }) => name === 'verify' || name === 'verify_ssl');
        const path = verify === undefined ? '' : (file.path(call.callee, scope) ?? '');
        if (
          isFalse(verify?.value) &&
          /^(?:requests|httpx|aiohttp)\b|@?session\.|@?client\.|Session\(\)/i.test(path) &&
          !/^(?:jwt|jose)\b/.test(path)
        )
          at(call.at, 'a request goes out that takes any certificate', scope);
        else if (lastName(call.callee) === '_create_unverified_context')
          at(call.at, 'connections are made that take any certificate', scope);
      }
      for (const scope of file.scopes) {
        for (const { target, value, at: position } of scope.assignments) {
          if (target.kind !== 'attribute') continue;
          if (target.name === 'check_hostname' && isFalse(value))
            at(position, 'the name in a certificate is not compared', scope);
          else if (
            target.name === 'verify' &&
            isFalse(value) &&
            /(?:session|client)/i.test(file.path(target.object, scope) ?? '')
          )
            at(position, 'requests go out that take any certificate', scope);
          else if (
            target.name === '_create_default_https_context' &&
            lastName(value) === '_create_unverified_context'
          )
            at(position, 'every connection takes any certificate', scope);
        }
      }
    },
  }),
  pythonRule({
    id: 'python.jwt',
    title: 'Tokens are verified, by an algorithm that is named',
    level: 'error',
    guide: 7,
    asvs: ['v5.0.0-9.1.1 (in part)', 'v5.0.0-9.1.2 (in part)'],
    cwe: ['CWE-347'],
    words: ['jwt', 'flask_jwt', 'jose', 'PyJWT', 'verify_signature'],
    look(file, say) {
      for (const { call, scope } of file.calls('decode')) {
        const path = file.path(call.callee, scope) ?? '';
        if (
          !/^(?:jwt|jose\.jwt|jose|flask_jwt)(?:\.PyJWT\(\))?\.(?:jwt\.)?decode$/.test(path) ||
          spreads(call)
        )
          continue;
        const message = jwtFault(call);
        if (message === undefined) continue;
        say({
          at: { file: file.source, at: call.at },
          message,
          fix: "jwt.decode(token, key, algorithms=['HS256'], audience='notes', options={'require': ['exp', 'aud']})",
        });
      }
    },
  }),
  pythonRule({
    id: 'python.password-hash',
    title: 'Passwords are hashed slowly, each with a salt of its own',
    level: 'error',
    guide: 7,
    asvs: ['v5.0.0-11.4.2 (in part)'],
    cwe: ['CWE-916'],
    words: ['hashlib', 'generate_password_hash'],
    look(file, say) {
      const fix =
        'argon2.PasswordHasher().hash(password)  # or werkzeug.security.generate_password_hash(password)  # scrypt';
      for (const { call, scope } of file.calls(
        'md5',
        'sha1',
        'sha224',
        'sha256',
        'sha384',
        'sha512',
        'new',
        'blake2b',
      )) {
        if (file.path(call.callee, scope)?.startsWith('hashlib.') !== true) continue;
        if (!call.args.some(({ value }) => namesPassword(value))) continue;
        // A class of hashes has the old ones, too: which one is taken says the settings.
        if (/Hasher/.test(scope.parent?.name ?? '')) continue;
        // The lists of leaked passwords are asked by SHA-1.
        if (lastName(call.callee) === 'sha1' && /pwned|hibp|breach|leaked/i.test(file.source.text)) continue;
        say({
          at: { file: file.source, at: call.at },
          // Hashes of long ago are compared once more, and replaced.
          ...(/legacy|deprecated|compat|migrat|(?:^|_)old(?:_|$)/i.test(scope.name)
            ? { level: 'note' as const }
            : {}),
          message: 'a password is hashed by a function that is made to be fast',
          fix,
        });
      }
      for (const { call } of file.calls('generate_password_hash')) {
        const method = argument(call, 1, 'method');
        if (method?.kind !== 'string') continue;
        const rounds = Number(
          /^pbkdf2:\w+:(?<rounds>\d+)$/.exec(method.value)?.groups?.['rounds'] ?? Number.NaN,
        );
        const weak = /^(?:plain|md5|sha\d*|pbkdf2:(?:sha1|md5).*)$/.test(method.value) || rounds < 100_000;
        const unknown = /^(?:bcrypt|argon2)/.test(method.value);
        if (weak)
          say({
            at: { file: file.source, at: call.at },
            message: 'a password is hashed by a method that is too fast',
            fix,
          });
        else if (unknown) {
          say({
            at: { file: file.source, at: call.at },
            level: 'warning',
            message: 'Werkzeug has no such method: every call of it is a 500',
            fix,
          });
        }
      }
    },
  }),
  pythonRule({
    id: 'python.weak-hash',
    title: 'No signature or token is made by MD5 or SHA-1',
    level: 'note',
    guide: 7,
    asvs: ['v5.0.0-11.4.1 (in part)'],
    cwe: ['CWE-328'],
    words: ['hashlib'],
    look(file, say) {
      for (const { call, scope } of file.calls('md5', 'sha1')) {
        if (file.path(call.callee, scope)?.startsWith('hashlib.') !== true) continue;
        if (isFalse(argument(call, 99, 'usedforsecurity'))) continue;
        const given = call.args.map(({ value }) => value);
        if (given.some(namesPassword) || !given.some(namesSecret)) continue;
        say({
          at: { file: file.source, at: call.at },
          message: `a secret is hashed by ${lastName(call.callee) ?? 'MD5'}, which is broken`,
          fix: "hmac.new(key, message, 'sha256').hexdigest()",
        });
      }
    },
  }),
  pythonRule({
    id: 'python.weak-random',
    title: 'Tokens and keys come from a random source that nobody can guess',
    level: 'error',
    guide: 7,
    asvs: ['v5.0.0-11.5.1 (in part)'],
    cwe: ['CWE-330'],
    words: ['random', 'uuid1', 'rand(?:int|range|bytes)', 'getrandbits'],
    look(file, say) {
      const found = new Set<number>();
      for (const { call, scope } of file.calls(
        'choice',
        'choices',
        'randint',
        'random',
        'randrange',
        'getrandbits',
        'sample',
        'randbytes',
        'uuid1',
      )) {
        const path = file.path(call.callee, scope) ?? '';
        if (
          !/^(?:random\.\w+|uuid\.uuid1)$/.test(path) ||
          !isForSecret(call, scope, file) ||
          found.has(file.source.where(call.at).line)
        )
          continue;
        found.add(file.source.where(call.at).line);
        say({
          at: { file: file.source, at: call.at },
          message: `what must not be guessed is made by ${path}, whose next values follow from the last`,
          fix: 'secrets.token_urlsafe(32)',
        });
      }
    },
  }),
  pythonRule({
    id: 'python.password-compare',
    title: 'A wrong password is an answer, and no error',
    level: 'warning',
    guide: 7,
    asvs: ['v5.0.0-16.5.3 (in part)'],
    cwe: ['CWE-209'],
    words: ['PasswordHasher'],
    why: 'PasswordHasher.verify raises where the password is wrong: without a try, every wrong password is a 500, and so is every hash of an older kind.',
    look(file, say) {
      for (const { call, scope } of file.calls('verify')) {
        const path = file.path(call.callee, scope) ?? '';
        if (!/^argon2\.(?:\w+\.)?PasswordHasher\(\)\.verify$/.test(path)) continue;
        if (file.module.tries.some(({ from, to }) => from <= call.at && call.at < to)) continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'a wrong password raises an error here that nobody catches',
          fix: 'try:\n    ph.verify(stored, password)\nexcept (VerificationError, InvalidHashError):\n    return False',
        });
      }
    },
  }),
];

function jwtFault(call: Call): string | undefined {
  const options = argument(call, 3, 'options');
  const off =
    options?.kind === 'dict' &&
    options.entries.some(
      ({ key, value }) => key?.kind === 'string' && key.value === 'verify_signature' && isFalse(value),
    );
  if (off || isFalse(argument(call, 2, 'verify')))
    return 'a token is taken whose signature nobody has verified';
  const algorithms = argument(call, 2, 'algorithms');
  const names =
    algorithms?.kind === 'sequence' ? algorithms.items : algorithms === undefined ? [] : [algorithms];
  if (names.some((one) => one.kind === 'string' && one.value.toLowerCase() === 'none'))
    return 'a token without any signature is taken';
  const mixed = new Set(names.map((one) => (one.kind === 'string' ? one.value.slice(0, 2) : '')));
  if (mixed.has('HS') && (mixed.has('RS') || mixed.has('ES')))
    return 'a public key can be used as the secret of a token: HS and RS are both taken';
  return algorithms === undefined && call.args.length > 0 && !isTrue(argument(call, 99, 'complete'))
    ? 'a token says by which algorithm it is verified'
    : undefined;
}

function namesPassword(expression: Expression): boolean {
  return wordsOf(expression).some((word) => PASSWORD.test(word));
}

function namesSecret(expression: Expression): boolean {
  return wordsOf(expression).some((word) => /(?:^|_)(?:secret|token|signature|private|api_?key)/i.test(word));
}

/** The names in an expression, those of functions left out. */
function wordsOf(expression: Expression): readonly string[] {
  const own =
    expression.kind === 'name'
      ? [expression.id]
      : expression.kind === 'attribute'
        ? [expression.name]
        : expression.kind === 'subscript' && expression.index.kind === 'string'
          ? [expression.index.value]
          : [];
  const parts = partsOf(expression).flatMap((one) =>
    expression.kind === 'call' && one === expression.callee && one.kind === 'attribute' ? one.object : one,
  );
  const named = expression.kind === 'call' && expression.callee.kind === 'name' ? parts.slice(1) : parts;
  return [...own, ...named.flatMap(wordsOf)];
}

/** By the name of what it is given to, or of the function that makes it. */
/** `code = random.randint(100000, 999999)`: so many digits are for somebody to type in again. */
function isOfDigits(call: Call): boolean {
  const [least] = call.args;
  return (
    /^rand(?:int|range)$/.test(lastName(call.callee) ?? '') &&
    least?.value.kind === 'number' &&
    /^10{3,}$/.test(String(least.value.value))
  );
}

/** Of these a nonce has to be drawn; in a request that is signed, it has to be another each time. */
const NONCE_OF_WEIGHT = /csp|content-security|script-src|csrf|openid|oauth|encrypt|aes|gcm/i;

function isForSecret(call: Call, scope: Scope, file: PythonFile): boolean {
  const around = scope.assignments.find(
    ({ value, at }) => at <= call.at && value.at <= call.at && contains(value, call),
  );
  if (around !== undefined) {
    const { target } = around;
    const name =
      target.kind === 'subscript' && target.index.kind === 'string' ? target.index.value : lastName(target);
    if (name !== undefined && /(?:^|_)code$/i.test(name) && isOfDigits(call)) return true;
    if (name === undefined || !SECRET.test(name)) return false;
    return !/^_?nonce$/i.test(name) || NONCE_OF_WEIGHT.test(file.source.text);
  }
  return (
    scope.kind === 'function' && SECRET.test(scope.name) && scope.returns.some((one) => contains(one, call))
  );
}
