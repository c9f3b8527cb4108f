/** Python as rules see it: expressions as they are written, statements as far as they say where a value comes from. */

/** Any expression. `at` is where it begins, in UTF-16 units from the beginning of the file. */
export type Expression = { readonly at: number } & (
  | { readonly kind: 'name'; readonly id: string }
  | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly kind: 'subscript'; readonly object: Expression; readonly index: Expression }
  | CallParts
  | { readonly kind: 'string'; readonly value: string; readonly bytes: boolean }
  /** An f-string, or strings beside each other of which one is. */
  | { readonly kind: 'format'; readonly parts: readonly Expression[] }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'constant'; readonly value: true | false | undefined }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly Entry[] }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'either';
      readonly test: Expression;
      readonly truthy: Expression;
      readonly falsy: Expression;
    }
  | { readonly kind: 'comprehension'; readonly element: Expression; readonly parts: readonly Expression[] }
  /** Anything else, with what stands in it. */
  | { readonly kind: 'other'; readonly items: readonly Expression[] }
);

interface CallParts {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: readonly Argument[];
}

/** A call. */
export type Call = Extract<Expression, { kind: 'call' }>;

/** One argument of a call: by its place, by its name, or `*` and `**` for many. */
export interface Argument {
  readonly name: string | undefined;
  readonly value: Expression;
}

/** One entry of a dictionary; without a key, `**` of another. */
export interface Entry {
  readonly key: Expression | undefined;
  readonly value: Expression;
}

/** Where a name, an attribute or an entry is given a value. */
export interface Assignment {
  readonly target: Expression;
  readonly value: Expression;
  /** What the value is of the target: itself, one of what it holds (`for`, unpacking), or added to it (`+=`). */
  readonly how: 'is' | 'one-of' | 'adds';
  readonly at: number;
  /** The block that it stands in. Whatever comes after it in there has seen it. */
  readonly block: Block;
}

/** From where to where a block goes. */
export interface Block {
  readonly from: number;
  readonly to: number;
  /** The one around it. */
  readonly outer?: Block;
  /** What holds at its end holds behind it: nothing else leads there, as behind `with`. */
  readonly goesOn?: boolean;
  /** An error leads out of it to lines that go on: `try` with an `except` that does not leave. */
  readonly escapes?: boolean;
}

/** How a block ends: it goes on, leaves the loop or this turn of it, returns, or refuses (raises, aborts). */
export type Leaves = 0 | 1 | 2 | 3;

/** One way through a decision: where its test holds, and those before it do not. */
export interface Path {
  readonly test: Expression;
  /** Behind the test: whatever was assigned before was looked at. */
  readonly seen: number;
  readonly body: Block;
  readonly leaves: Leaves;
}

/** `if`, `elif` and `else`; `while`; `assert`, which is an `if not` that raises; and their like in expressions. */
export interface Decision {
  readonly paths: readonly Path[];
  readonly otherwise: { readonly block: Block; readonly leaves: Leaves } | undefined;
  /** The block that it stands in, and where it ends there. */
  readonly block: Block;
  readonly end: number;
  /** It is done again until its test fails, and nothing else ends it. */
  readonly untilFalse: boolean;
}

/** A name that an import brings. */
export interface ImportedName {
  /** As it is called here. */
  readonly name: string;
  /** Dots before it: how far up. */
  readonly up: number;
  readonly module: string;
  /** What of the module; undefined: the module itself. */
  readonly what: string | undefined;
  readonly at: number;
}

/** One parameter of a function. */
export interface Parameter {
  readonly name: string;
  readonly star: '' | '*' | '**';
  readonly type: string | undefined;
  readonly value: Expression | undefined;
}

/** A module, a class, a function or a lambda: where names are looked up. */
export interface Scope {
  readonly kind: 'module' | 'class' | 'function';
  readonly name: string;
  readonly at: number;
  readonly parent: Scope | undefined;
  readonly parameters: readonly Parameter[];
  readonly decorators: readonly Expression[];
  /** Of a class. */
  readonly bases: readonly Argument[];
  readonly assignments: Assignment[];
  readonly imports: ImportedName[];
  readonly returns: Expression[];
  /** What stands behind `if`, `while`, `assert` and in conditions. */
  readonly tests: Test[];
  /** Inner ones before those around them. */
  readonly decisions: Decision[];
  /** In the order of their beginnings. */
  readonly blocks: Block[];
  readonly calls: Call[];
  readonly scopes: Scope[];
}

/** A condition, and what it decides. */
export interface Test {
  readonly test: Expression;
  /** From where on it says something: in `a if b else c`, `a` stands before it. */
  readonly from: number;
  /** What is done where it holds; undefined: whatever comes after it. */
  readonly body: Block | undefined;
  /** Where it holds, nothing after it is done: the body returns, raises or aborts. */
  readonly leaves: boolean;
  /** What is done where it does not hold, and whether that leaves. */
  readonly otherwise?: { readonly block: Block; readonly leaves: boolean };
}

/** A whole file. */
export interface Module {
  readonly scope: Scope;
  /** Where the parser did not know what it read; that much was not looked at. */
  readonly unknown: readonly number[];
  /** What stands behind `try`. */
  readonly tries: readonly Block[];
}

/** Turns a text into a module: the port behind which a parser stands. */
export type ParsePython = (text: string) => Module;
