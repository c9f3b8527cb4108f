import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange } from '../../test/support/exchange.ts';
import { type Slot, slot } from './slot.ts';

test('each slot keeps its own thing, on one exchange alone', () => {
  const slots: Slot<number>[] = Array.from({ length: 20 }, () => slot());
  const [one, other] = [sketchExchange(), sketchExchange()];
  for (const [index, place] of slots.entries()) one.set(place, index);
  assert.deepEqual(
    slots.map((place) => one.get(place)),
    slots.map((_, index) => index),
  );
  assert.ok(slots.every((place) => other.get(place) === undefined));
});

test('another copy of the package makes other slots', async () => {
  const copy = new URL('./slot.ts?copy', import.meta.url).href;
  const other = (await import(copy)) as { readonly slot: typeof slot };
  assert.notEqual(other.slot, slot);
  const indices = [slot(), other.slot(), slot(), other.slot()].map(({ index }) => index);
  assert.equal(new Set(indices).size, indices.length);
});

test('what was kept can be taken back', () => {
  const place: Slot<string> = slot();
  const exchange = sketchExchange();
  exchange.set(place, 'kept');
  exchange.set(place, undefined);
  assert.equal(exchange.get(place), undefined);
  // @ts-expect-error a slot takes what it was made for
  exchange.set(place, 7);
});
