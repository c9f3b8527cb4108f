/** What Flask applications do by hand, and that does not do what it seems to. */
import type { Call, Expression, Scope } from '../python/ast.ts';
import { flaskRule } from '../flask/flask-rule.ts';
import { contains, someExpression } from '../python/parts.ts';
import { argument, lastName, type PythonFile, spreads } from '../python/python-file.ts';
import { isFalse, isTrue, textsOf, valueOf } from '../python/values.ts';
import type { SourceRule } from '../source-rule.ts';

const REQUEST = /^(?:flask|quart)(?:\.globals)?\.request\./;

/** Rules about what handlers do. */
export const flaskCodeRules: readonly SourceRule[] = [
  flaskRule({
    id: 'flask.forwarded-header',
    title: 'What a proxy says is read by who knows the proxy',
    level: 'warning',
    guide: 9,
    asvs: ['v5.0.0-4.1.3 (in part)'],
    cwe: ['CWE-348'],
    why: 'Any client can send the header: whoever limits, logs or redirects by it goes by what a stranger says.',
    look(file, say) {
      const header =
        /^(?:X[-_]FORWARDED[-_](?:FOR|PROTO|HOST)|HTTP_X_FORWARDED_(?:FOR|PROTO|HOST)|X-REAL-IP|HTTP_X_REAL_IP|CLIENT-IP)$/i;
      const check = (name: Expression | undefined, object: Expression, scope: Scope, at: number): void => {
        if (name?.kind !== 'string' || !header.test(name.value)) return;
        if (!/^(?:headers|environ)$/.test((file.path(object, scope) ?? '').replace(REQUEST, ''))) return;
        say({
          at: { file: file.source, at },
          message: `${name.value} is read by hand, and any client can send it`,
          fix: 'app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # then: request.remote_addr, request.is_secure',
        });
      };
      for (const { call, scope } of file.calls('get', 'getlist')) {
        if (call.callee.kind === 'attribute') check(call.args[0]?.value, call.callee.object, scope, call.at);
      }
      for (const scope of file.scopes) {
        for (const whole of [
          ...scope.assignments.map(({ value }) => value),
          ...scope.returns,
          ...scope.tests.map(({ test }) => test),
        ]) {
          someExpression(whole, (one) => {
            if (one.kind === 'subscript') check(one.index, one.object, scope, one.at);
            return false;
          });
        }
      }
    },
  }),
  flaskRule({
    id: 'flask.redirect-scheme',
    title: 'The way to https leads to a host that is ours',
    level: 'warning',
    guide: 2,
    asvs: ['v5.0.0-3.7.2 (in part)'],
    cwe: ['CWE-601'],
    why: 'request.url has the Host that was sent: a cache or a mail keeps a redirect to a host of somebody else.',
    look(file, say) {
      for (const { call, scope } of file.calls('redirect')) {
        const [target] = call.args;
        if (target === undefined || file.path(call.callee, scope)?.startsWith('flask') !== true) continue;
        const made = target.value.kind === 'name' ? file.definition(target.value, scope) : undefined;
        const value = made?.kind === 'value' ? made.expression : target.value;
        if (
          value.kind !== 'call' ||
          lastName(value.callee) !== 'replace' ||
          value.args[0]?.value.kind !== 'string'
        )
          continue;
        if (!value.args[0].value.value.startsWith('http:') || value.callee.kind !== 'attribute') continue;
        if (!REQUEST.test(file.path(value.callee.object, scope) ?? '')) continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'a redirect goes to whatever Host the request named',
          fix: "redirect('https://' + app.config['SERVER_NAME'] + request.full_path, 308)  # and only for GET and HEAD",
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.server-header',
    title: 'The name of the server is taken away where it is set',
    level: 'warning',
    guide: 10,
    asvs: ['v5.0.0-13.4.6 (in part)'],
    cwe: ['CWE-497'],
    why: 'The server writes its name after the application is done: what an application takes away is not there yet.',
    look(file, say) {
      for (const { call } of file.calls('pop', 'remove')) {
        const [name] = call.args;
        if (name?.value.kind !== 'string' || !/^server$/i.test(name.value.value)) continue;
        if (call.callee.kind !== 'attribute' || lastName(call.callee.object) !== 'headers') continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'the Server header is taken away before it is set: it is sent all the same',
          fix: 'proxy_hide_header Server;  # in nginx; or server_tokens off; gunicorn sets it last',
          confidence: 'high',
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.allow-header',
    title: 'An answer 405 says what is allowed',
    level: 'note',
    guide: 9,
    asvs: [],
    cwe: ['CWE-436'],
    look(file, say) {
      for (const scope of file.scopes) {
        for (const answer of scope.returns) {
          if (answer.kind !== 'sequence' || answer.items.length !== 2) continue;
          const [, status] = answer.items;
          if (status?.kind !== 'number' || status.value !== 405) continue;
          say({
            at: { file: file.source, at: answer.at },
            message: 'a 405 without Allow',
            fix: "return '', 405, {'Allow': 'GET, HEAD, POST'}",
          });
        }
      }
    },
  }),
  flaskRule({
    id: 'flask.account-timing',
    title: 'Sign-in takes as long for an account that is not there',
    level: 'note',
    guide: 7,
    asvs: ['v5.0.0-6.3.8 (in part)'],
    cwe: ['CWE-208'],
    words: ['check_password_hash', 'PasswordHasher'],
    why: '120 ms for a known name and 3 ms for an unknown one: the time tells which accounts exist.',
    look(file, say) {
      for (const { call, scope } of file.calls(
        'check_password_hash',
        'check_password',
        'verify_password',
        'verify',
      )) {
        const guardedBy = scope.tests.find(
          ({ test }) =>
            test.kind === 'binary' &&
            /^(?:and|or)$/.test(test.operator) &&
            contains(test.right, call) &&
            !contains(test.left, call),
        );
        if (guardedBy === undefined) continue;
        if (
          lastName(call.callee) === 'verify' &&
          file.path(call.callee, scope)?.startsWith('argon2.') !== true
        )
          continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'a password is hashed for accounts that exist, and for no others',
          fix: 'stored = user.password if user else DUMMY_HASH\nif check_password_hash(stored, password) and user:',
        });
      }
    },
  }),
  flaskRule({
    id: 'python.log-json',
    title: 'No line of the log is an error',
    level: 'warning',
    guide: 13,
    asvs: ['v5.0.0-16.2.4 (in part)'],
    cwe: ['CWE-778'],
    words: ['dumps\\(\\s*\\{'],
    why: 'json.dumps raises on a date, a UUID or bytes: the event is not logged, and the request is a 500.',
    look(file, say) {
      for (const { call, scope } of file.calls('debug', 'info', 'warning', 'error', 'critical', 'log')) {
        if (!isLog(call, scope, file)) continue;
        for (const { value: written } of call.args) {
          // In place, or given a name before.
          const made = written.kind === 'name' ? file.definition(written, scope) : undefined;
          const value = made?.kind === 'value' ? made.expression : written;
          if (
            value.kind !== 'call' ||
            lastName(value.callee) !== 'dumps' ||
            argument(value, 99, 'default', 'cls') !== undefined
          )
            continue;
          const [given] = value.args;
          if (
            given?.value.kind !== 'dict' ||
            !given.value.entries.some(({ key }) => key === undefined) ||
            spreads(value)
          )
            continue;
          say({
            at: { file: file.source, at: call.at },
            message: 'whatever is handed over is logged as JSON, and a date in it raises',
            fix: 'json.dumps({...}, default=str)',
          });
        }
      }
    },
  }),
  flaskRule({
    id: 'python.log-secret',
    title: 'No password or token is logged',
    level: 'warning',
    guide: 13,
    asvs: ['v5.0.0-16.2.5 (in part)'],
    cwe: ['CWE-532'],
    words: [
      // A call of many lines is one, too.
      '[lL][oO][gG]\\w*\\.\\w+\\([\\s\\S]{0,300}?(?:passw|pwd|secret_key|api_key|_token|otp|private_key|client_secret)\\w*',
    ],
    look(file, say) {
      const secret =
        /^(?:password|passwd|pwd|new_password|old_password|secret_key|api_key|access_token|refresh_token|otp|totp_code|private_key|client_secret)$/i;
      for (const { call, scope } of file.calls(
        'debug',
        'info',
        'warning',
        'error',
        'exception',
        'critical',
      )) {
        if (!isLog(call, scope, file)) continue;
        const found = call.args.some(({ value }) => valuesIn(value).some((one) => secret.test(nameOf(one))));
        if (!found) continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'a password or token is written into the log',
          fix: "logger.info('signed in: %s', user.id)",
        });
      }
    },
  }),
  flaskRule({
    id: 'flask.websocket-origin',
    title: 'A WebSocket is opened by pages of the site alone',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-4.4.2 (in part)'],
    cwe: ['CWE-1385'],
    judge(unit, say) {
      if (unit.guarded) return;
      for (const one of unit.extensions) {
        if (one.name === 'SocketIO' && textsOf(one.options.get('cors_allowed_origins')).includes('*')) {
          say(one, {
            message: 'any site may open a WebSocket as whoever is signed in',
            fix: "SocketIO(app)  # same origin; or cors_allowed_origins=['https://app.example.com']",
            confidence: 'high',
          });
        }
        if (one.name === 'Sock' && unit.does.has('keeps-session')) {
          say(one, {
            level: 'warning',
            message:
              'flask_sock asks nobody where they come from: any site may open a WebSocket as whoever is signed in',
            fix: "if request.headers.get('Origin') != 'https://app.example.com': abort(403)",
          });
        }
      }
    },
  }),
  flaskRule({
    id: 'flask.cors',
    title: 'Other sites read answers only where that is meant',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-3.4.2 (in part)'],
    cwe: ['CWE-942'],
    judge(unit, say) {
      for (const one of unit.extensions) {
        if (one.name !== 'CORS' || !isTrue(one.options.get('supports_credentials'))) continue;
        const origins = one.options.get('origins') ?? one.options.get('resources');
        if (origins !== undefined && !textsOf(origins).includes('*')) continue;
        say(one, {
          message: 'every site may read answers as whoever is signed in',
          fix: "CORS(app, origins=['https://app.example.com'], supports_credentials=True)",
          confidence: 'high',
        });
      }
    },
  }),
  flaskRule({
    id: 'jinja.autoescape',
    title: 'Templates escape what is put into them',
    level: 'error',
    guide: 12,
    asvs: ['v5.0.0-1.2.1 (in part)'],
    cwe: ['CWE-79'],
    words: ['autoescape', 'jinja2'],
    look(file, say) {
      const fix = 'Environment(loader=..., autoescape=select_autoescape())';
      for (const scope of file.scopes) {
        for (const { target, value, at } of scope.assignments) {
          if (
            target.kind !== 'attribute' ||
            target.name !== 'autoescape' ||
            !isFalse(valueOf(value, scope, file))
          )
            continue;
          if (lastName(target.object) !== 'jinja_env') continue;
          say({
            at: { file: file.source, at },
            message: 'templates escape nothing',
            fix: '# delete this line: Flask escapes .html, .htm, .xml and .xhtml',
            confidence: 'high',
          });
        }
      }
      for (const { call, scope } of file.calls('Environment', 'SandboxedEnvironment')) {
        if (file.path(call.callee, scope)?.startsWith('jinja2.') !== true || spreads(call)) continue;
        const escape = argument(call, 99, 'autoescape');
        if (escape !== undefined && !isFalse(valueOf(escape, scope, file))) continue;
        if (onlyParses(call, scope)) continue;
        // Whoever writes configuration by templates must not escape it.
        const pages = speaksHttp(file) && /\.html|text\/html/.test(file.source.text);
        say({
          at: { file: file.source, at: call.at },
          level: pages ? 'error' : 'note',
          message: 'templates of this environment escape nothing',
          fix,
        });
      }
    },
  }),
];

