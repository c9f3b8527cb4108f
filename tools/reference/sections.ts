/**
 * The sections of a policy. Each room declares its own in its `*.control.ts`, and the type of a policy is computed from
 * them: the compiler sees its fields, and the text of the type names none.
 */
import {
  isPropertySignatureDeclaration,
  isTypeReferenceNode,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast';
import { type ApiItem, type ApiMember, describe } from './api.ts';
import type { Declaration, Modules } from './modules.ts';

const TABLE = 'src/policy/controls.ts';

interface SectionOfPolicy {
  readonly member: ApiMember;
  readonly options: Declaration;
}

/** The policy's type, with the sections of all rooms among its members. */
export function withSections(item: ApiItem, modules: Modules): ApiItem {
  if (item.path !== 'src/policy/policy.ts' || item.name !== 'PolicyOptions') return item;
  const sections = modules
    .importedBy(TABLE)
    .filter((path) => path.endsWith('.control.ts'))
    .flatMap((path) => sectionsOf(path, modules));
  if (sections.length === 0) throw new Error(`no room that ${TABLE} imports declares a section`);
  const members = [...item.members, ...sections.map(({ member }) => member)];
  return {
    ...item,
    members: members.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    uses: [...item.uses, ...sections.map(({ options }) => options)],
  };
}

function sectionsOf(path: string, modules: Modules): SectionOfPolicy[] {
  const file = modules.file(path);
  const found: SectionOfPolicy[] = [];
  const visit = (node: Node): void => {
    const written = isPropertySignatureDeclaration(node) ? writtenAs(node.type, file) : undefined;
    // Such as `AccountPagesOptions | false`.
    const options = written?.match(/\w+Options\b/)?.[0];
    const declaration = options === undefined ? undefined : modules.find(path, options);
    if (isPropertySignatureDeclaration(node) && written !== undefined && declaration !== undefined) {
      const name = node.name.getText(file);
      const { comment } = describe(declaration, true, modules);
      const member = { name, isMethod: false, signature: `${name}?: ${written}`, comment };
      found.push({ member, options: declaration });
    }
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}

/** How a section is written: the first argument of its type. */
function writtenAs(type: Node, file: SourceFile): string | undefined {
  if (!isTypeReferenceNode(type) || type.typeName.getText(file) !== 'Section') return undefined;
  return type.typeArguments?.[0]?.getText(file);
}
