/** Traps that are the same in every framework of Python: uploads, second factors, sockets, and what clients say of themselves. */
import type { Call, Expression, Scope } from '../python/ast.ts';
import { someExpression } from '../python/parts.ts';
import { argument, lastName, type PythonFile } from '../python/python-file.ts';
import { pythonRule } from '../python/python-rule.ts';
import { textsOf, valueOf } from '../python/values.ts';
import type { SourceRule } from '../source-rule.ts';

const SERVERS =
  /^(?:flask|quart|django|rest_framework|starlette|fastapi|aiohttp|bottle|tornado|sanic|falcon|litestar)\b/;
const FILE = /request\.(?:files|FILES)(?:\[\]|\.get\(\)|\.getlist\(\)\[\])\.(?:content_type|mimetype)$/;
/** Whoever writes one of these down looks at what was used before. */
const REMEMBERS =
  /last_?(?:otp|totp|used|counter|step|code|token|time)|used_?(?:codes?|otps?|tokens?)|replay|timecode\(|time_step/i;
const FORWARDED = /^(?:HTTP_)?X[-_](?:FORWARDED[-_]FOR|REAL[-_]IP)$/i;

/** Rules about them. */
export const pythonTrapRules: readonly SourceRule[] = [
  pythonRule({
    id: 'python.upload-type',
    title: 'What an uploaded file is, its bytes say, and not whoever sends it',
    level: 'warning',
    guide: 12,
    asvs: ['v5.0.0-5.2.2 (in part)'],
    cwe: ['CWE-434'],
    why: 'A page of HTML that is sent as image/png is taken, and runs as the site where it is served again. A picture with script behind it begins like one.',
    words: ['content_type', 'mimetype', 'imghdr', 'from_buffer', 'filetype'],
    look(file, say) {
      for (const scope of file.scopes) {
        for (const { test } of scope.tests) {
          const told = find(test, (one) => isSentType(one, scope, file));
          if (told === undefined || looksInside(scope, file)) continue;
          say({
            at: { file: file.source, at: told.at },
            message: 'a file is taken for what its sender says that it is',
            fix: 'if magic.from_buffer(upload.read(4096), mime=True) not in ALLOWED:  # and pictures written again by Pillow\n    abort(415)',
          });
        }
      }
      if (!speaksHttp(file)) return;
      for (const { call, scope } of file.calls('what', 'from_buffer', 'guess', 'guess_mime')) {
        const path = file.path(call.callee, scope) ?? '';
        if (!/^(?:imghdr\.what|magic\.from_buffer|filetype\.guess(?:_mime)?)$/.test(path) || rewrites(file))
          continue;
        say({
          at: { file: file.source, at: call.at },
          level: 'note',
          message: 'the first bytes of a file are looked at: what stands behind them may be anything',
          fix: "Image.open(upload).convert('RGB').save(path, 'PNG')  # and: Content-Disposition: attachment, nosniff",
        });
      }
    },
  }),
  pythonRule({
    id: 'python.totp-replay',
    title: 'A code of an authenticator works once',
    level: 'warning',
    guide: 7,
    asvs: ['v5.0.0-6.5.1 (in part)'],
    cwe: ['CWE-294'],
    why: 'Whoever looks over a shoulder, or runs a page that passes the code on, has half a minute to sign in with it once more.',
    words: ['pyotp'],
    look(file, say) {
      if (REMEMBERS.test(file.source.text)) return;
      for (const { call, scope } of file.calls('verify')) {
        if (!/^pyotp\.(?:totp\.)?(?:TOTP|parse_uri)\(\)\.verify$/.test(file.path(call.callee, scope) ?? ''))
          continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'a code is taken as often as it is sent, as long as it is valid',
          fix: 'step = totp.timecode(datetime.now())\nif not totp.verify(code) or step <= user.last_totp_step:\n    abort(401)\nuser.last_totp_step = step',
        });
      }
    },
  }),
  pythonRule({
    id: 'python.recovery-codes',
    title: 'Recovery codes are kept as hashes',
    level: 'warning',
    guide: 7,
    asvs: ['v5.0.0-6.5.2 (in part)'],
    cwe: ['CWE-312'],
    mend: {
      bulwark: '',
      express: 'user.recoveryCodes = await Promise.all(codes.map((code) => argon2.hash(code)));',
      flask: 'user.recovery_codes = [hasher.hash(code) for code in codes]',
    },
    why: 'Whoever reads the table, or a backup of it, has the second factor of everybody.',
    words: ['(?:recovery|backup|scratch)_codes?'],
    look(file, say) {
      for (const scope of file.scopes) {
        for (const { target, value, at } of scope.assignments) {
          if (target.kind !== 'attribute' || !/^(?:recovery|backup|scratch)_codes?$/.test(target.name))
            continue;
          const made = value.kind === 'name' ? file.definition(value, scope) : undefined;
          const whole = made?.kind === 'value' ? made.expression : value;
          const isDrawn =
            find(
              whole,
              (one) => one.kind === 'call' && file.path(one.callee, scope)?.startsWith('secrets.') === true,
            ) !== undefined;
          const isHashed = [whole, value].some(
            (some) =>
              find(
                some,
                (one) => one.kind === 'call' && /hash|digest|encrypt|hmac/i.test(lastName(one.callee) ?? ''),
              ) !== undefined,
          );
          if (!isDrawn || isHashed) continue;
          say({
            at: { file: file.source, at },
            message: 'recovery codes are kept as they are shown',
            fix: 'user.recovery_codes = [hasher.hash(code) for code in codes]  # argon2; and each is taken away when it was used',
          });
        }
      }
    },
  }),
  pythonRule({
    id: 'python.multipart',
    title: 'Forms with files are read by the parser of the framework',
    level: 'warning',
    guide: 12,
    asvs: ['v5.0.0-5.4.1 (in part)'],
    cwe: ['CWE-436'],
    why: 'Two names of one file, one in another encoding or without quotes: what one reader checks, another stores.',
    words: ['FieldStorage', 'parse_multipart', 'filename='],
    look(file, say) {
      const fix = "upload = request.files['file']  # and a name of your own: uuid4().hex";
      for (const { call, scope } of file.calls('FieldStorage', 'parse_multipart')) {
        if (!/^cgi\.(?:FieldStorage|parse_multipart)$/.test(file.path(call.callee, scope) ?? '')) continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'forms are read by cgi, which was taken out of Python and reads names as nobody else does',
          fix,
        });
      }
      if (!speaksHttp(file)) return;
      for (const { call, scope } of file.calls('search', 'match', 'findall', 'finditer', 'compile')) {
        const [pattern] = call.args;
        if (file.path(call.callee, scope)?.startsWith('re.') !== true || pattern?.value.kind !== 'string')
          continue;
        if (!/filename\\?\*?=/.test(pattern.value.value)) continue;
        say({ at: { file: file.source, at: call.at }, message: BY_HAND, fix });
      }
      for (const { call } of file.calls('split', 'partition', 'rpartition', 'find', 'index')) {
        const [mark] = call.args;
        if (mark?.value.kind !== 'string' || !/^;?\s*filename\*?=["']?$/.test(mark.value.value)) continue;
        say({ at: { file: file.source, at: call.at }, message: BY_HAND, fix });
      }
    },
  }),
  pythonRule({
    id: 'python.websocket-origin',
    title: 'A WebSocket is opened by pages of the site alone',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-4.4.2 (in part)'],
    cwe: ['CWE-1385'],
    words: ['\\.websocket\\(', 'websocket_route', 'AuthMiddlewareStack', 'SessionMiddlewareStack'],
    look(file, say) {
      for (const scope of file.scopes) {
        const made = scope.decorators.find(
          (one) => one.kind === 'call' && /^websocket(?:_route)?$/.test(lastName(one.callee) ?? ''),
        );
        if (made === undefined || scope.kind !== 'function' || asksOrigin(scope, file)) continue;
        const who = scope.parameters.some(
          ({ value }) => value?.kind === 'call' && lastName(value.callee) === 'Cookie',
        )
          ? made
          : everyExpression(scope).find(
              (one) => one.kind === 'attribute' && /^(?:cookies|session)$/.test(one.name),
            );
        if (who === undefined) continue;
        say({
          at: { file: file.source, at: scope.at },
          message: 'the cookie says who opens a WebSocket, and nobody asks which page does',
          fix: "if websocket.headers.get('origin') != 'https://app.example.com':\n    await websocket.close(code=1008)\n    return",
        });
      }
      if (file.calls('OriginValidator', 'AllowedHostsOriginValidator').length > 0) return;
      for (const { call, scope } of file.calls('AuthMiddlewareStack', 'SessionMiddlewareStack')) {
        if (file.path(call.callee, scope)?.startsWith('channels.') !== true) continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'any site may open a WebSocket as whoever is signed in',
          fix: 'AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(routes)))  # channels.security.websocket',
          confidence: 'high',
        });
      }
    },
  }),
  pythonRule({
    id: 'python.forwarded-header',
    title: 'Addresses of clients are believed of the own proxy alone',
    level: 'warning',
    guide: 9,
    asvs: ['v5.0.0-15.3.4 (in part)'],
    cwe: ['CWE-348'],
    words: ['forwarded', 'FORWARDED', 'trusted_hosts'],
    look(file, say) {
      const fix =
        "uvicorn.run(app, proxy_headers=True, forwarded_allow_ips='10.0.0.5')  # then: request.client.host";
      for (const { call, scope } of file.calls('run', 'Config', 'ProxyHeadersMiddleware', 'add_middleware')) {
        const path = file.path(call.callee, scope) ?? '';
        const adds = lastName(call.callee) === 'add_middleware';
        if (
          adds &&
          !(call.args[0] !== undefined && lastName(call.args[0].value) === 'ProxyHeadersMiddleware')
        )
          continue;
        if (!adds && !path.startsWith('uvicorn.')) continue;
        const trusted = argument(call, adds ? 99 : 1, 'forwarded_allow_ips', 'trusted_hosts');
        const known = trusted === undefined ? undefined : valueOf(trusted, scope, file);
        if (known === undefined || !textsOf(known).includes('*')) continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'whatever a client says about its address and scheme is believed',
          fix,
          confidence: 'high',
        });
      }
      if (
        !/forwarded/i.test(file.source.text) ||
        file.module.scope.imports.some(({ module }) => /^(?:flask|quart)\b/.test(module)) ||
        !speaksHttp(file)
      )
        return;
      for (const scope of file.scopes) {
        for (const one of firstOfForwarded(scope)) {
          say({
            at: { file: file.source, at: one.at },
            message: 'the first address of X-Forwarded-For is the one that a client makes up',
            fix: `${fix}; with Django: the last address that a proxy of yours has added`,
          });
        }
      }
    },
  }),
];

