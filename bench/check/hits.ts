/** What the rules find of the faults that are planted in the applications of the tests, and what they say beside these. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { allFindings } from '../../src/check/report/report.ts';
import type { Level } from '../../src/core/rule.ts';
import { checkSource } from '../../src/check/source/check-source.ts';
import { plant, type Planted } from './planted.ts';

/** What came of one rule. */
export interface Hits {
  readonly rule: string;
  readonly planted: number;
  readonly found: number;
  /** At warning or above, where nothing is planted. */
  readonly wrong: number;
}

/** All rules, and what was said of the applications that have nothing planted. */
export interface AllHits {
  readonly byRule: readonly Hits[];
  readonly good: readonly { readonly application: string; readonly said: readonly string[] }[];
}

/** Set up well: whatever is said of them at warning or above is wrong. */
const GOOD = ['examples/strongroom'];
const ROOT = join(import.meta.dirname, '../..');

/** Writes the applications below a folder, and looks at each. */
export async function hitsIn(folder: string): Promise<AllHits> {
  const planted = plant(folder);
  const careless = new Set(planted.map(({ application }) => application));
  const said: Said[] = [];
  const good: { application: string; said: readonly string[] }[] = [];
  for (const application of readdirSync(folder).toSorted()) {
    const found = await saidOf(join(folder, application), application);
    if (careless.has(application)) said.push(...found);
    else good.push({ application, said: found.filter(isWorse).map(keyOf) });
  }
  for (const application of GOOD) {
    const found = await saidOf(join(ROOT, application), application);
    good.push({ application, said: found.filter(isWorse).map(keyOf) });
  }
  return { byRule: byRule(planted, said), good };
}

interface Said extends Planted {
  readonly level: Level;
}

function isWorse({ level }: Said): boolean {
  return level !== 'note';
}

async function saidOf(root: string, application: string): Promise<readonly Said[]> {
  const { results } = await checkSource(root);
  return allFindings(results).flatMap(({ level, rule, where }) =>
    // A file that is broken on purpose is no fault of the application.
    rule === 'source.scanned'
      ? []
      : [{ application, rule, file: where.file ?? '', line: where.line ?? 0, level }],
  );
}

function byRule(planted: readonly Planted[], said: readonly Said[]): readonly Hits[] {
  const [wanted, found] = [new Set(planted.map(keyOf)), new Set(said.map(keyOf))];
  const rules = new Set([...planted, ...said.filter(isWorse)].map(({ rule }) => rule));
  return [...rules].toSorted().map((rule) => {
    const own = planted.filter((one) => one.rule === rule);
    return {
      rule,
      planted: own.length,
      found: own.filter((one) => found.has(keyOf(one))).length,
      wrong: said.filter((one) => isWorse(one) && one.rule === rule && !wanted.has(keyOf(one))).length,
    };
  });
}

function keyOf({ application, rule, file, line }: Planted): string {
  return `${rule} ${application}/${file}:${line}`;
}
