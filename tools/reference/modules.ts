/** The sources as modules: what each declares, imports and exports, read by the compiler's own parser. */
import { dirname, join } from 'node:path';
import {
  type ExportDeclaration,
  type ImportDeclaration,
  isClassDeclaration,
  isExportDeclaration,
  isFunctionDeclaration,
  isImportDeclaration,
  isInterfaceDeclaration,
  isNamedExports,
  isNamedImports,
  isStringLiteral,
  isTypeAliasDeclaration,
  isVariableStatement,
  type Node,
  type SourceFile,
  type Statement,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

/** A name at the top of a file. Several nodes where a function has overloads. */
export interface Declaration {
  readonly file: SourceFile;
  /** From the root of the repository. */
  readonly path: string;
  readonly name: string;
  readonly nodes: readonly Node[];
}

interface Elsewhere {
  readonly from: string;
  readonly name: string;
}

interface Module {
  readonly declarations: ReadonlyMap<string, Declaration>;
  readonly imports: ReadonlyMap<string, Elsewhere>;
  readonly exports: ReadonlyMap<string, ExportedName>;
}

interface ExportedName {
  readonly target: string | Elsewhere;
  readonly isTypeOnly: boolean;
}

/** What a file exports under one name. */
export interface Exported {
  readonly declaration: Declaration;
  /** A class of which only the type is exported: nobody calls what is static, or makes one. */
  readonly isTypeOnly: boolean;
}

/** Modules, each read once. */
export class Modules {
  readonly #root: string;
  readonly #read: (file: string) => SourceFile | undefined;
  readonly #modules = new Map<string, Module>();

  private constructor(root: string, read: (file: string) => SourceFile | undefined) {
    this.#root = root;
    this.#read = read;
  }

  /** Hands the modules of a repository to `use`, while the compiler is there. */
  static open<Result>(root: string, use: (modules: Modules) => Result): Result {
    const api = new API({ cwd: root });
    try {
      const config = join(root, 'tsconfig.build.json');
      const program = api.updateSnapshot({ openProjects: [config] }).getProject(config)?.program;
      if (program === undefined) throw new Error(`${config} makes no program`);
      return use(new Modules(root, (file) => program.getSourceFile(file)));
    } finally {
      api.close();
    }
  }

  /** A file, by its path from the root. */
  file(path: string): SourceFile {
    const file = this.#read(join(this.#root, path));
    if (file === undefined) throw new Error(`${path} is no file of the program`);
    return file;
  }

  /** The files of ours that a file imports something from. */
  importedBy(path: string): readonly string[] {
    return [...new Set([...this.#moduleOf(path).imports.values()].map(({ from }) => from))];
  }

  /** What a file exports, by the names it exports them under. */
  exportsOf(path: string): ReadonlyMap<string, Exported> {
    return new Map(
      [...this.#moduleOf(path).exports].map(([name, { isTypeOnly }]) => {
        const declaration = this.#exported(path, name);
        if (declaration === undefined) throw new Error(`${path}: where does ${name} come from?`);
        return [name, { declaration, isTypeOnly }];
      }),
    );
  }

  /** What a name means in a file; undefined where it is Node's, a library's or the language's own. */
  find(path: string, name: string): Declaration | undefined {
    const { declarations, imports } = this.#moduleOf(path);
    const imported = imports.get(name);
    return declarations.get(name) ?? (imported && this.#exported(imported.from, imported.name));
  }

  #exported(path: string, name: string): Declaration | undefined {
    const target = this.#moduleOf(path).exports.get(name)?.target;
    if (target === undefined) return undefined;
    return typeof target === 'string' ? this.find(path, target) : this.#exported(target.from, target.name);
  }

  #moduleOf(path: string): Module {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const module = readModule(this.file(path), path);
    this.#modules.set(path, module);
    return module;
  }
}

function readModule(file: SourceFile, path: string): Module {
  const declarations = new Map<string, Declaration>();
  const imports = new Map<string, Elsewhere>();
  const exports = new Map<string, ExportedName>();
  for (const statement of file.statements) {
    if (isImportDeclaration(statement)) {
      for (const [local, elsewhere] of readImport(statement, path)) imports.set(local, elsewhere);
    } else if (isExportDeclaration(statement)) {
      for (const [name, target] of readExport(statement, path)) exports.set(name, target);
    } else {
      for (const [name, node] of declaredBy(statement)) {
        const nodes = [...(declarations.get(name)?.nodes ?? []), node];
        declarations.set(name, { file, path, name, nodes });
        if (isExported(statement)) exports.set(name, { target: name, isTypeOnly: false });
      }
    }
  }
  return { declarations, imports, exports };
}

function readImport(statement: ImportDeclaration, path: string): [string, Elsewhere][] {
  const from = ownModule(statement.moduleSpecifier, path);
  const names = statement.importClause?.namedBindings;
  if (from === undefined || names === undefined || !isNamedImports(names)) return [];
  return names.elements.map(({ name, propertyName }) => [
    name.text,
    { from, name: propertyName?.text ?? name.text },
  ]);
}

function readExport(statement: ExportDeclaration, path: string): [string, ExportedName][] {
  const { exportClause, moduleSpecifier } = statement;
  if (exportClause === undefined || !isNamedExports(exportClause)) return [];
  const from = moduleSpecifier && ownModule(moduleSpecifier, path);
  return exportClause.elements.map(({ name, propertyName, isTypeOnly }) => {
    const local = propertyName?.text ?? name.text;
    const target = from === undefined ? local : { from, name: local };
    return [name.text, { target, isTypeOnly: isTypeOnly || statement.isTypeOnly }];
  });
}

/** The path of a module of ours, from the root. */
function ownModule(specifier: Node, path: string): string | undefined {
  if (!isStringLiteral(specifier) || !specifier.text.startsWith('.')) return undefined;
  return join(dirname(path), specifier.text);
}

function declaredBy(statement: Statement): [string, Node][] {
  if (isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }): [string, Node][] =>
      name.kind === SyntaxKind.Identifier ? [[name.text, statement]] : [],
    );
  }
  const named =
    isClassDeclaration(statement) ||
    isFunctionDeclaration(statement) ||
    isInterfaceDeclaration(statement) ||
    isTypeAliasDeclaration(statement);
  return named && statement.name !== undefined ? [[statement.name.text, statement]] : [];
}

function isExported(statement: Statement): boolean {
  const { modifiers = [] } = statement as { modifiers?: readonly Node[] };
  return modifiers.some(({ kind }) => kind === SyntaxKind.ExportKeyword);
}