function speaksHttp(file: PythonFile): boolean {
  return file.module.scope.imports.some(({ module }) =>
    /^(?:flask|quart|django|starlette|fastapi|aiohttp|bottle|tornado\.web)\b/.test(module),
  );
}

/** By what it was made of, or else by its name. */
function isLog({ callee }: Call, scope: Scope, file: PythonFile): boolean {
  return /log/i.test(
    file.path(callee, scope) ?? (callee.kind === 'attribute' ? (lastName(callee.object) ?? '') : ''),
  );
}

/** What a line of the log is made of: texts put together, and what is put in. */
function valuesIn(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'format':
      return expression.parts.flatMap(valuesIn);
    case 'binary':
      return [...valuesIn(expression.left), ...valuesIn(expression.right)];
    case 'sequence':
      return expression.items.flatMap(valuesIn);
    case 'dict':
      return expression.entries.flatMap(({ value }) => valuesIn(value));
    case 'call':
      return /^(?:format|str|repr|dumps)$/.test(lastName(expression.callee) ?? '')
        ? expression.args.flatMap(({ value }) => valuesIn(value))
        : [];
    case 'name':
    case 'attribute':
    case 'subscript':
    case 'string':
    case 'number':
    case 'constant':
    case 'unary':
    case 'either':
    case 'comprehension':
    case 'other':
      return [expression];
  }
}

function nameOf(expression: Expression): string {
  if (expression.kind === 'subscript')
    return expression.index.kind === 'string' ? expression.index.value : '';
  return lastName(expression) ?? '';
}

/** `env = Environment(...)`, of which nothing is used but `env.parse(...)`: nothing is put into anything. */
function onlyParses(made: Expression, scope: Scope): boolean {
  const name = scope.assignments.find(({ value }) => value === made)?.target;
  if (name?.kind !== 'name') return false;
  const isName = (one: Expression): boolean => one.kind === 'name' && one.id === name.id;
  const parsed = scope.calls.filter(
    ({ callee }) => callee.kind === 'attribute' && callee.name === 'parse' && isName(callee.object),
  );
  const all = [...scope.calls, ...scope.returns, ...scope.assignments.map(({ value }) => value)];
  return (
    parsed.length > 0 &&
    !all.some((one) =>
      someExpression(one, (part) =>
        part.kind === 'attribute' ? part.name !== 'parse' && isName(part.object) : false,
      ),
    ) &&
    !all.some((one) => isName(one) || (one.kind === 'call' && one.args.some(({ value }) => isName(value))))
  );
}
