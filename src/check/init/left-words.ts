/** Words by which files hang on a package. One that no edit takes away is a use that was not understood: the package stays. */
import type { SyntaxNode } from '@lezer/common';
import { type Edit, inOrder } from '../fix/edit.ts';
import type { Moved } from './moved.ts';
import type { ModuleFacts, Range } from './read-module.ts';

/** What a package puts where others find it. */
interface Words {
  /** Names of what it adds to a request. */
  readonly properties: readonly string[];
  /** In a file that is no module here: anything that could be a use. */
  readonly mention: RegExp;
}

const WORDS: Readonly<Record<string, Words>> = {
  helmet: { properties: [], mention: /\bhelmet\b/ },
  csurf: { properties: ['csrfToken'], mention: /\b(?:csurf|csrfToken)\b/ },
  'csrf-csrf': {
    properties: ['csrfToken'],
    mention: /\b(?:csrf-csrf|doubleCsrf|csrfToken|generateCsrfToken)\b/,
  },
  'express-rate-limit': { properties: ['rateLimit'], mention: /\b(?:express-rate-limit|rateLimit)\b/ },
  'express-session': {
    properties: ['session', 'sessionID', 'sessionStore'],
    mention: /\b(?:session|sessionID|sessionStore|csrfToken)\b/,
  },
};

/** A file that is not changed: a test, what was built, what a browser or a compiler is given. */
export interface OtherText {
  readonly path: string;
  readonly text: string;
}

const REQUEST = /^_?req(?:uest)?$/;

/** Leaves a package at the first use of each file that is still there. */
export function leaveWhatIsLeft(
  moved: Moved,
  modules: readonly ModuleFacts[],
  others: readonly OtherText[],
  lines: readonly string[],
): void {
  const words = WORDS[moved.name];
  if (words === undefined) throw new RangeError(`nothing is known of ${moved.name}`);
  for (const module of modules) {
    const at = firstLeft(module, moved, words.properties);
    if (at !== undefined) moved.leave(module, at, ...lines);
  }
  for (const other of others) {
    const found = words.mention.exec(other.text);
    if (found !== null) moved.leave(other, { from: found.index, to: found.index }, ...lines);
  }
}

/** Where sessions stay anyway: the uses that nothing here understands, each with its line, for whoever moves them. */
export function saySessionsLeft(moved: Moved, modules: readonly ModuleFacts[], general: string): void {
  let left = MOST_SAID;
  for (const module of modules) {
    const edits = moved.wouldBe.get(module) ?? [];
    for (const at of leftIn(module, edits, (node, kind) => lineOf(module, node, kind) !== undefined, left)) {
      const line = lineOf(module, module.top.resolveInner(at.from, 1), undefined);
      if (line !== undefined && moved.say(module, at, general, line)) left -= 1;
    }
  }
}

/** More than these nobody copies from a terminal. */
const MOST_SAID = 20;
const SOME_REQUEST = /(?:^|\.)_?req(?:uest)?$/;

function lineOf({ text }: ModuleFacts, node: SyntaxNode, kind: string | undefined): string | undefined {
  if (kind !== undefined && kind !== 'PropertyName' && kind !== 'VariableDefinition') return undefined;
  const own = text.slice(node.from, node.to);
  const { parent } = node;
  if (node.name === 'VariableDefinition') {
    const given = parent?.name === 'PatternProperty' ? parent.parent?.nextSibling?.nextSibling : undefined;
    const from = given === null || given === undefined ? '' : text.slice(given.from, given.to);
    return own === 'session' && SOME_REQUEST.test(from)
      ? `const { session } = bulwark.of(${from}); // its get, set and delete, by the name of each value`
      : undefined;
  }
  const object = parent?.name === 'MemberExpression' ? parent.firstChild : null;
  const from = object === null || object === undefined ? '' : text.slice(object.from, object.to);
  if (!SOME_REQUEST.test(from) || from.includes('\n')) return undefined;
  if (own === 'sessionID') return NO_ID;
  return own === 'session'
    ? `bulwark.of(${from}).session // its get, set and delete, by the name of each value`
    : undefined;
}

