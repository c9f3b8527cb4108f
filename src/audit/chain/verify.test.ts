import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { KeyRing } from '../../core/key-ring.ts';
import { defaultsOf } from '../../core/options.ts';
import { auditFileOptions } from '../file/file.options.ts';
import { openerOf } from '../file/open-log.ts';
import { Chain } from './chain.ts';
import { chainHash, hashed, readMark } from './chain-line.ts';
import { HeadBook } from './head-book.ts';
import { publicKeysOfRing, signerOfRing } from './signing-key.ts';
import { type LogReport, LogVerifier } from './verify.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-verify-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));
const keys = new KeyRing([Buffer.alloc(32, 7)]);
const others = new KeyRing([Buffer.alloc(32, 8)]);
const trusted = publicKeysOfRing(keys);
let log = '';
let heads = '';

// Three processes, one after the other, with heads in between.
before(async () => {
  const path = join(FOLDER, 'audit.jsonl');
  const settings = { ...defaultsOf(auditFileOptions), path, headRecords: 5, hangUp: false };
  for (let run = 0; run < 3; run += 1) {
    const file = openerOf(settings, keys)('app', Date.now, {
      failing: assert.fail,
      recovered: assert.fail,
      heads: () => undefined,
      headsLost: assert.fail,
    });
    for (let n = 0; n < 12; n += 1)
      file.append(
        JSON.stringify({
          time: new Date().toISOString(),
          event: 'authz_fail',
          details: { n, text: '\u00e4"' },
        }),
      );
    await file.close();
  }
  log = readFileSync(path, 'utf8');
  heads = readFileSync(`${path}.heads`, 'utf8');
});

