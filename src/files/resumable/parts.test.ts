import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offsetOf, partIds, type Parts, readParts, writeParts } from './parts.ts';

const ID = 'a'.repeat(22);
const NAME = 'p'.repeat(11);

test('a note is read as it was written', () => {
  const cases: readonly Parts[] = [
    { until: 0, open: '', whole: '', parts: [] },
    { until: 1_700_000_000_000, open: NAME, whole: '', parts: [{ name: 'q'.repeat(11), size: 5 }] },
    {
      until: 1,
      open: '',
      whole: 'w'.repeat(43),
      parts: [
        { name: NAME, size: 1 },
        { name: 'r'.repeat(11), size: 2 },
      ],
    },
  ];
  for (const parts of cases) assert.deepEqual(readParts(writeParts(parts)), parts);
  assert.deepEqual(cases.map(offsetOf), [0, 5, 3]);
});

test('what somebody else wrote of a file leads to no bytes', () => {
  for (const note of [
    '',
    'Eicar',
    '0;;;../../x:1',
    `0;;;${NAME}:1,`,
    `0;;;${NAME}:-1`,
    `0;;;short:1`,
    `x;;;${NAME}:1`,
    `0;;;${NAME}:1\n`,
  ])
    assert.deepEqual(partIds(ID, note), [], note);
});

test('a note leads to bytes of its own file alone', () => {
  const note = writeParts({ until: 0, open: NAME, whole: '', parts: [{ name: 'q'.repeat(11), size: 1 }] });
  assert.deepEqual(partIds(ID, note), [`${ID}-${'q'.repeat(11)}`, `${ID}-${NAME}`]);
});