const BY_HAND = 'the name of a file is read out of its header by hand';

/**
 * In the function, in what it depends on, or by a header that some function of the file reads. What a list for answers (CORS) says is
 * asked of no WebSocket.
 */
function asksOrigin(scope: Scope, file: PythonFile): boolean {
  const given = scope.parameters.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const own = [...everyExpression(scope), ...scope.decorators, ...given];
  if (own.some((one) => find(one, (part) => NAMES_ORIGIN.test(wordOf(part))) !== undefined)) return true;
  return file.scopes.some((other) =>
    everyExpression(other).some((one) => one.kind === 'string' && /^origin$/i.test(one.value)),
  );
}

const NAMES_ORIGIN = /origin/i;

function wordOf(one: Expression): string {
  return one.kind === 'string' ? one.value : (lastName(one) ?? '');
}

/** `header.split(',')[0]` of what was read from the header, in one function. */
function firstOfForwarded(scope: Scope): readonly Expression[] {
  const all = everyExpression(scope);
  const reads = all.some(
    (one) =>
      (one.kind === 'call' &&
        one.args[0]?.value.kind === 'string' &&
        FORWARDED.test(one.args[0].value.value)) ||
      (one.kind === 'subscript' && one.index.kind === 'string' && FORWARDED.test(one.index.value)),
  );
  if (!reads) return [];
  return all.filter(
    (one) =>
      one.kind === 'subscript' &&
      one.index.kind === 'number' &&
      one.index.value === 0 &&
      find(one.object, (part) => part.kind === 'call' && isSplit(part)) !== undefined,
  );
}

