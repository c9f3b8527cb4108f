/** What the guides to the gateway claim, taken apart: rows of their tables, and sentences that name a figure. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const GUIDES = join(import.meta.dirname, '../../docs/guides');

/** A page as it is judged: rows by heading, sentences, and blocks by language. */
export interface GuideClaims {
  /** First cells of the rows of all tables below a heading. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
  /** Sentences outside of tables in which a figure stands. */
  readonly figures: readonly string[];
  readonly blocks: readonly { readonly language: string; readonly text: string }[];
}

const BLOCK = /^```(\w*)\n([^]*?)^```$/gm;
/** No version of a protocol, no RFC, no port of an address: those are names. */
const FIGURE =
  /(?<![\w/.:'-])\d[\d,]*(?![\d.]*(?:\/|:\d))|\b(?:four|five|six|eight|ten|twelve|twenty|hundred|thousand)\b|\b(?:a|two|three) (?:seconds?|minutes?|hours?|days?|third|fifth)\b/;
const NAMES = /RFC \d+|Node\.js \d+|Debian \d+|`[^`]*`/g;
const RULE_LINE = /^\|[ |:-]+\|$/;

/** Reads a guide. */
export function claimsOf(guide: string): GuideClaims {
  const text = readFileSync(join(GUIDES, `${guide}.md`), 'utf8');
  const blocks = [...text.matchAll(BLOCK)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }));
  const rows = new Map<string, readonly string[]>();
  const figures: string[] = [];
  for (const section of text.replaceAll(BLOCK, '').split(/^#+ /m).slice(1)) {
    const [heading = '', ...lines] = section.split('\n');
    const cells = lines.filter((line, at) => isRow(line, lines[at + 1])).map(firstCell);
    if (cells.length > 0) rows.set(heading, cells);
    const prose = lines.filter((line) => !line.startsWith('|')).join('\n');
    figures.push(...sentencesOf(prose).filter((sentence) => FIGURE.test(sentence.replaceAll(NAMES, ''))));
  }
  assert.ok(figures.length > 0 || rows.size > 0, guide);
  return { rows, figures, blocks };
}

function isRow(line: string, next: string | undefined): boolean {
  return line.startsWith('|') && !RULE_LINE.test(line) && !RULE_LINE.test(next ?? '');
}

function firstCell(line: string): string {
  return (line.split(' | ')[0] ?? '').replace(/^\| /, '');
}

/** Without marks of lists, and with words of links alone. */
function sentencesOf(prose: string): readonly string[] {
  return prose.split(/\n\s*\n|^(?:\d+\.|-) /m).flatMap((paragraph) =>
    paragraph
      .replaceAll(/\]\([^)]*\)/g, ']')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .split(/(?<=[.?!]) (?=[A-Z`"])/),
  );
}
