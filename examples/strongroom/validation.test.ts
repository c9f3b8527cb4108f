import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field, MAX_NOTE_LENGTH, parseNote } from './validation.ts';

function noteMessage(text: string): string {
  const note = parseNote(text);
  return note.ok ? 'ok' : note.message;
}

test('takes a field for a text or for nothing at all', () => {
  assert.equal(field({ email: 'a' }, 'email'), 'a');
  for (const body of [
    undefined,
    null,
    'email=a',
    {},
    { email: ['a', 'b'] },
    { email: { $ne: '' } },
    { email: 1 },
  ]) {
    assert.equal(field(body, 'email'), '');
  }
});

test('v5.0.0-15.3.6 (in part) reads nothing off the prototype', () => {
  assert.equal(field({}, 'constructor'), '');
  assert.equal(field(Object.create({ email: 'a' }), 'email'), '');
});

test('keeps a note as it was written, without the blanks around it', () => {
  assert.deepEqual(parseNote('  one\r\ntwo <b>three</b>\n'), { ok: true, value: 'one\ntwo <b>three</b>' });
});

test('v5.0.0-2.2.1 (in part) refuses an empty note, one that is too long and one with a NUL, and says why', () => {
  assert.equal(noteMessage(' \r\n '), 'Write something first.');
  assert.equal(noteMessage('a'.repeat(MAX_NOTE_LENGTH)), 'ok');
  assert.equal(
    noteMessage('a'.repeat(MAX_NOTE_LENGTH + 1)),
    'That is 1 character too long. A note holds 4000.',
  );
  assert.equal(
    noteMessage('a'.repeat(MAX_NOTE_LENGTH + 20)),
    'That is 20 characters too long. A note holds 4000.',
  );
  assert.equal(noteMessage('a\0b'), 'That note has characters that cannot be kept.');
});

test('counts line breaks as the browser does: once', () => {
  assert.ok(parseNote('a\r\n'.repeat(MAX_NOTE_LENGTH / 2)).ok);
});