function isSplit(call: Call): boolean {
  const [by] = call.args;
  return (
    /^(?:split|partition)$/.test(lastName(call.callee) ?? '') &&
    by?.value.kind === 'string' &&
    by.value.value.startsWith(',')
  );
}

function isSentType(one: Expression, scope: Scope, file: PythonFile): boolean {
  if (one.kind !== 'attribute' || !/^(?:content_type|mimetype)$/.test(one.name)) return false;
  const path = file.path(one, scope) ?? '';
  if (FILE.test(path)) return true;
  const name = /^@(?<name>\w+)\.content_type$/.exec(path)?.groups?.['name'];
  return scope.parameters.some(
    (parameter) => parameter.name === name && /\bUploadFile\b/.test(parameter.type ?? ''),
  );
}

/** By its bytes, or by a reader of pictures. */
function looksInside(scope: Scope, file: PythonFile): boolean {
  return (
    rewrites(file) ||
    scope.calls.some(({ callee }) =>
      /^(?:from_buffer|from_file|guess|guess_mime|what|verify)$/.test(lastName(callee) ?? ''),
    )
  );
}

function rewrites({ source }: PythonFile): boolean {
  return /\bImage\.open\(|pyvips|wand\.image|cv2\.imdecode|ImageField/.test(source.text);
}

function speaksHttp(file: PythonFile): boolean {
  return file.module.scope.imports.some(({ module }) => SERVERS.test(module));
}

function everyExpression(scope: Scope): readonly Expression[] {
  const all: Expression[] = [];
  for (const whole of [
    ...scope.assignments.map(({ value }) => value),
    ...scope.returns,
    ...scope.tests.map(({ test }) => test),
    ...scope.calls,
  ]) {
    someExpression(whole, (one) => {
      all.push(one);
      return false;
    });
  }
  // A call within another is one of the list and a part of it.
  return [...new Map(all.map((one) => [`${one.kind} ${one.at}`, one])).values()];
}

function find(whole: Expression, test: (one: Expression) => boolean): Expression | undefined {
  let found: Expression | undefined;
  someExpression(whole, (one) => {
    if (test(one)) found ??= one;
    return found !== undefined;
  });
  return found;
}
