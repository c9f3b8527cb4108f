/** What `init` would write, read by the layer's own reader before it is offered: a policy that is refused starts nothing. */
import type { SyntaxNode } from '@lezer/common';
import { PolicyError } from '../../core/errors.ts';
import { randomBytes } from '../../core/random.ts';
import type { PolicyOptions } from '../../policy/policy.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { memory } from '../../stores/memory/state.ts';
import { readModule } from './read-module.ts';

/** What is wrong with it, in a line; undefined where the layer takes it. Nothing of it is run: it is read as data. */
export function whyRefused(text: string): string | undefined {
  const options = readModule('policy.js', text)
    ?.top.getChild('ExportDeclaration')
    ?.getChild('CallExpression')
    ?.getChild('ArgList')
    ?.getChild('ObjectExpression');
  const said = options === null || options === undefined ? undefined : dataOf(text, options);
  if (said === undefined) return 'it cannot be read as it would stand there';
  const whole: PolicyOptions = {
    ...said,
    origin: 'https://www.example.com',
    environment: 'production',
    secrets: { name: 'nobody', load: () => [randomBytes(SECRET_BYTES).toString('base64')] },
    state: memory(),
    audit: { sink: () => undefined },
  };
  try {
    void readPolicy(whole, NOWHERE);
    return undefined;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.problems.map(({ option, reason, fix }) => `${option}: ${reason} ${fix}`).join(' ');
  }
}

const SECRET_BYTES = 36;

/** Whatever this process was started with is no matter of a file that is written. */
const NOWHERE = { env: {}, execArgv: [], nodeVersion: process.versions.node, isWorker: false };

/** An object of texts, truths, numbers, and of lists and objects of these. */
function dataOf(text: string, object: SyntaxNode): Readonly<Record<string, unknown>> | undefined {
  const entries: [string, unknown][] = [];
  for (const property of object.getChildren('Property')) {
    const [name, value] = [property.firstChild, property.lastChild];
    if (name === null || value === null || value.prevSibling?.name !== ':') return undefined;
    const key = name.name === 'String' ? textOf(text, name) : text.slice(name.from, name.to);
    const read = valueOf(text, value);
    if (key === undefined || read === undefined) return undefined;
    entries.push([key, read]);
  }
  return Object.fromEntries(entries);
}

function valueOf(text: string, node: SyntaxNode): unknown {
  const own = text.slice(node.from, node.to);
  if (node.name === 'String') return textOf(text, node);
  if (node.name === 'BooleanLiteral') return own === 'true';
  if (node.name === 'Number') return Number(own);
  if (node.name === 'ObjectExpression') return dataOf(text, node);
  if (node.name !== 'ArrayExpression') return undefined;
  const all: unknown[] = [];
  for (let at = node.firstChild?.nextSibling ?? null; at !== null && at.name !== ']'; at = at.nextSibling)
    if (at.name !== ',') all.push(valueOf(text, at));
  return all.includes(undefined) ? undefined : all;
}

/** What has an escape in it was not written here. */
function textOf(text: string, { from, to }: SyntaxNode): string | undefined {
  const inside = text.slice(from + 1, to - 1);
  return inside.includes('\\') ? undefined : inside;
}
