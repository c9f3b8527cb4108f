import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const css = readFileSync(join(import.meta.dirname, 'public', 'strongroom.css'), 'utf8');
const [light = {}, dark = {}] = [...css.matchAll(/:root \{([^}]+)\}/g)].map((block) =>
  Object.fromEntries(
    [...(block[1] ?? '').matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((line) => [line[1], line[2]]),
  ),
) as Record<string, string>[];

/** What is written on what, and the least contrast WCAG 2.2 AA asks of it (1.4.3, 1.4.11). */
const PAIRS: readonly [text: string, surface: string, least: number][] = [
  ...['paper', 'card', 'tint'].flatMap((surface): [string, string, number][] => [
    ['ink', surface, 4.5],
    ['accent', surface, 4.5],
  ]),
  ['soft', 'paper', 4.5],
  ['soft', 'card', 4.5],
  ['accent-strong', 'tint', 4.5],
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-strong', 4.5],
  ['danger', 'card', 4.5],
  ['danger', 'danger-tint', 4.5],
  ['ink', 'danger-tint', 4.5],
  ['field-line', 'card', 3],
  ['field-line', 'paper', 3],
  ['danger', 'paper', 3],
];

for (const [name, palette] of [
  ['light', light],
  ['dark', dark],
] as const) {
  test(`every text of the ${name} palette can be read on its ground`, () => {
    for (const [text, surface, least] of PAIRS) {
      const ratio = contrast(palette[text], palette[surface]);
      assert.ok(ratio >= least, `${text} on ${surface}: ${ratio.toFixed(2)}, needs ${least}`);
    }
  });
}

test('the policy forbids inline styles and handlers, and no view has one', () => {
  for (const view of ['layout', 'landing', 'start', 'notes', 'message']) {
    const source = readFileSync(join(import.meta.dirname, 'views', `${view}.eta`), 'utf8');
    assert.doesNotMatch(source, /\sstyle=|<style|\son\w+=|javascript:/i, view);
  }
});

test('no view writes a value without escaping it, but for its own parts', () => {
  for (const view of ['layout', 'landing', 'start', 'notes', 'message']) {
    const source = readFileSync(join(import.meta.dirname, 'views', `${view}.eta`), 'utf8');
    const raw = [...source.matchAll(/<%~\s*(.*?)\s*%>/g)].map((match) => match[1]);
    assert.ok(
      raw.every((code) => code === 'it.body' || code?.startsWith("include('./")),
      view,
    );
  }
});

test('every form that posts carries its token', () => {
  for (const view of ['layout', 'notes']) {
    const source = readFileSync(join(import.meta.dirname, 'views', `${view}.eta`), 'utf8');
    const forms = source.match(/<form [^>]*method="post"[^]*?<\/form>/g) ?? [];
    assert.ok(forms.length > 0, view);
    assert.ok(
      forms.every((form) => form.includes("include('./csrf')")),
      view,
    );
  }
});

function contrast(a: string | undefined, b: string | undefined): number {
  const [bright, dim] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((bright ?? 0) + 0.05) / ((dim ?? 0) + 0.05);
}

function luminance(colour: string | undefined): number {
  assert.ok(colour !== undefined, 'a colour is missing from the palette');
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
