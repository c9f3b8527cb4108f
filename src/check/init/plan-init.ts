/** What `bulwark init` would do to a project: a policy, the layer in its place, and what is left for a person to write. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { parseJson } from '../../core/parse-json.ts';
import { applyEdits, type Edit, inOrder } from '../fix/edit.ts';
import { isPlainFile } from '../fix/plan-fixes.ts';
import { isDeclaredTwice } from './declared-twice.ts';
import { type MoveContext, type Moves, NO_MOVES, planMoves } from './plan-moves.ts';
import { linesToPaste } from './paste-lines.ts';
import { planFlask } from './plan-flask.ts';
import { policyText } from './policy-text.ts';
import { type Project, readProject } from './read-project.ts';
import { type ModuleFacts, readModule } from './read-module.ts';
import { commandWord } from './shown-path.ts';
import { staticBehind } from './static-behind.ts';
import {
  byHand,
  type ByHand,
  findApplications,
  importEdit,
  type Found,
  type Kind,
  placeOf,
  type PolicyPlace,
  wire,
} from './wiring.ts';

/** A file that is written, or written anew. */
export interface Change {
  /** From the root of the project. */
  readonly path: string;
  /** What stands there; undefined: no file does. */
  readonly before: string | undefined;
  readonly after: string;
  readonly edits: readonly Edit[];
}

/** What would be done. */
export interface InitPlan {
  readonly kind: Kind | 'flask' | undefined;
  readonly changes: readonly Change[];
  /** What could not be placed. */
  readonly byHand: readonly ByHand[];
  /** What is worth knowing, in a line each. */
  readonly notes: readonly string[];
  /** Commands: to install, and to run it for the first time. */
  readonly next: readonly string[];
}

/** What is asked for. */
export interface InitOptions {
  /** The file that makes the application, where there are several. */
  readonly entry?: string;
  /** Packages that it takes the place of: of {@link MOVABLE}. */
  readonly from?: readonly string[];
  /** False: `req.session` goes too, place by place, or the package stays. */
  readonly keepsRequestSession?: boolean;
}

const POLICIES = ['bulwark.config.ts', 'bulwark.config.js', 'bulwark.config.mjs'];

/** What stands in package.json, as far as it is asked for. */
interface Manifest {
  readonly type?: unknown;
  readonly scripts?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, unknown>>;
}

/** Plans it. Nothing is written. */
export async function planInit(
  folder: string,
  { entry, from = [], keepsRequestSession = true }: InitOptions = {},
): Promise<InitPlan> {
  const root = resolve(folder);
  const existing = POLICIES.find((name) => isPlainFile(root, name));
  if (existing !== undefined) return { ...NOTHING, notes: [`There is a policy already: ${existing}.`] };
  const project = await readProject(root, from.length > 0);
  const { modules, python, unread } = project;
  const among =
    entry === undefined
      ? modules
      : modules.filter(({ path }) => path === posix(relative(root, resolve(root, entry))));
  const found = among.flatMap(findApplications);
  const manifest = readManifest(root);
  const chosen = chooseOne(found);
  if (chosen === undefined && found.length === 0) {
    const flask = planFlask(root, python);
    if (flask !== undefined) return flask;
    return { ...NOTHING, notes: [NONE, ...unread] };
  }
  if (chosen === undefined) return severalOf(found, unread);
  const plan = planNode(chosen, manifest, project, { from, keepsRequestSession });
  return isInstalled('bulwark', root)
    ? { ...plan, next: plan.next.filter((step) => step !== INSTALL) }
    : plan;
}

const REQUEST_SESSION =
  'requestSession() has the place of express-session, and req.session stays: docs/guides/leaving/express-session.md.';

const INSTALL = 'npm install bulwark';

const NOTHING: InitPlan = { kind: undefined, changes: [], byHand: [], notes: [], next: [] };
const NONE =
  'No application of Express, Fastify, Hono (on Node.js), node:http or Flask was found here. Whatever it is written in, `bulwark run -- COMMAND` puts the policy in front of it.';

/** A server that a framework stands on is no application beside it. */
function chooseOne(found: readonly Found[]): Found | undefined {
  const frameworks = found.filter(({ kind }) => kind !== 'node');
  const some = frameworks.length > 0 ? frameworks : found;
  if (some.length === 1) return some[0];
  // One that is mounted in another listens nowhere itself.
  const listening = some.filter(({ module, call: { variable } }) =>
    module.calls.some(
      ({ callee, args }) =>
        callee === `${variable}.listen` ||
        (callee.endsWith('createServer') && args.some(({ text }) => text === variable)),
    ),
  );
  return listening.length === 1 ? listening[0] : undefined;
}

