/** Why `req.session` cannot be the layer's with the code as it is: what it is asked for and does not have. */
import type { SyntaxNode } from '@lezer/common';
import type { Called, ModuleFacts, Range } from './read-module.ts';
import type { SessionContext } from './request-session.ts';
import { cookieOf, isUseOfCookie } from './session-cookie-name.ts';
import { whySerialized } from './passport-user.ts';
import { shownPath } from './shown-path.ts';
import { placeOf } from './wiring.ts';

/** Packages that were tried on it. */
const TRIED = /^(?:passport|passport-local|connect-flash|connect-ensure-login)$/;

/** What express-session has on a session, and `requestSession` answers with an error. */
const ABSENT = /^(?:cookie|id|reload|touch|resetMaxAge)$/;

/** An answer that a browser posts from another site brings no cookie of ours, which is `SameSite=Lax`. */
const POSTED_BACK = /\bform_post\b/i;

const FILE_WORDS =
  /\b(?:sessionID|sessionStore|express-session|connect\.sid)\b|\bsession\.(?:id|cookie|touch|reload)\b/;

/** A text for a person; undefined: nothing speaks against it. */
export function whyNotRequestSession(
  context: SessionContext,
  mountedIn: ModuleFacts,
  call: Called,
): string | undefined {
  const { modules, others, dependents, gone } = context;
  const untried = dependents.filter((name) => !TRIED.test(name));
  if (untried.length > 0) return `${untried.map(shownPath).join(', ')} may ask it for more than it has`;
  const other = others.find(({ path, text }) => FILE_WORDS.test(text) || hasTypes(path, text));
  if (other !== undefined) return `${shownPath(other.path)} speaks of it`;
  const cookie = cookieOf(call);
  if (cookie === undefined) return 'its cookie has a name that is worked out while it runs';
  for (const module of modules) {
    if (hasTypes(module.path, module.text)) return `${shownPath(module.path)} has its types`;
    const posted = POSTED_BACK.exec(module.text);
    if (posted !== null)
      return `${placeOf(module, { from: posted.index, to: posted.index })} has an answer posted back by another site, without the cookie of a session`;
    const imports = module.imports.filter(({ source }) => source === 'express-session');
    const taken = [...(gone.get(module) ?? []), ...imports, ...(module === mountedIn ? [call] : [])];
    const at = firstAbsent(module, cookie, taken);
    if (at !== undefined) return `${placeOf(module, at)} asks for what it does not have`;
  }
  return whySerialized(modules);
}

/** Types of a session are those of the package: without it nothing is compiled. */
function hasTypes(path: string, text: string): boolean {
  return /\.[cm]?tsx?$/.test(path) && /\bsession\b/.test(text);
}

function firstAbsent(module: ModuleFacts, cookie: string, taken: readonly Range[]): Range | undefined {
  const { text, top } = module;
  const aliases = aliasesOf(module);
  const slice = (node: SyntaxNode | null): string => (node === null ? '' : text.slice(node.from, node.to));
  const isSession = (node: SyntaxNode | null): boolean => {
    const said = slice(node);
    return /(?:^|\.|\?\.)session$/.test(said) || aliases.has(said);
  };
  let found: Range | undefined;
  top.cursor().iterate(({ node, name, from, to }) => {
    if (found !== undefined) return false;
    if (taken.some((range) => range.from <= from && to <= range.to)) return false;
    if (isOne(node, name)) found = { from, to };
    return true;
  });
  return found;

  function isOne(node: SyntaxNode, kind: string): boolean {
    const own = slice(node);
    const { parent } = node;
    if (kind === 'String' || kind === 'TemplateString') {
      const inside = own.slice(1, -1);
      if (/^express-session(?:\/|$)/.test(inside)) return true;
      return isUseOfCookie(module, node, cookie);
    }
    if (/^(?:PropertyName|PropertyDefinition|VariableDefinition|VariableName)$/.test(kind)) {
      if (/^(?:sessionID|sessionStore|resetMaxAge)$/.test(own)) return true;
      if (kind === 'PropertyName' && ABSENT.test(own))
        return parent?.name === 'MemberExpression' && isSession(parent.firstChild);
      // `const { cookie } = req.session`
      if (kind === 'PropertyName' || kind === 'PropertyDefinition' || kind === 'VariableDefinition')
        return ABSENT.test(own) && isSession(givenTo(node));
      return false;
    }
    // `req.session = other`, `delete req.session`: another object is nobody's session.
    if (kind === 'AssignmentExpression')
      return isRequestSession(slice(node.firstChild)) && slice(node.lastChild) !== 'null';
    return kind === 'UnaryExpression' && /^delete\s+\S+\.session$/.test(own);
  }

  /** What the pattern around a name is given. */
  function givenTo(node: SyntaxNode): SyntaxNode | null {
    const property = node.parent?.name === 'PatternProperty' ? node.parent : null;
    const pattern = property?.parent ?? null;
    return pattern?.name === 'ObjectPattern' && pattern.nextSibling?.name === 'Equals'
      ? pattern.nextSibling.nextSibling
      : null;
  }
}

function isRequestSession(said: string): boolean {
  return /^_?req(?:uest)?\.session$/.test(said);
}

/** `const kept = req.session`, `const { session: kept } = req`. */
function aliasesOf({ text }: ModuleFacts): ReadonlySet<string> {
  const names = [
    ...text.matchAll(/\b(\w+)\s*=\s*[\w.]+\??\.session\b(?!\s*[.?([])/g),
    ...text.matchAll(/\bsession\s*:\s*(\w+)[^{}]*\}\s*=\s*_?req/g),
  ].map(([, name = '']) => name);
  return new Set(names);
}
