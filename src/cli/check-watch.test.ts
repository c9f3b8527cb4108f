/** The keys of `bulwark check --watch`. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { withTree } from '../../test/support/made-tree.ts';
import { loadSourceRules } from '../check/source/load-source-rules.ts';
import { type Keys, watchAndTell } from './check-watch.ts';

const BAD = 'import yaml\nyaml.load(open("a"))\n';

test(
  'keys end it and look again, on a terminal alone; what is left at its end decides',
  { timeout: 30_000 },
  async () => {
    await withTree({ 'a.py': BAD }, async (root) => {
      const inside = (await loadSourceRules()).filter(({ id }) => id === 'python.yaml');
      const raw: boolean[] = [];
      const keys: Keys & EventEmitter = Object.assign(new EventEmitter(), {
        isTTY: true,
        setRawMode: (on: boolean) => raw.push(on),
        resume: () => undefined,
        pause: () => undefined,
      });
      let text = '';
      const presses = ['\r', 'q'];
      const out = new Writable({
        write(chunk: Buffer, _encoding, done) {
          text += chunk.toString();
          if (chunk.includes('by 1 rules'))
            setImmediate(() => keys.emit('data', Buffer.from(presses.shift() ?? '')));
          done();
        },
      });
      const chosen = { url: undefined, flags: { source: root }, outside: [], inside };
      await assert.rejects(
        watchAndTell(
          chosen,
          'warning',
          { out, err: new Writable({ write: (_c, _e, done) => done() }) },
          { keys },
        ),
        {
          name: 'AnsweredNo',
        },
      );
      assert.equal(text.match(/1 errors, 0 warnings, 0 notes by 1 rules\. q ends/g)?.length, 2);
      assert.deepEqual([raw, keys.listenerCount('data')], [[true, false], 0]);
    });
  },
);

test('what is known or waived is counted, not shown, and fails nothing; a waiver past its day does', async () => {
  await withTree({ 'a.py': BAD }, async (root) => {
    const inside = (await loadSourceRules()).filter(({ id }) => id === 'python.yaml');
    const waiver = { rule: 'python.yaml', reason: 'gone soon', owner: 'Ada' };
    const watched = async (until: string): Promise<{ text: string; ended: string }> => {
      const keys: Keys & EventEmitter = Object.assign(new EventEmitter(), {
        isTTY: true,
        setRawMode: () => undefined,
        resume: () => undefined,
        pause: () => undefined,
      });
      let text = '';
      const out = new Writable({
        write(chunk: Buffer, _encoding, done) {
          text += chunk.toString();
          if (chunk.includes('by 1 rules')) setImmediate(() => keys.emit('data', Buffer.from('q')));
          done();
        },
      });
      const baseline = { fingerprints: new Set<string>(), waivers: [{ ...waiver, until }] };
      const ended = await watchAndTell(
        { url: undefined, flags: { source: root }, outside: [], inside },
        'warning',
        { out, err: new Writable({ write: (_c, _e, done) => done() }) },
        { keys, baseline },
      ).then(
        () => 'yes',
        (error: Error) => error.name,
      );
      return { text, ended };
    };
    const valid = await watched('2999-12-31');
    assert.deepEqual([valid.ended, valid.text.includes('a.py')], ['yes', false]);
    assert.match(valid.text, /0 errors, 0 warnings, 0 notes, 1 known or waived by 1 rules/);
    const late = await watched('2001-01-01');
    assert.deepEqual([late.ended, late.text.includes('a.py')], ['AnsweredNo', true]);
  });
});
