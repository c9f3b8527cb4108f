/** What the package exports, as the reference has it: names, signatures, comments, members. */
import {
  type ClassElement,
  isCallSignatureDeclaration,
  isClassDeclaration,
  isConstructorDeclaration,
  isExpressionWithTypeArguments,
  isIdentifier,
  isInterfaceDeclaration,
  isMethodDeclaration,
  isMethodSignatureDeclaration,
  isParameterDeclaration,
  isPropertyDeclaration,
  isQualifiedName,
  isTypeReferenceNode,
  type Node,
  type SourceFile,
  SyntaxKind,
  type TypeElement,
} from 'typescript/unstable/ast';
import { type DocComment, readDocComment } from './doc-comment.ts';
import type { Declaration, Modules } from './modules.ts';

/** A name of the reference. */
export interface ApiItem {
  readonly name: string;
  /** The file that declares it, from the root of the repository. */
  readonly path: string;
  readonly kind: 'class' | 'constant' | 'function' | 'interface' | 'type';
  /** One a line of overloads. */
  readonly signature: string;
  readonly comment: DocComment | undefined;
  readonly members: readonly ApiMember[];
  /** Names of ours in its signatures. */
  readonly uses: readonly Declaration[];
}

/** A member of a class or an interface. */
export interface ApiMember {
  readonly name: string;
  readonly isMethod: boolean;
  /** On one line. */
  readonly signature: string;
  readonly comment: DocComment | undefined;
}

/**
 * Describes a declaration.
 *
 * @param isTypeOnly - its constructor and its static members are out of reach, and are left out
 */
export function describe(declaration: Declaration, isTypeOnly: boolean, modules: Modules): ApiItem {
  const { name, path, file, nodes } = declaration;
  const [first] = nodes;
  if (first === undefined) throw new Error(`${path}: ${name} is declared nowhere`);
  const members = membersOf(first, isTypeOnly);
  return {
    name,
    path,
    kind: kindOf(first),
    signature: nodes
      .filter((node) => nodes.length === 1 || !hasBody(node))
      .map((node) => headOf(node, file))
      .join('\n'),
    comment: nodes.map((node) => commentOf(node, file)).find((comment) => comment !== undefined),
    members: members.map((member) => describeMember(member, file)).toSorted(inOrder),
    uses: usesOf(nodes, isTypeOnly, path, modules),
  };
}

function kindOf({ kind }: Node): ApiItem['kind'] {
  if (kind === SyntaxKind.ClassDeclaration) return 'class';
  if (kind === SyntaxKind.FunctionDeclaration) return 'function';
  if (kind === SyntaxKind.InterfaceDeclaration) return 'interface';
  return kind === SyntaxKind.TypeAliasDeclaration ? 'type' : 'constant';
}