/** An id that others know is one that opens the session. */
export const NO_ID =
  '// no handler has the id: bulwark.of(req).requestId for a log, and an id of your own, by set, for whoever else asks for one';

function firstLeft(module: ModuleFacts, moved: Moved, properties: readonly string[]): Range | undefined {
  const isOne = (node: SyntaxNode, kind: string): boolean =>
    isUse(module, node, kind, moved.name, properties);
  const taken = [...(moved.edits.get(module) ?? []), ...(moved.gone.get(module) ?? [])];
  return leftIn(module, taken, isOne, 1)[0];
}

function leftIn(
  module: ModuleFacts,
  edits: readonly Edit[],
  isOne: (node: SyntaxNode, kind: string) => boolean,
  most: number,
): readonly Range[] {
  const taken = inOrder(edits.filter((edit) => edit.to > edit.from));
  // Nodes come by where they begin, as the edits do: one walk over both.
  let next = 0;
  const left: Range[] = [];
  module.top.cursor().iterate(({ node, name, from, to }) => {
    if (left.length >= most) return false;
    if (!isOne(node, name)) return true;
    while ((taken[next]?.to ?? Number.POSITIVE_INFINITY) <= from) next += 1;
    const edit = taken[next];
    const isTaken = edit !== undefined && edit.from <= from && edit.to >= to;
    if (!isTaken) left.push({ from, to });
    return true;
  });
  return left;
}

function isUse(
  { text }: ModuleFacts,
  node: SyntaxNode,
  kind: string,
  name: string,
  properties: readonly string[],
): boolean {
  const own = (): string => text.slice(node.from, node.to);
  if (kind === 'String' || kind === 'TemplateString') {
    const inside = ownText(text, node).slice(1, -1);
    if (inside === name || inside.startsWith(`${name}/`)) return true;
    // `get(req, 'session.user')`
    return properties.length > 0 && inside.split(/[.?[\]]+/).some((part) => properties.includes(part));
  }
  if (kind === 'PropertyName') return properties.includes(own()) && !isTargetElsewhere(text, node);
  if (kind === 'VariableDefinition')
    return node.parent?.name === 'PatternProperty' && properties.includes(own());
  if (kind === 'PropertyDefinition')
    // `render(page, { csrfToken: ... })` names what it hands over; `{ session: false }` is an option of somebody.
    return (
      properties.includes(own()) && !(/^(?:csurf|csrf-csrf)$/.test(name) && node.parent?.name === 'Property')
    );
  // `req[name]`
  return (
    kind === 'MemberExpression' &&
    properties.length > 0 &&
    node.getChild('[') !== null &&
    node.lastChild?.prevSibling?.name !== 'String' &&
    node.firstChild !== null &&
    REQUEST.test(text.slice(node.firstChild.from, node.firstChild.to))
  );
}

/** Of a text; what is put into it, as in `${req.session.name}`, is looked at by itself. */
function ownText(text: string, node: SyntaxNode): string {
  let [own, at] = ['', node.from];
  for (const put of node.getChildren('Interpolation')) {
    own += `${text.slice(at, put.from)} `;
    at = put.to;
  }
  return own + text.slice(at, node.to);
}

/** `res.locals.csrfToken = ...`: a place of the application's own. What a request has is another matter. */
function isTargetElsewhere(text: string, { parent }: SyntaxNode): boolean {
  const object = parent?.firstChild;
  if (parent?.name !== 'MemberExpression' || object === null || object === undefined) return false;
  const isTarget =
    parent.parent?.name === 'AssignmentExpression' &&
    parent.parent.firstChild?.from === parent.from &&
    parent.parent.getChild('Equals') !== null;
  return isTarget && /^(?:res|response|app)\.locals$/.test(text.slice(object.from, object.to));
}
