import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTraceParent, writeTraceParent } from './trace-parent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test('reads the ids of a trace as the standard has them', () => {
  assert.deepEqual(readTraceParent(`00-${TRACE}-${SPAN}-01`), { traceId: TRACE, spanId: SPAN, flags: 1 });
  assert.deepEqual(readTraceParent(`cc-${TRACE}-${SPAN}-01-what-will-be`), {
    traceId: TRACE,
    spanId: SPAN,
    flags: 1,
  });
});

test('takes nothing else for one', () => {
  for (const value of [
    undefined,
    [`00-${TRACE}-${SPAN}-01`],
    '',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `cc-${TRACE}-${SPAN}-01more`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}x-${SPAN}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\n`,
  ])
    assert.equal(readTraceParent(value), undefined, String(value));
});

test('flags that no level of the standard names go no further', () => {
  const place = readTraceParent(`00-${TRACE}-${SPAN}-ff`);
  assert.equal(place?.flags, 3);
  assert.equal(place && writeTraceParent(place), `00-${TRACE}-${SPAN}-03`);
});
