/** What strangers choose must not become code, a query, a path, an address or markup: followed over calls and files. */
import type { Call, Expression, Scope } from '../python/ast.ts';
import { INPUT_WORDS } from '../python/inputs.ts';
import { argument, lastName, type PythonFile } from '../python/python-file.ts';
import { type PythonRule, pythonRule, type Reached, watch } from '../python/python-rule.ts';
import type { Say, SourceRule } from '../source-rule.ts';
import { htmlAnswerRule } from './python-html-rule.ts';
import { isNoRedirect, isOfSandbox } from './sink-exceptions.ts';
import { startsFixed } from '../python/text-start.ts';

/** A call of one of some functions, with the argument that must not come from outside. */
interface SinkCall {
  readonly names: readonly string[];
  /** Of the callee, as it was imported. Default: any. */
  readonly path?: RegExp;
  readonly value: (call: Call, scope: Scope, file: PythonFile) => Expression | undefined;
}

function sinkRule(
  facts: Omit<PythonRule, 'look' | 'words' | 'level'> & {
    readonly sinks: readonly SinkCall[];
    readonly says: string;
    readonly fix: string;
    readonly worst?: 'error' | 'warning';
  } & Pick<Reached, 'harmless' | 'leading'>,
): SourceRule {
  const { worst = 'error', sinks, says, fix, harmless, leading, ...rule } = facts;
  return pythonRule({
    ...rule,
    level: worst,
    words: INPUT_WORDS,
    look(file, say) {
      for (const sink of sinks)
        lookAtSink(file, say, sink, {
          says,
          fix,
          ...(harmless !== undefined && { harmless }),
          ...(leading !== undefined && { leading }),
        });
    },
  });
}

function lookAtSink(
  file: PythonFile,
  say: Say,
  { names, path, value }: SinkCall,
  {
    says,
    fix,
    harmless,
    leading,
  }: { readonly says: string; readonly fix: string } & Pick<Reached, 'harmless' | 'leading'>,
): void {
  for (const { call, scope } of file.calls(...names)) {
    const given = value(call, scope, file);
    if (given === undefined) continue;
    if (path !== undefined && !path.test(file.path(call.callee, scope) ?? lastName(call.callee) ?? ''))
      continue;
    watch(file, say, {
      value: given,
      call,
      scope,
      message: (what) => `${what} ${says}`,
      fix,
      ...(harmless !== undefined && { harmless }),
      ...(leading !== undefined && { leading }),
    });
  }
}

const first = (call: Call): Expression | undefined => argument(call, 0);

