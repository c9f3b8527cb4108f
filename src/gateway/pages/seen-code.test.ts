import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SeenCodes, type Sighting } from './seen-code.ts';
import { openingOf } from './sent-code.ts';

function codesOf(t: TestContext): { readonly open: () => SeenCodes } {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-seen-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const opened: SeenCodes[] = [];
  t.after(() => {
    for (const one of opened) one.close();
  });
  return {
    open: () => {
      const codes = new SeenCodes(join(folder, 'pages.sqlite'));
      opened.push(codes);
      return codes;
    },
  };
}

function sighting(name: string, more: Partial<Sighting> = {}): Sighting {
  return {
    directive: 'script-src',
    source: `'sha256-${name}'`,
    text: `code of ${name}`,
    characters: 8,
    client: '192.0.2.1',
    path: '/',
    isReflected: false,
    at: 1_000,
    ...more,
  };
}

test('two processes add up, and what is known outlives both', (t) => {
  const { open } = codesOf(t);
  const [one, other] = [open(), open()];
  one.keep([sighting('a'), sighting('a', { client: '192.0.2.2', path: '/about', at: 2_000 })], []);
  other.keep([sighting('a', { at: 3_000 })], []);
  one.close();
  other.close();
  const [seen] = open().all();
  assert.deepEqual([seen?.answers, seen?.first, seen?.last], [3, 1_000, 3_000]);
  assert.deepEqual(
    [seen?.clients, seen?.paths],
    [
      ['192.0.2.1', '192.0.2.2'],
      ['/', '/about'],
    ],
  );
});

test("what was sent before it was seen is a visitor's, whichever process knows of it first", (t) => {
  const { open } = codesOf(t);
  const [one, other] = [open(), open()];
  const opening = openingOf('code of a');
  // The page is kept first, though the script was sent before.
  one.keep([sighting('a', { at: 2_000 }), sighting('own', { at: 500 })], []);
  other.keep(
    [],
    [
      { opening, at: 1_000 },
      { opening: openingOf('code of own'), at: 1_000 },
    ],
  );
  const sent = new Map(one.all().map(({ source, sent: isSent }) => [source, isSent]));
  assert.deepEqual([...sent].toSorted(), [
    ["'sha256-a'", true],
    ["'sha256-own'", false],
  ]);
  // Sent once more, later: that changes nothing.
  other.keep([sighting('a', { at: 9_000 })], [{ opening, at: 8_000 }]);
  assert.equal(one.all().find(({ source }) => source.includes('-a'))?.sent, true);
});

test('places are few, and those of requests that had the text in them are none', (t) => {
  const codes = codesOf(t).open();
  codes.keep(
    Array.from({ length: 100 }, (_, at) => sighting('a', { client: `c${at}`, path: `/${at}` })),
    [],
  );
  codes.keep([sighting('b', { isReflected: true })], []);
  const [a, b] = codes.all();
  assert.deepEqual([a?.answers, a?.clients.length, a?.paths.length], [100, 8, 8]);
  assert.deepEqual([b?.answers, b?.reflected, b?.clients], [1, 1, []]);
});

test('a flood of scripts that each answer makes anew leaves what many answers have', (t) => {
  const codes = codesOf(t).open();
  codes.keep([sighting('own'), sighting('own')], []);
  for (let round = 0; round < 4; round += 1)
    codes.keep(
      Array.from({ length: 500 }, (_, at) => sighting(`${round}-${at}`, { at: 2_000 + round })),
      Array.from({ length: 1_000 }, (_, at) => ({ opening: `sent ${round} ${at}`, at: round })),
    );
  const all = codes.all();
  assert.equal(all.length, 1_000);
  assert.equal(all[0]?.source, "'sha256-own'");
});
