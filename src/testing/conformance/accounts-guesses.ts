import assert from 'node:assert/strict';
import type { GuessRecord } from '../../stores/ports/accounts.ts';
import { accountTest, TTL } from './accounts.ts';
import { countTrue, HOSTILE_TEXTS, NOW, type OpenState } from './support.ts';

const END = NOW + TTL;
const first = counted(1);

/** Wrong passwords are counted one by one, however many come at once. */
export function guessConformance(open: OpenState): void {
  accountTest(open, 'counts on from what was seen', async ({ guesses }) => {
    assert.equal(await guesses.find('k', NOW), undefined);
    assert.ok(await guesses.advance('k', undefined, first, END, NOW));
    assert.deepEqual(await guesses.find('k', NOW), first);
    const second = { failures: 2, streak: 1, lastAt: NOW + 5 };
    assert.ok(await guesses.advance('k', first, second, END, NOW + 5));
    assert.deepEqual(await guesses.find('k', NOW + 5), second);
    assert.equal(await guesses.find('other', NOW), undefined);
  });

  accountTest(open, 'counts nothing over another attempt', async ({ guesses }) => {
    const second = counted(2);
    await guesses.advance('k', undefined, first, END, NOW);
    await guesses.advance('k', first, second, END, NOW);
    const stale = [
      undefined,
      first,
      { ...second, failures: 1 },
      { ...second, streak: 1 },
      { ...second, lastAt: NOW },
    ];
    for (const seen of stale) assert.ok(!(await guesses.advance('k', seen, counted(9), END, NOW)));
    assert.ok(!(await guesses.advance('other', second, counted(3), END, NOW)));
    assert.deepEqual(await guesses.find('k', NOW), second);
    assert.equal(await guesses.find('other', NOW), undefined);
  });

  accountTest(open, 'a count is there until its end, and not at it', async ({ guesses }) => {
    await guesses.advance('k', undefined, counted(7), END, NOW);
    assert.deepEqual(await guesses.find('k', END - 1), counted(7));
    assert.ok(!(await guesses.advance('k', undefined, first, END + TTL, END - 1)));
    assert.equal(await guesses.find('k', END), undefined);
    assert.ok(await guesses.advance('k', undefined, first, END + TTL, END));
    assert.deepEqual(await guesses.find('k', END), first);
    assert.deepEqual(await guesses.find('k', END + TTL - 1), first);
    // Seen in time and counted on late: nothing else came meanwhile.
    assert.ok(await guesses.advance('k', first, counted(2), END + 2 * TTL, END + TTL));
    assert.deepEqual(await guesses.find('k', END + TTL), counted(2));
  });

  accountTest(open, 'an attempt moves the end', async ({ guesses }) => {
    await guesses.advance('k', undefined, first, END, NOW);
    await guesses.advance('k', first, counted(2), END + 5, NOW);
    assert.ok(await guesses.find('k', END + 4));
    assert.equal(await guesses.find('k', END + 5), undefined);
    await guesses.advance('k', counted(2), counted(3), END - 5, NOW);
    assert.equal(await guesses.find('k', END - 5), undefined);
  });

  accountTest(
    open,
    'v5.0.0-15.4.2 of several simultaneous attempts on one count exactly one is counted on it',
    async ({ guesses }) => {
      const names = [1, 2, 3, 4];
      const begun = names.map((failures) =>
        guesses.advance('k', undefined, { ...first, failures }, END, NOW),
      );
      assert.equal(await countTrue(begun), 1);
      const seen = await guesses.find('k', NOW);
      assert.equal(
        await countTrue(names.map((more) => guesses.advance('k', seen, counted(9 + more), END, NOW))),
        1,
      );
      const renewed = names.map((failures) =>
        guesses.advance('k', undefined, counted(failures), END + TTL, END),
      );
      assert.equal(await countTrue(renewed), 1);
    },
  );

  accountTest(open, 'a flood of simultaneous wrong passwords is counted to the last', async ({ guesses }) => {
    const guess = async (): Promise<void> => {
      for (;;) {
        const seen = await guesses.find('k', NOW);
        if (await guesses.advance('k', seen, counted((seen?.failures ?? 0) + 1), END, NOW)) return;
      }
    };
    await Promise.all(Array.from({ length: 20 }, guess));
    assert.equal((await guesses.find('k', NOW))?.failures, 20);
  });

  accountTest(open, 'a right password forgets the count, and no count of another', async ({ guesses }) => {
    for (const key of ['k', 'K', 'kk']) await guesses.advance(key, undefined, first, END, NOW);
    await guesses.clear('k');
    await guesses.clear('unknown');
    assert.equal(await guesses.find('k', NOW), undefined);
    // What was seen before is not brought back.
    assert.ok(!(await guesses.advance('k', first, counted(2), END, NOW)));
    assert.ok(await guesses.advance('k', undefined, first, END, NOW));
    assert.ok((await guesses.find('K', NOW)) && (await guesses.find('kk', NOW)));
  });

  accountTest(open, 'keeps counts of hostile keys apart', async ({ guesses }) => {
    for (const [index, text] of HOSTILE_TEXTS.entries()) {
      assert.ok(await guesses.advance(text, undefined, counted(index + 1), END, NOW), JSON.stringify(text));
    }
    for (const [index, text] of HOSTILE_TEXTS.entries()) {
      assert.deepEqual(await guesses.find(text, NOW), counted(index + 1), JSON.stringify(text));
    }
  });
}

function counted(failures: number): GuessRecord {
  return { failures, streak: failures, lastAt: NOW + failures };
}
