/** JavaScript as rules see it: functions, what names stand for in them, and what they call. */

/** Where something stands, in UTF-16 units. */
interface Node {
  readonly at: number;
}

/** What has a value. `await`, brackets and types are left out: they change none. */
export type Expression = Node &
  (
    | { readonly kind: 'name'; readonly id: string }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'template'; readonly parts: readonly Expression[] }
    | { readonly kind: 'constant'; readonly value: number | boolean | null }
    | { readonly kind: 'regex'; readonly text: string }
    | { readonly kind: 'member'; readonly object: Expression; readonly name: string }
    | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression }
    | Call
    | { readonly kind: 'object'; readonly entries: readonly Entry[] }
    | { readonly kind: 'array'; readonly items: readonly Expression[] }
    | {
        readonly kind: 'binary';
        readonly operator: string;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: 'choice';
        readonly test: Expression;
        readonly yes: Expression;
        readonly no: Expression;
      }
    | { readonly kind: 'function'; readonly scope: Scope }
    | { readonly kind: 'unary'; readonly operator: string; readonly value: Expression }
    | { readonly kind: 'assign'; readonly target: Expression; readonly value: Expression }
    | { readonly kind: 'spread'; readonly value: Expression }
    | { readonly kind: 'tagged'; readonly tag: Expression; readonly parts: readonly Expression[] }
    /** What a function is given at a place; of a class, `this`. */
    | {
        readonly kind: 'parameter';
        readonly scope: Scope;
        readonly place: number;
        readonly name: string | undefined;
      }
    | { readonly kind: 'import'; readonly from: string; readonly name: string }
    | { readonly kind: 'other'; readonly parts: readonly Expression[] }
  );

export type Call = Node & {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: readonly Expression[];
  readonly isNew: boolean;
};

/** One of an object; without a key where it is computed or spread. */
export interface Entry extends Node {
  readonly key: string | undefined;
  readonly value: Expression;
  readonly spread: boolean;
}

/** A function, or the file around them. */
export interface Scope extends Node {
  /** For other files: the name that it is exported by, or has. */
  readonly name: string;
  readonly end: number;
  readonly parent: Scope | undefined;
  /** It answers requests: an argument of a call that names a route or a step before it. */
  handler: boolean;
  /** What each name is given, by its own declarations and assignments. */
  readonly bindings: Map<string, Expression[]>;
  readonly parameters: number;
  readonly returns: Expression[];
  readonly calls: Call[];
  readonly assignments: { readonly target: Expression; readonly value: Expression; readonly at: number }[];
  /** Conditions of `if`, `? :` and loops. */
  readonly tests: Expression[];
}

/** One file. */
export interface Parsed {
  readonly module: Scope;
  readonly scopes: readonly Scope[];
  /** What it hands out, by name; all of it at once is `default`. */
  readonly exports: ReadonlyMap<string, Expression>;
  /** Everything with entries. */
  readonly objects: readonly (Expression & { readonly kind: 'object' })[];
  /** Where it could not be understood. */
  readonly broken: number | undefined;
}
