/** A Dockerfile as rules see it: stages, with what they run and set. */
import { DockerfileParser } from 'dockerfile-ast';
import type { SourceFile } from '../source-file.ts';

/** One instruction. */
export interface Instruction {
  /** In capitals. */
  readonly name: string;
  /** What follows the name, continued lines joined, with arguments put in where they have a default. */
  readonly text: string;
  /** Where it stands, in UTF-16 units. */
  readonly at: number;
}

/** From one FROM to the next. */
export interface Stage {
  readonly image: string;
  readonly alias: string | undefined;
  readonly at: number;
  readonly instructions: readonly Instruction[];
}

/** A file that builds an image. */
export interface Dockerfile {
  readonly stages: readonly Stage[];
}

const MOST = 200_000;

/** Reads one. */
export function readDockerfile(file: SourceFile): Dockerfile | string | undefined {
  if (file.text.length > MOST) return `longer than ${MOST} characters`;
  const lines = startsOf(file.text);
  const stages: { image: string; alias: string | undefined; at: number; instructions: Instruction[] }[] = [];
  const defaults = new Map<string, string>();
  for (const one of DockerfileParser.parse(file.text).getInstructions()) {
    const name = one.getKeyword();
    const { start, end } = one.getRange();
    const at = (lines[start.line] ?? 0) + start.character;
    // With its options, which the parser keeps apart.
    const raw = file.text.slice(at + name.length, (lines[end.line] ?? 0) + end.character);
    if (name === 'ARG' && stages.length === 0) noteDefault(raw, defaults);
    const text = filled(joined(raw), defaults);
    if (name !== 'FROM') {
      stages.at(-1)?.instructions.push({ name, text, at });
      continue;
    }
    const [image = '', as, alias] = text.split(/\s+/).filter((word) => !word.startsWith('--'));
    stages.push({ image, alias: as?.toLowerCase() === 'as' ? alias : undefined, at, instructions: [] });
  }
  return stages.length === 0 ? undefined : { stages };
}

/** The stage that becomes the image, and those that it is built on. */
export function finalStages({ stages }: Dockerfile): readonly Stage[] {
  const chain: Stage[] = [];
  let stage = stages.at(-1);
  while (stage !== undefined && !chain.includes(stage)) {
    chain.push(stage);
    const { image } = stage;
    stage = stages.find(({ alias }) => alias !== undefined && alias.toLowerCase() === image.toLowerCase());
  }
  return chain;
}

function joined(raw: string): string {
  return raw.replaceAll(/\\[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*/g, ' ').trim();
}

function noteDefault(raw: string, defaults: Map<string, string>): void {
  const { name, value } = /^\s*(?<name>\w+)=["']?(?<value>[^\s"']*)/.exec(raw)?.groups ?? {};
  if (name !== undefined && value !== undefined) defaults.set(name, value);
}

function filled(text: string, defaults: ReadonlyMap<string, string>): string {
  return text.replaceAll(
    /\$\{?(?<name>\w+)(?::-(?<other>[^}]*))?\}?/g,
    (whole, name: string, other?: string) => defaults.get(name) ?? other ?? whole,
  );
}

function startsOf(text: string): readonly number[] {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return starts;
}