/** Rules about flows. */
export const pythonFlowRules: readonly SourceRule[] = [
  htmlAnswerRule,
  sinkRule({
    id: 'python.sql',
    title: 'No query is put together out of what a request holds',
    guide: 12,
    asvs: ['v5.0.0-1.2.4 (in part)'],
    cwe: ['CWE-89'],
    says: 'becomes part of an SQL query',
    fix: "cursor.execute('SELECT * FROM users WHERE name = %s', (name,))  # values beside the query; SQLAlchemy: text('... = :name') with {'name': name}",
    sinks: [
      {
        names: [
          'execute',
          'executemany',
          'executescript',
          'fetch_all',
          'fetch_one',
          'read_sql',
          'read_sql_query',
        ],
        value: queryOf,
      },
      {
        names: ['raw', 'extra', 'RawSQL', 'text', 'literal_column', 'mogrify'],
        path: /(?:^|\.)(?:objects(?:\..*)?|\w*RawSQL|raw|extra|text|literal_column|mogrify|query\..*)$/,
        value: queryOf,
      },
    ],
  }),
  sinkRule({
    id: 'python.command',
    title: 'No command line is put together out of what a request holds',
    guide: 12,
    asvs: ['v5.0.0-1.2.5 (in part)'],
    cwe: ['CWE-78'],
    says: 'becomes part of a command line',
    fix: "subprocess.run(['convert', '--', path], check=True)  # a list and no shell",
    sinks: [
      {
        names: ['system', 'popen', 'getoutput', 'getstatusoutput'],
        path: /^(?:os|subprocess|commands)\./,
        value: (call) => argument(call, 0, 'command', 'cmd'),
      },
      {
        names: ['run', 'call', 'check_call', 'check_output', 'Popen', 'create_subprocess_shell'],
        path: /^(?:subprocess|asyncio)\./,
        value: commandOf,
      },
    ],
  }),
  sinkRule({
    id: 'python.eval',
    title: 'Nothing that a request holds is run as code',
    guide: 12,
    asvs: ['v5.0.0-1.3.2 (in part)'],
    cwe: ['CWE-95'],
    says: 'is run as code',
    fix: 'ast.literal_eval(text)  # values and no code; or a dictionary of what may be chosen',
    sinks: [
      { names: ['eval', 'exec', 'compile'], path: /^(?:builtins\.)?(?:eval|exec|compile)$/, value: first },
      {
        names: ['import_module', '__import__'],
        path: /^(?:importlib\.import_module|__import__)$/,
        value: (call) => argument(call, 0, 'name'),
      },
    ],
  }),
  sinkRule({
    id: 'python.template-string',
    title: 'No template is made out of what a request holds',
    guide: 12,
    asvs: ['v5.0.0-1.3.7 (in part)'],
    cwe: ['CWE-1336'],
    says: 'becomes part of a template, and a template is code',
    fix: "render_template('hello.html', name=name)  # values go in as variables",
    sinks: [
      {
        names: ['render_template_string', 'stream_template_string'],
        value: (call) => argument(call, 0, 'source'),
      },
      {
        // Of an environment: a class has a `from_string` of its own for what is no template.
        names: ['from_string'],
        path: /(?<!(?:^|\.)[A-Z]\w*[a-z]\w*)\.from_string$/,
        // A sandbox is for templates of others: what it lets through is its maker's matter.
        value: (call, scope, file) =>
          isOfSandbox(call, scope, file) ? undefined : argument(call, 0, 'source'),
      },
      {
        names: ['Template'],
        path: /^(?:jinja2|django\.template|mako\.template|flask)\./,
        // An engine of its own has the tags that somebody chose.
        value: (call) =>
          argument(call, 3, 'engine') === undefined
            ? argument(call, 0, 'source', 'template_string', 'text')
            : undefined,
      },
    ],
  }),
  sinkRule({
    id: 'python.markup',
    title: 'Nothing that a request holds is declared to be safe markup',
    guide: 12,
    asvs: ['v5.0.0-1.2.1 (in part)'],
    cwe: ['CWE-79'],
    harmless: /^request\.(?:build_absolute_uri\(\)|path|full_path|get_full_path\(\)|path_info|url|base_url)$/,
    says: 'is declared to be markup, and is not escaped',
    fix: "Markup('<b>{}</b>').format(name)  # escapes what is put in; Django: format_html('<b>{}</b>', name)",
    sinks: [
      {
        names: ['Markup', 'mark_safe', 'SafeString', 'SafeText', 'format_html'],
        value: (call, scope) =>
          isReadAgain(call, scope) ? undefined : argument(call, 0, 's', 'object', 'base', 'format_string'),
      },
    ],
  }),
  sinkRule({
    id: 'python.redirect',
    title: 'No redirect leads where a request says',
    guide: 9,
    asvs: ['v5.0.0-3.7.2 (in part)'],
    cwe: ['CWE-601'],
    leading: true,
    says: 'decides where a redirect leads',
    fix: "target = request.args.get('next', ''); redirect(target if target.startswith('/') and target[1:2] not in ('/', '\\\\') else url_for('index'))",
    harmless:
      /^request\.(?:path|full_path|url|base_url|get_full_path\(\)|build_absolute_uri\(\)|path_info|host|url_root|host_url|get_host\(\))$|^(?:cleaned|validated)_data$|^the form field/,
    sinks: [
      {
        names: ['redirect', 'HttpResponseRedirect', 'HttpResponsePermanentRedirect', 'RedirectResponse'],
        value: (call, scope) =>
          isNoRedirect(call, scope)
            ? undefined
            : notFixed(argument(call, 0, 'location', 'url', 'redirect_to', 'to')),
      },
    ],
  }),
  sinkRule({
    id: 'python.path',
    title: 'No path of a file is put together out of what a request holds',
    guide: 12,
    asvs: ['v5.0.0-5.3.2 (in part)'],
    cwe: ['CWE-22'],
    says: 'decides which file is opened',
    fix: 'send_from_directory(FOLDER, name)  # or werkzeug.utils.safe_join(FOLDER, name), which answers None outside of FOLDER',
    sinks: [
      {
        names: ['open'],
        path: /^(?:(?:io|codecs|builtins|aiofiles|os)\.)?open$/,
        value: (call) => argument(call, 0, 'file', 'filename', 'path'),
      },
      {
        names: ['send_file', 'FileResponse', 'send_from_directory'],
        value: (call) => argument(call, 0, 'path_or_file', 'path', 'directory'),
      },
      {
        names: ['remove', 'unlink', 'rmdir', 'makedirs', 'mkdir', 'listdir', 'rename'],
        path: /^os\./,
        value: (call) => argument(call, 0, 'path', 'name', 'src'),
      },
      {
        names: ['rmtree', 'copyfile', 'copy', 'copytree', 'move'],
        path: /^shutil\./,
        value: (call) => argument(call, 0, 'path', 'src'),
      },
      {
        names: ['read_text', 'read_bytes', 'write_text', 'write_bytes', 'unlink'],
        value: (call) => (call.callee.kind === 'attribute' ? call.callee.object : undefined),
      },
    ],
  }),
  sinkRule({
    id: 'python.upload-name',
    title: 'No uploaded file is stored under the name that it was sent with',
    guide: 12,
    asvs: ['v5.0.0-5.3.2 (in part)', 'v5.0.0-5.4.1 (in part)'],
    cwe: ['CWE-22', 'CWE-434'],
    says: 'decides where an uploaded file is stored',
    fix: 'upload.save(UPLOADS / f"{secrets.token_hex(16)}.png")  # a name of your own; the sent one, shown only, in a column',
    sinks: [
      {
        names: ['save'],
        value: (call, scope, file) => {
          const object = call.callee.kind === 'attribute' ? call.callee.object : undefined;
          return object !== undefined && isUpload(object, scope, file)
            ? argument(call, 0, 'dst', 'name')
            : undefined;
        },
      },
    ],
  }),
  sinkRule({
    id: 'python.ssrf',
    title: 'No request goes out to an address that a request names',
    guide: 12,
    asvs: ['v5.0.0-1.3.6 (in part)'],
    cwe: ['CWE-918'],
    leading: true,
    says: 'decides which host a request goes out to',
    fix: 'if urlsplit(url).hostname not in ALLOWED_HOSTS: abort(400)  # a list of hosts; and allow_redirects=False',
    sinks: [
      {
        names: ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'],
        path: /^(?:requests|httpx|requests\.Session\(\)|requests\.session\(\)|httpx\.(?:Async)?Client\(\)|aiohttp\.ClientSession\(\))\.\w+$/,
        value: (call) => notFixed(argument(call, 0, 'url')),
      },
      {
        names: ['request', 'stream'],
        path: /^(?:requests|httpx)\.\w+$/,
        value: (call) => notFixed(argument(call, 1, 'url')),
      },
      { names: ['urlopen', 'urlretrieve'], value: (call) => notFixed(argument(call, 0, 'url')) },
    ],
  }),
  sinkRule({
    id: 'python.deserialize',
    title: 'Nothing that a request holds is unpickled',
    guide: 12,
    asvs: ['v5.0.0-1.5.2 (in part)'],
    cwe: ['CWE-502'],
    says: 'is unpickled, which runs whatever code it names',
    fix: 'json.loads(text)  # or itsdangerous.URLSafeSerializer(key).loads(text) for what this application has signed',
    sinks: [
      {
        names: ['loads', 'load', 'Unpickler', 'decode', 'read_pickle'],
        path: /^(?:_?c?[pP]ickle|dill|cloudpickle|marshal|jsonpickle|pandas|joblib|shelve)\./,
        value: (call) => argument(call, 0, 'file', 'str', 'string', 'filename', 'filepath_or_buffer'),
      },
    ],
  }),
  sinkRule({
    id: 'python.xml',
    title: 'XML that a request holds is read without entities',
    guide: 12,
    asvs: ['v5.0.0-1.5.1 (in part)'],
    cwe: ['CWE-611'],
    worst: 'warning',
    says: 'is read as XML by a parser that expands entities',
    fix: 'defusedxml.ElementTree.fromstring(text)',
    sinks: [
      {
        names: ['fromstring', 'parse', 'parseString', 'XML', 'iterparse', 'XMLID'],
        path: /^(?:xml\.(?:etree\.(?:c?ElementTree)|dom\.(?:minidom|pulldom)|sax)|lxml\.(?:etree|objectify))\./,
        value: (call, scope, file) =>
          hasSafeParser(call, scope, file)
            ? undefined
            : argument(call, 0, 'source', 'text', 'file', 'string', 'stream'),
      },
    ],
  }),
];

