/** What is noted of a module while it is read: into the scope at hand. */
import type { Argument, Assignment, Block, Call, Expression, Parameter, Scope } from './ast.ts';
import type { Notes } from './reader.ts';

/** A scope that nothing is noted of yet. */
export function newScope(
  kind: Scope['kind'],
  name: string,
  at: number,
  parent: Scope | undefined,
  parameters: readonly Parameter[] = [],
  decorators: readonly Expression[] = [],
  bases: readonly Argument[] = [],
): Scope {
  return {
    kind,
    name,
    at,
    parent,
    parameters,
    decorators,
    bases,
    assignments: [],
    imports: [],
    returns: [],
    tests: [],
    decisions: [],
    blocks: [],
    calls: [],
    scopes: [],
  };
}

/** One for all: of what a function does, nothing is noted. */
const NOTHING: never[] = [];
Object.freeze(NOTHING);

/** A function of which no more is known than how it is called. */
export function newOutline(name: string, at: number, parent: Scope, parameters: readonly Parameter[]): Scope {
  return {
    kind: 'function',
    name,
    at,
    parent,
    parameters,
    decorators: NOTHING,
    bases: NOTHING,
    assignments: NOTHING,
    imports: NOTHING,
    returns: NOTHING,
    tests: NOTHING,
    decisions: NOTHING,
    blocks: NOTHING,
    calls: NOTHING,
    scopes: NOTHING,
  };
}

/** The scope and the block that are read, and what was not known in them. */
export class ModuleNotes implements Notes {
  readonly unknown: number[] = [];
  readonly tries: Block[] = [];
  scope: Scope = newScope('module', '', 0, undefined);
  block: Block;

  constructor(block: Block) {
    this.block = block;
  }

  readonly onCall = (call: Call): void => void this.scope.calls.push(call);

  readonly onTest: Notes['onTest'] = (test, from, end, body, other) => {
    this.scope.tests.push({ test, from, body: undefined, leaves: false });
    this.scope.decisions.push({
      // `assert x` goes on where it holds, and raises where it does not.
      paths: [
        body === undefined
          ? {
              test: { kind: 'unary', at: test.at, operator: 'not', operand: test },
              seen: end,
              body: { from: end, to: end },
              leaves: 3,
            }
          : { test, seen: test.at, body, leaves: 0 },
      ],
      otherwise: other === undefined ? undefined : { block: other, leaves: 0 },
      block: this.block,
      end,
      untilFalse: false,
    });
  };

  readonly onUnknown = (at: number): void => void this.unknown.push(at);

  /** A value for one target, or for each of many. */
  readonly onBinding = (
    target: Expression,
    value: Expression,
    how: Assignment['how'],
    at: number = target.at,
  ): void => {
    if (target.kind === 'sequence')
      for (const item of target.items) this.onBinding(item, value, 'one-of', at);
    else this.scope.assignments.push({ target, value, how, at, block: this.block });
  };

  /** `a, b = c, d` */
  assignAll(targets: readonly Expression[], value: Expression): void {
    const [first, ...rest] = targets;
    if (first === undefined) return;
    if (rest.length === 0) return this.onBinding(first, value, 'is');
    targets.forEach((target, place) => {
      const own = value.kind === 'sequence' && value.items.length === targets.length;
      this.onBinding(target, own ? (value.items[place] ?? value) : value, own ? 'is' : 'one-of');
    });
  }
}

/** What is called, without whose it is. */
export function lastWord(callee: Expression): string {
  return callee.kind === 'name' ? callee.id : callee.kind === 'attribute' ? callee.name : '';
}