function severalOf(found: readonly Found[], unread: readonly string[]): InitPlan {
  return {
    ...NOTHING,
    notes: [
      `Several applications are made here: ${placesOf(found)}. Name the file that makes yours: bulwark init --entry FILE`,
      ...unread,
    ],
  };
}

function placesOf(found: readonly Found[]): string {
  return found.map(({ kind, module, call }) => `${placeOf(module, call)} (${kind})`).join(', ');
}

function planNode(
  found: Found,
  manifest: Manifest,
  project: Project,
  { from, keepsRequestSession }: Required<Pick<InitOptions, 'from' | 'keepsRequestSession'>>,
): InitPlan {
  const { modules, unread } = project;
  const { kind, module, call } = found;
  const isTyped = extname(module.path).endsWith('ts');
  const isModule = manifest.type === 'module';
  const file =
    isTyped && isModule ? 'bulwark.config.ts' : isModule ? 'bulwark.config.js' : 'bulwark.config.mjs';
  const place = policyPlace(found, file, isTyped);
  // What is compiled to CommonJS cannot wait for its policy, and its compiler looks nowhere outside of its own folder.
  const isUnclear = isTyped && !(isModule && call.isTop);
  const wiring = isUnclear
    ? byHand(found, place, `${placeOf(module, call)}, which a compiler has to take`)
    : wire(found, place);
  const isWired = wiring.edits.length > 0;
  const why = from.length === 0 ? undefined : whyNoMoves(found, project);
  const isAsked = from.length > 0 && kind === 'express' && why === undefined;
  const planned = isAsked
    ? planMoves(from, { ...contextOf(found, manifest, project), keepsRequestSession })
    : NO_MOVES;
  const tried = isWired ? applied(module, wiring.edits, planned) : [];
  // Where the layer is put in by hand, packages are taken out by hand as well, and what to write is known all the same.
  const unwired = { ...NO_MOVES, byHand: linesOf(planned, file) };
  const moves = isWired ? (tried === undefined ? NO_MOVES : planned) : unwired;
  const wired = tried ?? applied(module, wiring.edits, NO_MOVES) ?? [];
  const text = policyText(modules, moves.policy);
  const policy: Change = { path: file, before: undefined, after: text, edits: [{ from: 0, to: 0, text }] };
  // What a comment names is not here.
  const imported = (name: string): boolean =>
    [...modules, ...project.further].some(({ sources }) =>
      sources.some((source) => source === name || source.startsWith(`${name}/`)),
    );
  const stays = from.filter((name) => !moves.left.includes(name) && imported(name));
  const absent = from.filter((name) => !imported(name));
  return {
    kind,
    changes: [policy, ...wired],
    byHand: [...wiring.byHand, ...moves.byHand],
    notes: [
      ...(stays.length > 0 ? [`As it is: ${stays.join(', ')}.`] : []),
      ...(wired.some(({ after }) => after.includes('requestSession()')) && !stays.includes('express-session')
        ? [REQUEST_SESSION, ...staticBehind(modules)]
        : []),
      ...(absent.length > 0 ? [`Nothing here imports ${absent.join(', ')}.`] : []),
      ...(why === undefined ? [] : [why]),
      ...notesOf(modules, manifest, moves.left),
      ...unread,
    ],
    next: [
      INSTALL,
      ...(moves.left.length > 0 ? [`npm uninstall ${moves.left.join(' ')}`] : []),
      `NODE_ENV=development ${startOf(manifest, module.path)}`,
    ],
  };
}

/** Everything that moves would write and leave, for a person. */
function linesOf({ policy, byHand: left, left: gone }: Moves, file: string): readonly ByHand[] {
  if (gone.length === 0) return left;
  const lines = linesToPaste(policy);
  const where = `${file}, in the place of ${gone.join(', ')}`;
  return [...left, { where, lines: lines.length === 0 ? ['// nothing: it is so by default'] : lines }];
}

/** Why nothing is taken out at all: the layer is in one place, and packages may hold in others. */
function whyNoMoves({ kind }: Found, { modules, unread }: Project): string | undefined {
  if (unread.length > 0) return 'Packages stay, since a file that may use them could not be read.';
  if (kind !== 'express') return 'Packages stay: they are those of Express.';
  const applications = modules.flatMap(findApplications).filter((one) => one.kind !== 'node');
  return applications.length === 1
    ? undefined
    : `Packages stay, since several applications are made here, and one gets the layer: ${placesOf(applications)}.`;
}

function contextOf(
  found: Found,
  { dependencies = {} }: Manifest,
  { modules, further, others }: Project,
): Omit<MoveContext, 'keepsRequestSession'> {
  const version = dependencies['express'];
  return {
    modules: [...modules, ...further],
    others,
    found,
    isExpress5: typeof version === 'string' && /^[\^~>=v\s]*5\b/.test(version),
    dependencies: Object.keys(dependencies),
  };
}