/** `Markup(x).unescape()` and `.striptags()` make text of it. */
function isReadAgain(call: Call, scope: Scope): boolean {
  return scope.calls.some(
    ({ callee }) =>
      callee.kind === 'attribute' && callee.object === call && /^(?:unescape|striptags)$/.test(callee.name),
  );
}

function queryOf(call: Call): Expression | undefined {
  const of =
    call.callee.kind === 'attribute' && call.callee.object.kind === 'call'
      ? lastName(call.callee.object.callee)
      : undefined;
  // `Worker(...).execute(x)` is something of its own.
  if (of !== undefined && /^[A-Z]/.test(of) && !/Session|Connection|Cursor|Engine|Database/.test(of))
    return undefined;
  return argument(call, 0, 'query', 'sql', 'statement', 'operation', 'raw_query', 'where', 'text');
}

/** What the shell reads; without a shell, which program it is. */
function commandOf(call: Call): Expression | undefined {
  const command = argument(call, 0, 'args', 'cmd');
  const shell = argument(call, 8, 'shell');
  const name = lastName(call.callee);
  if (name === 'create_subprocess_shell' || (shell?.kind === 'constant' && shell.value === true))
    return command;
  return command?.kind === 'sequence' ? shellOrProgram(command.items) : undefined;
}

