/** The reader of Python beside another parser, and what it makes of each kind of line, good and broken. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parser } from '@lezer/python';
import type { Expression, Module, Scope } from './ast.ts';
import { parsePython } from './parse-python.ts';

const ROOT = join(import.meta.dirname, '../../../..');

/** An expression, short: what is put together stands in brackets. */
function shown(one: Expression): string {
  const all = (some: readonly Expression[]): string => some.map(shown).join(' ');
  switch (one.kind) {
    case 'name':
      return one.id;
    case 'attribute':
      return `${shown(one.object)}.${one.name}`;
    case 'subscript':
      return `${shown(one.object)}[${shown(one.index)}]`;
    case 'call':
      return `${shown(one.callee)}(${one.args.map(({ name, value }) => (name === undefined ? '' : `${name}=`) + shown(value)).join(' ')})`;
    case 'string':
      return JSON.stringify(one.value);
    case 'format':
      return `f<${all(one.parts)}>`;
    case 'number':
      return String(one.value);
    case 'constant':
      return String(one.value);
    case 'sequence':
      return `(${all(one.items)})`;
    case 'dict':
      return `{${one.entries.map(({ key, value }) => `${key === undefined ? '**' : shown(key)}:${shown(value)}`).join(' ')}}`;
    case 'binary':
      return `<${shown(one.left)} ${one.operator} ${shown(one.right)}>`;
    case 'unary':
      return `<${one.operator} ${shown(one.operand)}>`;
    case 'either':
      return `<${shown(one.truthy)} if ${shown(one.test)} else ${shown(one.falsy)}>`;
    case 'comprehension':
      return `[${shown(one.element)} of ${all(one.parts)}]`;
    case 'other':
      return `?(${all(one.items)})`;
  }
}

function* scopesOf(scope: Scope): Generator<Scope> {
  yield scope;
  for (const inner of scope.scopes) yield* scopesOf(inner);
}

function callsOf({ scope }: Module): readonly string[] {
  return [...scopesOf(scope)].flatMap(({ calls }) => calls.map(shown));
}

/** What a value is read as. */
function read(value: string): string {
  const { scope, unknown } = parsePython(`x = ${value}\n`);
  assert.deepEqual(unknown, [], value);
  const first = scope.assignments.find(({ target }) => shown(target) === 'x');
  assert.ok(first !== undefined, value);
  return shown(first.value);
}

