import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byName, byPlace } from './by-name.ts';
import { headerKey } from './header-line.ts';

test('asks once for a name that comes again, and each time for one that is long', () => {
  const asked: string[] = [];
  const lengthOf = byName((name) => asked.push(name) && name.length);
  for (let round = 0; round < 3; round += 1) assert.equal(lengthOf('Host'), 4);
  assert.deepEqual(asked, ['Host']);
  for (let round = 0; round < 3; round += 1) assert.equal(lengthOf('x'.repeat(65)), 65);
  assert.equal(asked.length, 4);
});

test('forgets names where a client makes up more of them than there are', () => {
  let asked = 0;
  const found = byName((name) => {
    asked += 1;
    return name;
  });
  for (let count = 0; count < 600; count += 1) found(`x-${count}`);
  found('x-599');
  assert.equal(asked, 600);
  found('x-0');
  assert.equal(asked, 601);
});

test('a name of wider characters is never taken for the one of its lower bytes', () => {
  // U+0141 is 0x41, an A, in its lower byte.
  assert.equal(headerKey('\u0141ccept'), '\u0142ccept');
  assert.equal(headerKey('Accept'), 'accept');
});

test('names that share a place in memory are each found as themselves', () => {
  // Of one length, with the same letters at the ends and at three quarters.
  const names = ['Accept-Foo', 'Abcept-Foo', 'Accedt-Foo'];
  const found = byName((name) => `found ${name}`);
  for (let round = 0; round < 4; round += 1)
    for (const name of names) assert.equal(found(name), `found ${name}`);
  assert.equal(found(''), 'found ');
});

test('what stood at a place last is no answer for another name', () => {
  const found = byPlace((name) => `found ${name}`);
  for (const place of [0, 1, 64, 200])
    for (const name of ['Host', 'host', 'Hos', 'Cookie', 'Host', '', 'x'.repeat(65), 'x'.repeat(65)])
      assert.equal(found(name, place), `found ${name}`);
});

test('asks once for names that come in one order, and for a long one each time', () => {
  const asked: string[] = [];
  const lengthOf = byPlace((name) => asked.push(name) && name.length);
  const long = 'x'.repeat(65);
  for (let round = 0; round < 3; round += 1)
    for (const [place, name] of ['Host', 'Cookie', long].entries()) lengthOf(name, place);
  assert.deepEqual(asked, ['Host', 'Cookie', long, long, long]);
});