/** The declaration without its members and without what it does. */
function headOf(node: Node, file: SourceFile): string {
  const text = shown(node, file);
  const head =
    isClassDeclaration(node) || isInterfaceDeclaration(node) ? text.replace(/\s*\{[^]*$/, '') : text;
  return head.replace(/^export /, '').trim();
}

function membersOf(node: Node, isTypeOnly: boolean): readonly (ClassElement | TypeElement)[] {
  if (isInterfaceDeclaration(node)) return node.members;
  if (!isClassDeclaration(node)) return [];
  const members = node.members.filter(isPublic);
  const isMadeBy = members.some((member) => isStatic(member) && nameOf(member)?.getText() === 'of');
  return members.filter(
    (member) =>
      !(isStatic(member) && isTypeOnly) && !(isConstructorDeclaration(member) && (isTypeOnly || isMadeBy)),
  );
}

function isStatic(member: ClassElement): boolean {
  const { modifiers = [] } = member as { modifiers?: readonly Node[] };
  return modifiers.some(({ kind }) => kind === SyntaxKind.StaticKeyword);
}

function isPublic(member: ClassElement): boolean {
  const { modifiers = [] } = member as { modifiers?: readonly Node[] };
  const isStaticBlock = member.kind === SyntaxKind.ClassStaticBlockDeclaration;
  const isHidden = modifiers.some(
    ({ kind }) => kind === SyntaxKind.PrivateKeyword || kind === SyntaxKind.ProtectedKeyword,
  );
  return !isStaticBlock && !isHidden && nameOf(member)?.kind !== SyntaxKind.PrivateIdentifier;
}

function describeMember(member: ClassElement | TypeElement, file: SourceFile): ApiMember {
  return {
    name: isConstructorDeclaration(member) ? 'constructor' : (nameOf(member)?.getText(file) ?? ''),
    isMethod:
      isMethodDeclaration(member) ||
      isMethodSignatureDeclaration(member) ||
      isCallSignatureDeclaration(member),
    signature: onOneLine(shown(member, file)),
    comment: commentOf(member, file),
  };
}

/** What makes one and what is called without a name come first. */
function inOrder(one: ApiMember, other: ApiMember): number {
  const rank = ({ name }: ApiMember): number => (name === 'constructor' || name === '' ? 0 : 1);
  return rank(one) - rank(other) || (one.name < other.name ? -1 : 1);
}

/** The text of a declaration, as its emitted one would be: no bodies, no values, and what has a default is optional. */
function shown(node: Node, file: SourceFile): string {
  const start = node.getStart(file);
  const cuts: [from: number, to: number, instead: string][] = [];
  const visit = (inner: Node): void => {
    const { body, initializer, type, name } = inner as Parts;
    const isProperty = isPropertyDeclaration(inner);
    if (name !== undefined && initializer !== undefined && (isParameterDeclaration(inner) || isProperty)) {
      const optional = isProperty ? '' : '?';
      cuts.push([
        name.end,
        initializer.end,
        `${optional}: ${type?.getText(file) ?? literalType(initializer)}`,
      ]);
    } else if (initializer !== undefined && type !== undefined) {
      cuts.push([type.end, initializer.end, '']);
    } else {
      inner.forEachChild((child) => {
        if (child !== body) visit(child);
      });
      if (body !== undefined) cuts.push([body.pos, body.end, ';']);
    }
  };
  visit(node);
  let text = file.text.slice(start, node.end);
  for (const [from, to, instead] of cuts.toSorted(([a], [b]) => b - a)) {
    text = text.slice(0, from - start) + instead + text.slice(to - start);
  }
  return text.replace(/^((?:export |static )?)async /, '$1').replace(/;*$/, ';');
}

function nameOf(member: Node): Node | undefined {
  return (member as Parts).name;
}

interface Parts {
  readonly body?: Node;
  readonly initializer?: Node;
  readonly type?: Node;
  readonly name?: Node;
}

function hasBody(node: Node): boolean {
  return (node as Parts).body !== undefined;
}

function literalType({ kind }: Node): string {
  if (kind === SyntaxKind.TrueKeyword || kind === SyntaxKind.FalseKeyword) return 'boolean';
  return kind === SyntaxKind.NumericLiteral ? 'number' : 'string';
}

function onOneLine(text: string): string {
  return text
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\( /g, '(')
    .replaceAll(/,? \)/g, ')')
    .replaceAll(/([:=]) \| /g, '$1 ')
    .replace(/;$/, '');
}

function commentOf(node: Node, file: SourceFile): DocComment | undefined {
  const last = node.jsDoc?.at(-1);
  return last && readDocComment(file.text.slice(last.pos, last.end));
}

/** What of ours the types of a declaration name, in bodies and values apart. */
function usesOf(nodes: readonly Node[], isTypeOnly: boolean, path: string, modules: Modules): Declaration[] {
  const found = new Set<Declaration>();
  const visit = (node: Node): void => {
    const name = typeNameOf(node);
    const declaration = name === undefined ? undefined : modules.find(path, name);
    if (declaration !== undefined && declaration.nodes !== nodes) found.add(declaration);
    const { body, initializer, type } = node as Parts;
    const members: readonly Node[] = membersOf(node, isTypeOnly);
    const hidden: readonly Node[] = isClassDeclaration(node)
      ? node.members.filter((one) => !members.includes(one))
      : [];
    node.forEachChild((child) => {
      const isValue = child === initializer && (isPropertyDeclaration(node) || type !== undefined);
      if (child !== body && !isValue && !hidden.includes(child)) visit(child);
    });
  };
  for (const node of nodes) visit(node);
  return [...found];
}

function typeNameOf(node: Node): string | undefined {
  let name: Node | undefined;
  if (isTypeReferenceNode(node)) name = node.typeName;
  else if (isExpressionWithTypeArguments(node)) name = node.expression;
  while (name !== undefined && isQualifiedName(name)) name = name.left;
  return name !== undefined && isIdentifier(name) ? name.text : undefined;
}