function shellOrProgram(items: readonly Expression[]): Expression | undefined {
  const [program, option, script] = items;
  const shell = program?.kind === 'string' && /(?:^|\/)(?:ba|z|da|k)?sh$/.test(program.value);
  return shell && option?.kind === 'string' && /^-\w*c$/.test(option.value) ? script : program;
}

/** A text that begins with a host, or with one slash and a letter, stays where it begins. */
function notFixed(expression: Expression | undefined): Expression | undefined {
  return expression !== undefined && startsFixed(expression) ? undefined : expression;
}

function isUpload(object: Expression, scope: Scope, file: PythonFile): boolean {
  const path = file.path(object, scope) ?? '';
  return /\.(?:files|FILES)\b|@(?:file|upload|image|uploaded_file|f)\b|Form\(\)\.\w+\.data$/.test(path);
}

function hasSafeParser(call: Call, scope: Scope, file: PythonFile): boolean {
  const parser = argument(call, 1, 'parser');
  if (parser === undefined) return false;
  const path = file.path(parser, scope) ?? '';
  return path !== '' && !path.endsWith('XMLParser()') ? true : safeParser(parser);
}

function safeParser(parser: Expression): boolean {
  if (parser.kind !== 'call') return false;
  const resolve = argument(parser, 99, 'resolve_entities');
  return resolve?.kind === 'constant' && resolve.value === false;
}