test('reads each kind of expression', () => {
  for (const [value, as] of [
    ['not a and b or c', '<<<not a> and b> or c>'],
    ['not a in b', '<not <a in b>>'],
    ['a not in b is not c', '<<a not in b> is not c>'],
    ['1 + 2 * 3 ** -x % 4', '<1 + <<2 * <3 ** <- x>>> % 4>>'],
    ['a | b << 1 & c', '<a | <<b << 1> & c>>'],
    ['a if b else c if d else e', '<a if b else <c if d else e>>'],
    ['a.b(c, *d, e=1, **f)[g]', 'a.b(c *=d e=1 **=f)[g]'],
    ['a[1:2, ::3]', 'a[?(1 2 3)]'],
    ['(a)', 'a'],
    ['(a,)', '(a)'],
    ['()', '()'],
    ['a, *b', '(a b)'],
    ['[a, (b, c)]', '(a (b c))'],
    ["{'a': 1, **b}", '{"a":1 **:b}'],
    ['{a, b}', '(a b)'],
    ['{}', '{}'],
    ['[a for a, b in c if d for e in f]', '[a of c f]'],
    ['{a: b for a in c}', '[(a b) of c]'],
    ['any(a for a in b)', 'any(a)'],
    ['lambda a, *b, c=1: a(b)', '?(a(b))'],
    ['a or (lambda: b)', '<a or ?(b)>'],
    ['(y := f(z))', 'f(z)'],
    ['await a.b()', 'a.b()'],
    ['[*a, *b]', '(a b)'],
    ['...', '?()'],
    ['0x1F + 1_000 + 1e-3 + .5', '<<<31 + 1000> + 0.001> + 0.5>'],
    ['None, True, False', '(undefined true false)'],
    ['\'a\' "b"', '"ab"'],
    ["'a\\n\\x41\\\\'", '"a\\nA\\\\"'],
    ["r'a\\n'", '"a\\\\n"'],
    ['"""a\n"b"\n"""', '"a\\n\\"b\\"\\n"'],
    ["f'a{b!r:>{width}}c{d=}'", 'f<"a" b "c" d>'],
    ["f'{a:{b}}' 'c'", 'f<a "c">'],
    ["f'{{a}}'", 'f<"{{a}}">'],
    ["f'{a}\\N{BULLET}{b}'", 'f<a "\\\\N{BULLET}" b>'],
    ["f'\\{a}'", 'f<"\\\\" a>'],
    ["rf'\\{a}'", 'f<"\\\\" a>'],
    ["f'\\\\{a}'", 'f<"\\\\\\\\" a>'],
    ["fr'\\{{' 'b'", 'f<"\\\\{{" "b">'],
    ["f'\\\r\n{a}'", 'f<"\\\\\\r\\n" a>'],
    [
      "'\\U0000006dd\\N{DIGIT FIVE}\\N{latin small letter a}\\a\\b\\f\\v\\d'",
      '"md5a\\u0007\\b\\f\\u000b\\\\d"',
    ],
    ['f\'{a["b"]}\'', 'f<a["b"]>'],
    ["f'{a['b']}'", 'f<a["b"]>'],
    ['rf"""{a}\n{b}"""', 'f<a "\\n" b>'],
    ['a + \\\n    b', '<a + b>'],
    ['(a  # c\n    + b)', '<a + b>'],
    ['a<>b', '<a <> b>'],
  ] as const)
    assert.equal(read(value), as, value);
});

test('notes what is assigned, and how', () => {
  const noted = (text: string): readonly string[] =>
    parsePython(text).scope.assignments.map(
      ({ target, value, how }) => `${shown(target)} ${how} ${shown(value)}`,
    );
  assert.deepEqual(noted('a = b = c'), ['a is c', 'b is c']);
  assert.deepEqual(noted('a, b = c, d'), ['a is c', 'b is d']);
  assert.deepEqual(noted('a, (b, c) = d'), ['a one-of d', 'b one-of d', 'c one-of d']);
  assert.deepEqual(noted('a: int = b'), ['a is b']);
  assert.deepEqual(noted('a: int'), []);
  assert.deepEqual(noted('a += b'), ['a adds b']);
  assert.deepEqual(noted('for a, b in c:\n    pass\n'), ['a one-of c', 'b one-of c']);
  assert.deepEqual(noted('with a() as b, c as d: pass'), ['b is a()', 'd is c']);
  assert.deepEqual(noted('with (\n  a() as b,\n  c as d,\n):\n    pass'), ['b is a()', 'd is c']);
  assert.deepEqual(noted('if (a := b): pass'), ['a is b']);
  assert.deepEqual(noted('[a for a in b]'), ['a one-of b']);
});

