import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { growth, LINEAR_AT_MOST, repeated } from '../../../../test/support/growth.ts';
import { csvCell, csvRow } from './csv-cells.ts';

/**
 * How a spreadsheet reads a line: split at its separator, quotes as in RFC 4180 where a cell begins with one, and letters
 * behind the last quote kept. Every program that is known does it so, with one separator or another.
 */
function cellsOf(line: string, separator: string, trims: boolean): readonly string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    let cell = '';
    if (line[at] === '"') {
      at += 1;
      while (at < line.length && (line[at] !== '"' || line[at + 1] === '"')) {
        cell += line[at];
        at += line[at] === '"' ? 2 : 1;
      }
      at += 1;
    }
    while (at < line.length && line[at] !== separator) {
      cell += line[at];
      at += 1;
    }
    cells.push(trims ? cell.trim() : cell);
    if (at >= line.length) return cells;
    at += 1;
  }
}

/** What each program calculates, by the first letter of a cell. Its own settings can only make this less. */
const CALCULATES: Readonly<Record<string, RegExp>> = {
  Excel: /^[=+\-@]/,
  'Excel in Japanese': /^[=+\-@\uff1d\uff0b\uff0d\uff20]/,
  'LibreOffice Calc': /^[=+\-@\t\r]/,
  'Google Sheets': /^[=+]/,
  Numbers: /^=/,
  Gnumeric: /^[=+\-@]/,
};
const HARMLESS = /^[+-]?\d+(?:[.,]\d+)?$/;

function calculated(line: string): readonly string[] {
  const found: string[] = [];
  for (const [program, begins] of Object.entries(CALCULATES)) {
    for (const separator of [',', ';', '\t', '|']) {
      // As a whole, and as a program sees it that ends a line at each break, whatever is quoted.
      for (const lines of [[line.replace(/\r\n$/, '')], line.split(/[\r\n]+/)]) {
        for (const one of lines) {
          for (const trims of [false, true]) {
            for (const cell of cellsOf(one, separator, trims))
              if (begins.test(cell) && !HARMLESS.test(cell))
                found.push(`${program} with ${separator}: ${cell}`);
          }
        }
      }
    }
  }
  return found;
}

/** Ways to begin a cell, and what is written behind them. */
const STARTS = [
  '', ' ', '\u00a0', '\t', '\r', '\n', '"', '""', "'", 'a,', 'a;', 'a\t', 'a|', 'a\n', 'a\r\n', 'a",', 'a";"', ';', ',,', 'a, ',
]; // prettier-ignore
const SIGNS = ['=', '+', '-', '@', '\uff1d', '\uff0b', '\uff0d', '\uff20', '=-', '+='];
const FORMULAS = ['1+1', 'A1', 'SUM(1,2)', 'HYPERLINK("https://example.com","a")', "a'!A1", '(1)', 'a b'];

test('v5.0.0-1.2.10 a cell that somebody typed is calculated by no spreadsheet, whichever separator it takes', () => {
  let ran = 0;
  for (const start of STARTS)
    for (const sign of SIGNS)
      for (const formula of FORMULAS)
        for (const separator of [',', ';', '\t'] as const) {
          const typed = start + sign + formula;
          const line = csvRow(['a', typed, 'b'], { separator });
          assert.deepEqual(calculated(line), [], JSON.stringify(typed));
          ran += 1;
        }
  assert.equal(ran, 20 * 10 * 7 * 3);
  // Without it, nearly all of these are.
  assert.ok(calculated('a,=1+1,b').length > 0 && calculated('a,"b;=1+1"').length > 0);
});

test('a reader of RFC 4180 gets back what went in, with an apostrophe where one was needed', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', ' ', '"', ',', ';', '\t', '\n', '\r', "'", '\u0645', '1'),
  });
  fc.assert(
    fc.property(fc.array(text, { minLength: 1 }), (texts) => {
      const line = csvRow(texts);
      assert.ok(line.endsWith('\r\n'));
      const expected = texts.map((one) => (/^[\t\r\n]/.test(one) ? `'${one}` : one));
      assert.deepEqual(cellsOf(line.slice(0, -2), ',', false), expected);
    }),
    { numRuns: 1000 },
  );
});

test('what is good stays as it is', () => {
  for (const text of [
    'a',
    'Acme Inc.',
    'a-b',
    '1-2',
    'me@example.com',
    '-5',
    '+1,50',
    '3.14',
    '\u0645\u0644\u0641',
  ])
    assert.equal(csvCell(text).replace(/^"(.*)"$/, '$1'), text, text);
  assert.equal(
    csvRow([1, -1.5, 10n, true, null, undefined, new Date(0)]),
    '1,-1.5,10,true,,,1970-01-01T00:00:00.000Z\r\n',
  );
  assert.equal(csvRow(['']), '""\r\n');
  assert.equal(csvRow(['a;b', 'c'], { separator: ';' }), '"a;b";c\r\n');
  assert.equal(csvCell('+49 170 1'), `"'+49 170 1"`);
});

test('the work is linear', () => {
  for (const unit of ['=', ' ', '\t', '"', ', "', ',=']) {
    const factor = growth(
      (size) => repeated(unit, size),
      (text) => void csvCell(text),
      20_000,
    );
    assert.ok(factor < LINEAR_AT_MOST, `${JSON.stringify(unit)}: ${factor}`);
  }
});
