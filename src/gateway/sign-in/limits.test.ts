import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memory } from '../../stores/memory/state.ts';
import { AttemptLimits, type Held, type Subject } from './limits.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const RATES = {
  perClient: { count: 20, windowMs: MINUTE },
  perAccount: { count: 10, windowMs: MINUTE },
  perPair: { count: 5, windowMs: MINUTE },
};

function from(client: string, account = 'ann', browser?: string): Subject {
  return { client, accounts: [account], browser };
}

/** Guesses wherever the limits let it, for so long. Returns how many guesses there were. */
async function guessFor(
  limits: AttemptLimits,
  length: number,
  subjectOf: (tries: number) => Subject,
): Promise<number> {
  let now = START;
  let guesses = 0;
  for (let tries = 0; now < START + length; tries += 1) {
    const subject = subjectOf(tries);
    const held = await limits.begin(subject, now);
    if (held === undefined) {
      guesses += 1;
      await limits.wrong(subject, now);
    } else now += Math.min(held.retryAfterMs, MINUTE);
  }
  return guesses;
}

test('pauses of one pair grow from a second to a quarter of an hour', async () => {
  const limits = new AttemptLimits(memory().counters, RATES);
  const subject = from('one');
  let now = START;
  const waits: number[] = [];
  for (let guesses = 0; guesses < 18; now += 1) {
    const held = await limits.begin(subject, now);
    if (held === undefined) {
      guesses += 1;
      await limits.wrong(subject, now);
    } else {
      waits.push(held.retryAfterMs);
      now += held.retryAfterMs;
    }
  }
  const longest = Math.max(...waits);
  assert.ok(longest > 8 * MINUTE && longest <= 15 * MINUTE, String(longest));
});

test('who asks again is told the same end, whichever of pause and limit ends last', async () => {
  const limits = new AttemptLimits(memory().counters, {
    ...RATES,
    perClient: { count: 100, windowMs: MINUTE },
  });
  const subject = from('one');
  for (let guesses = 0; guesses < 5; guesses += 1) {
    assert.equal(await limits.begin(subject, START), undefined);
    await limits.wrong(subject, START);
  }
  const ends: number[] = [];
  for (let now = START; now < START + 10_000; now += 300) {
    const held = await limits.begin(subject, now);
    ends.push(now + (held ?? assert.fail('it is let through early')).retryAfterMs);
  }
  assert.ok(Math.max(...ends) - Math.min(...ends) <= 1, ends.join(' '));
  assert.equal(await limits.begin(subject, Math.max(...ends)), undefined);
});

test('guessing at one account comes to about a hundred a day, from one client and from two hundred', async () => {
  const one = await guessFor(new AttemptLimits(memory().counters, RATES), 24 * HOUR, () => from('one'));
  const many = await guessFor(new AttemptLimits(memory().counters, RATES), 24 * HOUR, (tries) =>
    from(`client${tries % 200}`),
  );
  assert.ok(one > 50 && one < 130, String(one));
  assert.ok(many > 50 && many < 130, String(many));
});

test('a client past its own limit costs the account nothing more', async () => {
  const limits = new AttemptLimits(memory().counters, RATES);
  const held: (Held['by'] | undefined)[] = [];
  for (let tries = 0; tries < 100; tries += 1) held.push((await limits.begin(from('one'), START))?.by);
  assert.deepEqual([held[4], held[5], held[19], held[20]], [undefined, 'pair', 'pair', 'client']);
  for (let tries = 0; tries < 5; tries += 1) assert.equal(await limits.begin(from('two'), START), undefined);
  assert.equal((await limits.begin(from('three'), START))?.by, 'account');
});

test('a browser that is known is counted for itself, and slowed down for itself', async () => {
  const limits = new AttemptLimits(memory().counters, RATES);
  for (let tries = 0; tries < 100; tries += 1) await limits.begin(from(`client${tries}`), START);
  assert.equal((await limits.begin(from('stranger'), START))?.by, 'account');
  for (let tries = 0; tries < 5; tries += 1)
    assert.equal(await limits.begin(from('one', 'ann', 'known'), START), undefined);
  assert.equal((await limits.begin(from('one', 'ann', 'known'), START))?.by, 'browser');
  const guesses = await guessFor(new AttemptLimits(memory().counters, RATES), 24 * HOUR, () =>
    from('x', 'ann', 'known'),
  );
  assert.ok(guesses < 130, String(guesses));
});

test('whoever once made a thousand known browsers has sixty guesses an hour with them', async () => {
  const limits = new AttemptLimits(memory().counters, RATES);
  let passed = 0;
  for (let browser = 0; browser < 200; browser += 1)
    if ((await limits.begin(from('x', 'ann', `known${browser}`), START)) === undefined) passed += 1;
  assert.equal(passed, 60);
});

test('one client that tries many accounts is slowed down, and of a thousand tries at once as many pass as of one by one', async () => {
  const limits = new AttemptLimits(memory().counters, RATES);
  const all = await Promise.all(
    Array.from({ length: 1000 }, async (_, at) => limits.begin(from('one', `user${at}`), START)),
  );
  assert.equal(all.filter((held) => held === undefined).length, 20);
  const guesses = await guessFor(new AttemptLimits(memory().counters, RATES), 24 * HOUR, (tries) =>
    from('one', `user${tries}`),
  );
  assert.ok(guesses < 500, String(guesses));
});