test('notes imports, scopes, tests and answers', () => {
  const { scope, tries, unknown } = parsePython(
    [
      'import a.b, c.d as e',
      'from . import f as g',
      'from ..h.i import (j, # c',
      '  k,)',
      'from l import *',
      '@m.n("/")',
      'async def o(self, p: "int" = 1, /, *q, r: list[int], **s) -> t:',
      '    async with u as v: pass',
      '    if w: return x, y',
      '    elif z:',
      '        aa()',
      '        raise bb from cc',
      '    else:',
      '        dd()',
      '    try:',
      '        yield ee',
      '    except* (ff, gg) as hh: pass',
      '    finally: pass',
      'class ii[T: int](jj, metaclass=kk): ll = 1; mm = 2',
      '',
    ].join('\n'),
  );
  assert.deepEqual(unknown, []);
  assert.deepEqual(
    scope.imports.map(({ name, up, module, what }) => `${name} ${up} ${module} ${what ?? ''}`),
    ['a 0 a ', 'e 0 c.d ', 'g 1  f', 'j 2 h.i j', 'k 2 h.i k', '* 0 l *'],
  );
  const [made, kind] = scope.scopes;
  assert.deepEqual(
    made?.parameters.map(({ star, name, type }) => `${star}${name} ${type ?? ''}`),
    ['self ', 'p "int"', '*q ', 'r list[int]', '**s '],
  );
  assert.deepEqual(made?.decorators.map(shown), ['m.n("/")']);
  assert.deepEqual(
    made?.tests.map((one) => [shown(one.test), one.leaves]),
    [
      ['w', true],
      ['z', true],
    ],
  );
  assert.deepEqual(made?.returns.map(shown), ['x', 'y', 'ee']);
  assert.equal(tries.length, 1);
  assert.deepEqual(
    kind?.bases.map(({ name, value }) => `${name ?? ''}${shown(value)}`),
    ['jj', 'metaclasskk'],
  );
  assert.equal(kind?.assignments.length, 2);
});

test('tells match from a name, and knows lines of Python 2 and of 3.14', () => {
  const lines = [
    'match f(x):',
    '    case Point(x=0) | {"a": [1, *_]} if g(y):',
    '        h()',
    '    case A(b=C(d=1) as c, e={"f": dict() as g}): i()',
    'match (a, b):',
    '    case (1, 2): j()',
    'match = match(k()); match.x = 1',
    'print "a", l()',
    'exec m() in n',
    'type X[T] = list[T]',
    'def o[T = str](a: T): p()',
    'try: q()',
    'except A, e: r()',
    'print(s())',
  ];
  const module = parsePython(lines.join('\n'));
  assert.deepEqual(module.unknown, []);
  assert.deepEqual(callsOf(module), [
    ...['f(x)', 'g(y)', 'h()', 'i()', 'j()', 'k()', 'match(k())', 'l()', 'm()', 'q()', 'r()', 's()'],
    ...['print(s())', 'p()'],
  ]);
});

test('knows a colon of match however it is followed, and a number up to its end', () => {
  for (const [text, calls] of [
    ['match x:\f\n    case 1: h()\n', ['h()']],
    [`match x:${' '.repeat(300)}# c\n    case 1: h()\n`, ['h()']],
    ['match x: \\\n\n    case 1: h()\n', ['h()']],
    ['match not x:\n    case 1: h()\n', ['h()']],
    ['match not in h()\n', ['h()']],
    ['1.5.hex()\n1e5.hex()\n', ['1.5.hex()', '100000.hex()']],
    ['[0xfor h() in (1, 2)]\n', ['h()']],
    ['if x:\n    pass\n\\\n\nh()\n', ['h()']],
    ['if x:\n    pass\n\\\n    h()\n', ['h()']],
  ] as const) {
    const module = parsePython(text);
    assert.deepEqual(module.unknown, [], text);
    assert.deepEqual(callsOf(module), calls, text);
  }
});

test('goes on behind what it does not know, and says where that was', () => {
  for (const [text, calls, unknown] of [
    ['x = f(\ndef g():\n    h()\n', ['h()'], 1],
    ['x = f(1 2)\nh()\n', ['h()'], 1],
    ["x = 'a\nh()\n", ['h()'], 1],
    ['x = f(]\nh()\n', ['h()'], 1],
    ['if x\n    h()\ni()\n', ['h()', 'i()'], 1],
    ['def f(:\n    h()\ni()\n', ['h()', 'i()'], 1],
    ['if x:\nh()\n', ['h()'], 1],
    ['$ = 1\nh()\n', ['h()'], 1],
    ["x = f'{a'\nh()\n", ['h()'], 1],
    ['x = """a\nh()\n', [], 1],
    ['  h()\n    i()\n', ['h()', 'i()'], 0],
    ['x = [\n', [], 1],
    ['', [], 0],
    ['#', [], 0],
    ['h()\\', ['h()'], 0],
  ] as const) {
    const module = parsePython(text);
    assert.deepEqual(callsOf(module), calls, text);
    assert.equal(module.unknown.length, unknown, text);
  }
});