/** Every file with its edits; undefined where two of them are in each other's way: then none of it is done. */
function applied(entry: ModuleFacts, wiring: readonly Edit[], moves: Moves): readonly Change[] | undefined {
  const changes: Change[] = [];
  for (const [module, edits] of editsByFile(entry, wiring, moves)) {
    const { path, text } = module;
    const after = applyEdits(text, edits);
    const read = after === undefined ? undefined : readModule(path, after);
    if (after === undefined || read === undefined) return undefined;
    if (isDeclaredTwice(read) && !isDeclaredTwice(module)) return undefined;
    changes.push({ path, before: text, after, edits: inOrder(edits) });
  }
  return changes;
}

/** The layer's own, those of packages that go, and an import where a file asks the layer now. */
function editsByFile(
  entry: ModuleFacts,
  wiring: readonly Edit[],
  { edits, asking }: Moves,
): ReadonlyMap<ModuleFacts, readonly Edit[]> {
  const all = new Map<ModuleFacts, readonly Edit[]>([[entry, [...wiring, ...(edits.get(entry) ?? [])]]]);
  for (const [module, some] of edits) {
    if (module === entry) continue;
    all.set(module, asking.has(module) ? [importOf(module), ...some] : some);
  }
  return all;
}

function importOf(module: ModuleFacts): Edit {
  const line =
    module.style === 'import'
      ? "import { bulwark } from 'bulwark/express';"
      : "const { bulwark } = require('bulwark/express');";
  return importEdit(module, [line]);
}

function policyPlace({ module }: Found, file: string, isTyped: boolean): PolicyPlace {
  const to = posix(relative(dirname(module.path), file));
  const path = to.startsWith('.') ? to : `./${to}`;
  if (isTyped)
    return {
      expression: `await loadPolicy('${file}')`,
      imports: ["import { loadPolicy } from 'bulwark';"],
    };
  return module.style === 'import'
    ? { expression: 'policy', imports: [`import policy from '${path}';`] }
    : { expression: `require('${path}').default`, imports: [] };
}

function startOf({ scripts }: Manifest, path: string): string {
  return typeof scripts?.['start'] === 'string' ? 'npm start' : `node ${commandWord(path, 'FILE')}`;
}

/** Packages that do what the layer does: two of them are in each other's way. */
const DOUBLES: ReadonlyMap<string, string> = new Map([
  ['helmet', 'headers and content security policy'],
  ['@fastify/helmet', 'headers and content security policy'],
  ['express-session', 'sessions'],
  ['cookie-session', 'sessions'],
  ['@fastify/session', 'sessions'],
  ['csurf', 'forms of other sites'],
  ['csrf-sync', 'forms of other sites'],
  ['csrf-csrf', 'forms of other sites'],
  ['@fastify/csrf-protection', 'forms of other sites'],
  ['express-rate-limit', 'limits'],
  ['@fastify/rate-limit', 'limits'],
  ['hono-rate-limiter', 'limits'],
  ['cors', 'pages of other origins'],
  ['@fastify/cors', 'pages of other origins'],
]);

function notesOf(
  modules: readonly ModuleFacts[],
  { dependencies }: Manifest,
  left: readonly string[],
): readonly string[] {
  const notes: string[] = [];
  for (const [name, what] of DOUBLES) {
    if (dependencies !== undefined && name in dependencies && !left.includes(name))
      notes.push(
        `${name} is here too (${what}): take it out once the policy holds; docs/guides/ of the package say how.`,
      );
  }
  for (const { calls, path, text } of modules) {
    for (const call of calls) {
      if (!call.callee.endsWith('.set') || !/^['"]trust proxy['"]$/.test(call.args[0]?.text ?? '')) continue;
      notes.push(
        `${placeOf({ path, text }, call)}: a proxy stands in front. Name its addresses in the policy, or all its clients count as one: proxy: { trusted: ['10.0.0.5'] }`,
      );
    }
  }
  return notes;
}

function readManifest(root: string): Manifest {
  if (!isPlainFile(root, 'package.json')) return {};
  let read: unknown;
  try {
    read = parseJson(readFileSync(join(root, 'package.json'), 'utf8'));
  } catch (cause) {
    throw new Error('package.json is no JSON: whether files here are modules cannot be told.', { cause });
  }
  return typeof read === 'object' && read !== null ? read : {};
}

/** Whether files of a project find a package, in its own folder or in one above it. */
function isInstalled(name: string, root: string): boolean {
  const folders = createRequire(resolve(root, 'package.json')).resolve.paths(name) ?? [];
  return folders.some((folder) => existsSync(join(folder, name, 'package.json')));
}

function posix(path: string): string {
  return path.replaceAll('\\', '/');
}
