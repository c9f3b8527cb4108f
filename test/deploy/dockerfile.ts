/** Reads a Dockerfile, and puts its image together in a folder: there is no engine where the tests run. */
import { cpSync, existsSync, globSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** One line of a Dockerfile. */
export interface Instruction {
  /** In capitals, such as `COPY`. */
  readonly name: string;
  /** Options such as `--from=build`. */
  readonly flags: Readonly<Record<string, string>>;
  /** The rest, as it stands. */
  readonly rest: string;
}

/** From one FROM to the next. */
export interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile, in order. */
export function readDockerfile(text: string): readonly Stage[] {
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const line of text.replaceAll(/\\\n/g, ' ').split('\n')) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const [name = '', ...words] = line.trim().split(/\s+/);
    const flags: Record<string, string> = {};
    while (words[0]?.startsWith('--') === true) {
      const [key = '', value = ''] = (words.shift() ?? '').slice(2).split('=');
      flags[key] = value;
    }
    const rest = words.join(' ');
    if (name.toUpperCase() === 'FROM') {
      const [base = '', , stage = ''] = words;
      stages.push({ name: stage, base, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push({ name: name.toUpperCase(), flags, rest });
    }
  }
  return stages;
}

/** The last instruction of a name in a stage, which is the one that holds. */
export function lastOf(stage: Stage, name: string): Instruction {
  const found = stage.instructions.findLast((one) => one.name === name);
  if (found === undefined) throw new Error(`the stage ${stage.name} has no ${name}`);
  return found;
}

/** The words of a command in exec form, which no shell takes apart. */
export function execForm(text: string): readonly string[] {
  return JSON.parse(text) as string[];
}

/** What ENV sets in a stage. */
export function environmentOf(stage: Stage): Readonly<Record<string, string>> {
  const pairs = stage.instructions
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ rest }) => rest.split(' '))
    .map((pair) => pair.split('='));
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** Every file of a directory that a build would see, by the patterns of a .dockerignore: the last that fits decides. */
export function readContext(directory: string, dockerignore: string): readonly string[] {
  const rules = dockerignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keep: line.startsWith('!'), pattern: patternOf(line.replace(/^!/, '')) }));
  const isKept = (path: string): boolean => {
    const fits = rules.findLast(({ pattern }) => fitsOrLiesBelow(path, pattern));
    return fits === undefined || fits.keep;
  };
  // Not walked, since that takes seconds, and the patterns leave it out as a whole.
  const exclude = (name: string): boolean => name === 'node_modules';
  return globSync(['**/*', '**/.*', '**/.*/**/*'], { cwd: directory, exclude }).filter(
    (path) => statSync(join(directory, path)).isFile() && isKept(path),
  );
}

function fitsOrLiesBelow(path: string, pattern: RegExp): boolean {
  for (let part = path; part !== '.'; part = dirname(part)) {
    if (pattern.test(part)) return true;
  }
  return false;
}

/** A star is for names that begin with a dot as well, which it is not to `matchesGlob` of Node.js. */
function patternOf(glob: string): RegExp {
  const source = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/\*\*\/?|\*/g, (stars) => ({ '**/': '(?:.*/)?', '**': '.*' })[stars] ?? '[^/]*');
  return new RegExp(`^${source}$`);
}

/** Does what a RUN asks for, in the place that WORKDIR says and below the root directory of a stage. */
export type RunCommand = (command: string, place: string, root: string) => void;

/** Puts the stages together below `folder`, one root directory each, and returns the last. */
export function assemble(
  stages: readonly Stage[],
  context: { readonly directory: string; readonly files: readonly string[] },
  folder: string,
  runCommand: RunCommand,
): string {
  let root = '';
  for (const stage of stages) {
    root = join(folder, stage.name);
    let place = root;
    for (const { name, flags, rest } of stage.instructions) {
      if (name === 'WORKDIR') place = join(root, rest);
      mkdirSync(place, { recursive: true });
      if (name === 'RUN') runCommand(rest, place, root);
      if (name === 'COPY') copy(rest, flags['from'], { root, place, folder, context });
    }
  }
  return root;
}

interface Places {
  readonly root: string;
  readonly place: string;
  readonly folder: string;
  readonly context: { readonly directory: string; readonly files: readonly string[] };
}

function copy(rest: string, from: string | undefined, { root, place, folder, context }: Places): void {
  const sources = rest.split(' ');
  const last = sources.pop() ?? '';
  const target = last.startsWith('/') ? join(root, last) : join(place, last);
  for (const source of sources) {
    if (from !== undefined) {
      cpSync(join(folder, from, source), target, { recursive: true, verbatimSymlinks: true });
      continue;
    }
    const files = context.files.filter((path) => path === source || path.startsWith(`${source}/`));
    if (files.length === 0) throw new Error(`COPY ${source}: nothing of it is in the context`);
    const whole = existsSync(join(context.directory, source)) && files[0] !== source;
    for (const file of files) {
      const name = whole ? relative(source, file) : last.endsWith('/') ? basename(file) : '';
      cpSync(join(context.directory, file), join(target, name));
    }
  }
}
