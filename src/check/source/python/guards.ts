/** Whether a value was looked at before it is used: then what it may be is somebody's decision. */
import type { Assignment, Block, Decision, Expression, Scope } from './ast.ts';
import { assignedTo, keyOf, provenBy } from './proofs.ts';
import { lastName, type PythonFile } from './python-file.ts';

/** Called for what it raises. */
const CHECK_CALL = /^_?(?:valid|check|verif|ensure|assert|sanit|require)/i;
/** These run something, and check how that ended; or they count who asks, and not what. */
const OTHERS =
  /^check_(?:output|call|password)|(?:^|_)(?:rate\w*|limits?|quotas?|throttl\w*|csrf\w*|log(?:ged)?_?in|status|health|count|size|length|updates?)(?:_|$)/i;

const known = new WeakMap<Scope, Guards>();

/** Whether a test or a call of a check before it names it. */
export function isGuarded(expression: Expression, scope: Scope, file: PythonFile): boolean {
  const key = keyOf(expression);
  if (key === undefined || file.source.text.length === 0) return false;
  return guardsOf(scope).covers(key, expression.at);
}

/** The same of what a name was given by one assignment. What it is given behind a check, nobody has looked at. */
export function isGuardedSince(
  name: Extract<Expression, { kind: 'name' }>,
  scope: Scope,
  given: Assignment,
): boolean {
  return guardsOf(scope).coversSince(name.id, name.at, given);
}

function guardsOf(scope: Scope): Guards {
  let guards = known.get(scope);
  if (guards === undefined) {
    guards = new Guards(scope);
    known.set(scope, guards);
  }
  return guards;
}

interface Guard {
  /** From where to where it says something of the value, which was there before `seen`. */
  readonly from: number;
  readonly to: number;
  readonly seen: number;
}

/** All of one scope. */
class Guards {
  readonly #scope: Scope;
  readonly #guards = new Map<string, Guard[]>();
  /** What is known at the end of a block. */
  readonly #atEnd = new Map<Block, Set<string>>();

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#noteCalls();
    for (const decision of scope.decisions) this.#noteDecision(decision);
  }

  covers(key: string, at: number): boolean {
    return this.#guards.get(key)?.some(({ from, to }) => from < at && at < to) ?? false;
  }

  coversSince(key: string, at: number, { at: given, block }: Assignment): boolean {
    const guards = this.#guards.get(key);
    if (guards === undefined) return false;
    return guards.some(
      ({ from, to, seen }) =>
        given < seen &&
        ((from < at && at < to) ||
          // It leaves its block by the end, where it has been looked at.
          (block.from <= from && to >= block.to && at >= block.to && block.escapes !== true)),
    );
  }

  /** `validate(x)`, as a statement or not. */
  #noteCalls(): void {
    for (const call of this.#scope.calls) {
      const name = lastName(call.callee) ?? '';
      if (!CHECK_CALL.test(name) || OTHERS.test(name)) continue;
      const block = this.#blockAt(call.at);
      for (const { value } of call.args) {
        const key = keyOf(value);
        // What stands in the call itself is what it checks.
        if (key !== undefined) this.#holds(key, value.at + 1, block, value.at + 1);
      }
    }
  }

  #noteDecision({ paths, otherwise, block, end, untilFalse }: Decision): void {
    const scope = this.#scope;
    const [first] = paths;
    if (first === undefined) return;
    const failed = new Set<string>();
    // Of each way that goes on behind it, what is known there.
    const ways: ReadonlySet<string>[] = [];
    for (const { test, seen, body, leaves } of paths) {
      const here = failed.union(provenBy(test, { scope, holds: true }));
      this.#within(here, body, seen);
      if (leaves === 0 && !untilFalse) ways.push(here.union(this.#knownBehind(body)));
      for (const key of provenBy(test, { scope, holds: false, refused: leaves === 3 })) failed.add(key);
    }
    if (otherwise !== undefined) this.#within(failed, otherwise.block, first.seen);
    if (otherwise === undefined) ways.push(failed);
    else if (otherwise.leaves === 0) ways.push(failed.union(this.#knownBehind(otherwise.block)));
    const [way, ...more] = ways;
    if (way === undefined) return;
    const seen = untilFalse ? first.body.to : first.seen;
    for (const key of more.reduce((all, one) => all.intersection(one), way))
      this.#holds(key, end, block, seen);
  }

  #within(keys: ReadonlySet<string>, { from, to }: Block, seen: number): void {
    for (const key of keys) this.#add(key, { from, to, seen });
  }

  /** From a place on, to the end of its block, and on where that goes on. */
  #holds(key: string, from: number, block: Block, seen: number): void {
    for (let [at, begin]: [Block | undefined, number] = [block, from]; at !== undefined;) {
      this.#add(key, { from: begin - 1, to: at.to, seen });
      const keys = this.#atEnd.get(at);
      if (keys === undefined) this.#atEnd.set(at, new Set([key]));
      else keys.add(key);
      if (at.goesOn !== true) return;
      [at, begin] = [at.outer, at.to];
    }
  }

  #add(key: string, guard: Guard): void {
    const guards = this.#guards.get(key);
    if (guards === undefined) this.#guards.set(key, [guard]);
    else guards.push(guard);
  }

  /** Behind a block: what was checked in it, and what was given a value there, which is looked at for itself. */
  #knownBehind(block: Block): ReadonlySet<string> {
    const given = new Set(this.#atEnd.get(block));
    for (const { key, isOwn } of this.#givenIn(block)) if (isOwn) given.add(key);
    return given;
  }

  #given: Map<Block, { readonly key: string; readonly isOwn: boolean }[]> | undefined;

  #givenIn(block: Block): readonly { readonly key: string; readonly isOwn: boolean }[] {
    if (this.#given === undefined) {
      this.#given = new Map();
      for (const [key, all] of assignedTo(this.#scope)) {
        for (const { target, value, how, block: at } of all) {
          // Of other targets than names it is not known what they are given.
          const isOwn =
            how === 'is' && (target.kind === 'name' || /^(?:string|number|constant)$/.test(value.kind));
          const some = this.#given.get(at);
          if (some === undefined) this.#given.set(at, [{ key, isOwn }]);
          else some.push({ key, isOwn });
        }
      }
    }
    return this.#given.get(block) ?? [];
  }

  #blockAt(at: number): Block {
    const { blocks } = this.#scope;
    let [low, high] = [0, blocks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((blocks[middle]?.from ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    let block = blocks[low - 1];
    while (block !== undefined && at >= block.to) block = block.outer;
    return block ?? { from: 0, to: Number.POSITIVE_INFINITY };
  }
}