test('ends with every line, tab and form feed that Python knows', () => {
  for (const text of ['if a:\r\n\tb()\r\nc()', 'if a:\r\tb()\rc()', '\fif a:\n\tb()\n\n\f\nc()']) {
    const module = parsePython(text);
    assert.deepEqual(module.unknown, [], text);
    assert.deepEqual(callsOf(module), ['b()', 'c()'], text);
    const { to = 0 } = module.scope.tests[0]?.body ?? {};
    assert.ok(to > text.indexOf('b(') && to <= text.indexOf('c('), text);
  }
});

test('is as deep as it may be, and never throws', () => {
  for (const text of [
    `x = ${'('.repeat(50_000)}`,
    `x = ${'-'.repeat(50_000)}1`,
    `x = ${'not '.repeat(50_000)}1`,
    `x = ${'a**'.repeat(50_000)}1`,
    `x = ${'a+'.repeat(50_000)}1`,
    `x = a${'.b'.repeat(50_000)}`,
    `x = ${'lambda:'.repeat(50_000)}1`,
    `x = ${'1 if a else '.repeat(50_000)}1`,
    `x = ${"f'{".repeat(50_000)}`,
    `x = f'${'{a:'.repeat(50_000)}`,
    Array.from({ length: 500 }, (_, at) => `${' '.repeat(at)}if x:`).join('\n'),
    'x = (\n'.repeat(50_000),
  ])
    assert.ok(parsePython(text).unknown.length > 0, text.slice(0, 20));
  const sample = readFileSync(join(ROOT, 'test/check/source/careless/shop/tools.py'), 'utf8');
  for (let end = 0; end < Math.min(sample.length, 1500); end += 3) {
    for (const text of [
      sample.slice(0, end),
      sample.slice(end),
      sample.slice(0, end) + sample.slice(end + 2),
    ])
      assert.ok(parsePython(text).unknown.every((at) => at >= 0 && at <= text.length + 1));
  }
});

test('sees the same calls, functions and classes as another parser', () => {
  const paths = globSync(['test/check/source/**/*.py', 'examples/flask/*.py', 'examples/flask/app/**/*.py'], {
    cwd: ROOT,
  });
  assert.ok(paths.length > 20);
  for (const path of paths) {
    // It is broken on purpose.
    if (path.endsWith('/old.py')) continue;
    const text = readFileSync(join(ROOT, path), 'utf8');
    const theirs: string[] = [];
    // A call among decorators is one of its parts there.
    const kinds = new Map([
      ['CallExpression', 'call'],
      ['FunctionDefinition', 'function'],
      ['ClassDefinition', 'class'],
    ]);
    parser.parse(text).iterate({
      enter({ name, from, node }) {
        const kind = kinds.get(name);
        if (kind !== undefined) theirs.push(`${kind} ${from}`);
        else if (name === 'ArgList' && node.parent?.name === 'Decorator')
          theirs.push(`call ${node.parent.from + 1}`);
      },
    });
    const { scope, unknown } = parsePython(text);
    assert.deepEqual(unknown, [], path);
    const ours: string[] = [];
    for (const one of scopesOf(scope)) {
      if (one.kind !== 'module') ours.push(`${one.kind} ${one.at}`);
      for (const { at } of one.calls) ours.push(`call ${at}`);
    }
    assert.deepEqual(ours.toSorted(), theirs.toSorted(), path);
  }
});