function judge(bytes: Buffer | string, kept = heads, known = trusted, complete = false): LogReport {
  const book = kept === '' ? undefined : new HeadBook(known);
  for (const line of kept.split('\n').slice(0, -1)) book?.add(Buffer.from(line));
  const verifier = new LogVerifier({ keys: known, heads: book, complete });
  let start = 0;
  const data = Buffer.from(bytes);
  for (let end = data.indexOf(10); end !== -1; end = data.indexOf(10, start)) {
    verifier.take(data.subarray(start, end), true);
    start = end + 1;
  }
  if (start < data.byteLength) verifier.take(data.subarray(start), false);
  return verifier.end();
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

test('a log as it was written is whole', () => {
  const report = judge(log);
  assert.deepEqual(report.faults, []);
  assert.deepEqual(
    report.chains.map(({ from, to, signedTo, isClosed }) => [from, to, signedTo, isClosed]),
    Array.from({ length: 3 }, () => [1, 16, 16, true]),
  );
});

type Change = (lines: readonly string[], one: number, other: number, text: string) => readonly string[];

const CHANGES: Readonly<Record<string, Change>> = {
  'edits a character': (lines, one, other, text) => {
    const line = lines[one] ?? '';
    const at = other % line.length;
    const put = line[at] === text[0] ? '#' : (text[0] ?? '#');
    return lines.toSpliced(one, 1, line.slice(0, at) + put.replace('\n', '#') + line.slice(at + 1));
  },
  'edits a record and makes its hash anew': (lines, one) => {
    const line = lines[one] ?? '';
    const mark = readMark(Buffer.from(line));
    const end = line.lastIndexOf(',"hash":"');
    const text = line.slice(0, end).replace('"time":"2', '"time":"3');
    const prior = readMark(Buffer.from(lines[one - 1] ?? ''));
    const isFirst = mark?.seq === 1;
    return lines.toSpliced(
      one,
      1,
      hashed(text, chainHash(isFirst ? 'A'.repeat(43) : (prior?.hash ?? ''), text)),
    );
  },
  'cuts the tail': (lines, one) => lines.slice(0, one),
  'cuts within the last record': (lines, one, other) => [
    ...lines.slice(0, one),
    (lines[one] ?? '').slice(0, 1 + (other % ((lines[one] ?? '').length - 1))),
  ],
  'cuts the beginning': (lines, one) => lines.slice(one + 1),
  'removes a middle': (lines, one, other) => lines.toSpliced(one, 1 + (other % (lines.length - one))),
  'swaps two': (lines, one, other) => {
    const second = other % lines.length === one ? (one + 1) % lines.length : other % lines.length;
    return lines.with(one, lines[second] ?? '').with(second, lines[one] ?? '');
  },
  // One brace alone is what a full disk leaves of any record, and says nothing.
  'inserts a line': (lines, one, _other, text) =>
    lines.toSpliced(one, 0, text.replaceAll('\n', '').replace(/^\{"?$/, '~')),
  'inserts a forged record': (lines, one, _other, text) =>
    lines.toSpliced(one, 0, (lines[one] ?? '').replace('authz_fail', JSON.stringify(text).slice(1, -1))),
  'repeats a record': (lines, one, other) => lines.toSpliced(other % lines.length, 0, lines[one] ?? ''),
  'puts an old head in the place of another record': (lines, one, other) => {
    const old = lines.filter((line) => line.includes('"signature"'));
    const head = old[other % old.length] ?? '';
    return lines.with(head === lines[one] ? (one + 1) % lines.length : one, head);
  },
  'makes all hashes anew from one record on': (lines, one) => {
    const made: string[] = [];
    for (const [index, line] of lines.entries()) {
      const mark = readMark(Buffer.from(line));
      const end = line.lastIndexOf(',"hash":"');
      const text = index === one ? line.slice(0, end).replace('"time":"2', '"time":"3') : line.slice(0, end);
      const prior = mark?.seq === 1 ? 'A'.repeat(43) : (readMark(Buffer.from(made.at(-1) ?? ''))?.hash ?? '');
      made.push(index < one ? line : hashed(text, chainHash(prior, text)));
    }
    return made;
  },
};

for (const [what, change] of Object.entries(CHANGES)) {
  test(`finds whoever ${what}`, () => {
    const lines = linesOf(log);
    fc.assert(
      fc.property(
        fc.nat(lines.length - 1),
        fc.nat(100_000),
        fc.string({ minLength: 1, maxLength: 30 }),
        (one, other, text) => {
          const changed = joined(change(lines, one, other, text));
          if (changed === log) return;
          assert.ok(judge(changed, heads, trusted, true).faultCount > 0);
        },
      ),
      { numRuns: 60 },
    );
  });
}

test('finds whoever forms the rest anew, heads and all, without the key', () => {
  const lines = linesOf(log).slice(0, 16);
  for (let at = 1; at < lines.length - 1; at += 1) {
    const made: string[] = lines.slice(0, at);
    for (const line of lines.slice(at)) {
      const prior = readMark(Buffer.from(made.at(-1) ?? ''))?.hash ?? '';
      const end = line.lastIndexOf(',"hash":"');
      const changed = made.length === at ? line.replace('"time":"2', '"time":"3') : line;
      const text = changed.slice(0, end).replace(/"prev":"[\w-]{43}"/, `"prev":"${prior}"`);
      made.push(hashed(text, chainHash(prior, text)));
    }
    const faults = judge(joined(made), '').faults;
    assert.ok(faults.length > 0 && faults.every(({ kind }) => kind === 'bad-signature'), `${at}`);
  }
});

test('finds a change of one bit, wherever it is', () => {
  const data = Buffer.from(log);
  for (let at = 0; at < data.byteLength; at += 41) {
    const copy = Buffer.from(data);
    copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
    assert.ok(
      judge(copy).faultCount > 0,
      `${at}: ${data.subarray(Math.max(0, at - 20), at + 20).toString()}`,
    );
  }
});

test('finds a whole log that was written anew with another key, and says so', () => {
  const forged = new Chain(signerOfRing(others), 'app', Date.now);
  const lines = [
    forged.open({ reason: 'start' }),
    forged.link('{"time":"2026-01-01","event":"a"}'),
    forged.close(),
  ];
  const kinds = judge(joined(lines), '').faults.map(({ kind }) => kind);
  assert.deepEqual(kinds, ['other-key']);
  // Who trusts whatever the log names is fooled: that is what --key and --policy are for.
  const naive = new LogVerifier();
  for (const line of lines) naive.take(Buffer.from(line), true);
  assert.equal(naive.end().faultCount, 0);
});

test('finds a log that its own key has written anew, by the heads that were kept', () => {
  const again = new Chain(signerOfRing(keys), 'app', Date.now);
  const lines = [again.open({ reason: 'start' }), again.close()];
  assert.equal(judge(joined(lines), '').faultCount, 0);
  assert.equal(judge(joined(lines), heads, trusted, true).faults[0]?.kind, 'cut');
});

test('says which is the first bad record', () => {
  const lines = linesOf(log);
  const at = 7;
  const edited = lines.with(at, (lines[at] ?? '').replace('"n":', '"m":'));
  const removed = lines.toSpliced(at, 2);
  const swapped = lines.with(at, lines[at + 1] ?? '').with(at + 1, lines[at] ?? '');
  for (const [changed, kind, line, seq] of [
    [edited, 'changed', 8, 8],
    [removed, 'missing', 8, 8],
    [swapped, 'missing', 8, 8],
    [lines.toSpliced(at, 0, 'hello'), 'foreign', 8, undefined],
    [lines.toSpliced(at, 0, lines[2] ?? ''), 'moved', 8, 3],
  ] as const) {
    const [first] = judge(joined(changed), '').faults;
    assert.deepEqual([first?.kind, first?.line, first?.seq], [kind, line, seq]);
  }
});

test('goes on behind a fault, and counts each', () => {
  const lines = linesOf(log);
  const changed = [4, 9, 20, 40].reduce(
    (all, at) => all.with(at, (all[at] ?? '').replace('"time":"2', '"time":"3')),
    lines,
  );
  const report = judge(joined(changed), '');
  assert.equal(report.faults.filter(({ kind }) => kind === 'changed').length, 4);
  assert.equal(report.records, lines.length);
});

test('heads may stand in any order; one whose chain names no key is told', () => {
  const reversed = joined(linesOf(heads).toReversed());
  assert.deepEqual(judge(log, reversed).faults, []);
  const nameless = linesOf(heads).filter((line) => !line.includes('"publicKey"'));
  const orphans = judge(log, joined(nameless)).faults;
  assert.equal(orphans.length, nameless.length);
  assert.ok(nameless.length > 0 && orphans.every(({ kind }) => kind === 'bad-signature'));
});

test('a rotated secret still verifies what it signed', () => {
  const rotated = publicKeysOfRing(new KeyRing([Buffer.alloc(32, 9), Buffer.alloc(32, 7)]));
  assert.deepEqual(judge(log, heads, rotated).faults, []);
  assert.equal(judge(log, '', publicKeysOfRing(others)).faults[0]?.kind, 'other-key');
});

test('a line that was torn by a full disk and written again is no fault; one that says something else is', () => {
  const lines = linesOf(log);
  const torn = (lines[5] ?? '').slice(0, 60);
  const report = judge(joined(lines.toSpliced(5, 0, torn)));
  assert.deepEqual([report.faultCount, report.torn], [0, 1]);
  assert.equal(judge(joined(lines.toSpliced(5, 0, `${torn.slice(0, -1)}~`))).faults[0]?.kind, 'foreign');
  // Another process wrote behind it, on the same line.
  const glued = lines
    .with(20, torn + (lines[20] ?? ''))
    .toSpliced(21, 0, lines[5] ?? '')
    .toSpliced(5, 1);
  assert.ok(judge(joined(glued)).faults.every(({ kind }) => kind !== 'foreign'));
});

test('finds whoever forms all behind the last head anew, and leaves the heads away', () => {
  const lines = linesOf(log).slice(0, 16);
  // As the writer may leave it: a process that was killed had signed a head every five records.
  assert.deepEqual(judge(joined(lines.slice(0, 6)), '').faults, []);
  const made = lines.slice(0, 1);
  for (let seq = 2; seq < 9; seq += 1) {
    const text = `{"time":"2026","event":"a","chain":"${readMark(Buffer.from(lines[0] ?? ''))?.chain ?? ''}","seq":${seq}`;
    made.push(hashed(text, chainHash(readMark(Buffer.from(made.at(-1) ?? ''))?.hash ?? '', text)));
    const kinds = judge(joined(made), '').faults.map(({ kind }) => kind);
    assert.deepEqual(kinds, seq > 6 ? ['unsigned'] : [], `${seq}`);
  }
});

test('an opening record, or a kept head, with fields of other types is refused and throws nothing', () => {
  const opening = linesOf(log)[0] ?? '';
  const mark = readMark(Buffer.from(opening)) ?? assert.fail();
  const bent = (change: (text: string) => string): string => {
    const text = change(opening.slice(0, opening.lastIndexOf(',"hash":"')));
    return `${hashed(text, chainHash('A'.repeat(43), text))}\n`;
  };
  for (const change of [
    (text: string) => text.replace(/"publicKey":"[^"]*"/, '"publicKey":5'),
    (text: string) => text.replace(/"publicKey":"[^"]*"/, '"publicKey":["a"],"after":null,"torn":7'),
    (text: string) => text.replace(/"prev":"[^"]*"/, '"prev":5'),
    (text: string) => text.replace(/"details":\{.*?\}/, '"details":null'),
    (text: string) => text.replace('{"time"', '{"time":{},"then"'),
  ]) {
    const kinds = judge(bent(change), '').faults.map(({ kind }) => kind);
    assert.ok(kinds.includes('bad-signature'), kinds.join());
    assert.ok(
      judge(log, bent(change)).faults.some(({ kind, file }) => kind === 'bad-signature' && file === 'heads'),
    );
  }
  // The end of a head, and no JSON before it.
  const broken = `x${opening}\n`;
  assert.equal(mark.seq, 1);
  assert.equal(judge(log, broken).faults[0]?.kind, 'bad-signature');
});
