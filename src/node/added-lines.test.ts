import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { HeaderBlock, HeaderLine } from '../core/header-line.ts';
import { AddedLines } from './added-lines.ts';
import { headOf, type NodeHead } from './outgoing-head.ts';
import { RelayedHead } from './relayed-head.ts';

const BLOCK = new HeaderBlock([HeaderLine.of('X-One', '1'), HeaderLine.of('X-Two', '2')]);

/** A head of each kind that takes blocks, on which the application has set one header. */
function heads(name: string): readonly [NodeHead, ServerResponse][] {
  const fresh = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()));
  const [set, handed] = [fresh(), fresh()];
  set.setHeader(name, 'own');
  const spliced = headOf(set, Reflect.get(ServerResponse.prototype, 'writeHead'));
  return [
    [spliced, set],
    [new RelayedHead(handed, 200, [name, 'own']), handed],
  ].filter(([head]) => (head as NodeHead).addBlock !== undefined) as [NodeHead, ServerResponse][];
}

test('a block stands beside single lines, and is asked for what it says', () => {
  for (const [head, response] of heads('X-Own')) {
    head.addLine(HeaderLine.of('X-Added', 'a'));
    assert.equal(head.addBlock?.(BLOCK), true);
    assert.equal(head.getHeader('x-two'), '2');
    assert.deepEqual(head.names().toSorted(), ['x-added', 'x-one', 'x-own', 'x-two']);
    head.attach();
    assert.equal(response.getHeader('X-One'), '1');
    assert.equal(response.hasHeader('X-Two'), true);
    assert.deepEqual(
      { ...response.getHeaders() },
      { 'x-own': 'own', 'x-added': 'a', 'x-one': '1', 'x-two': '2' },
    );
  }
});

test('no block is added where one of its names is there, whoever set it', () => {
  for (const [head] of heads('X-Two')) {
    assert.equal(head.addBlock?.(BLOCK), false);
    assert.equal(head.getHeader('x-one'), undefined);
  }
  for (const [head] of heads('X-Own')) {
    head.addLine(HeaderLine.of('X-One', 'guard'));
    assert.equal(head.addBlock?.(BLOCK), false);
    assert.equal(head.getHeader('x-one'), 'guard');
    assert.equal(head.getHeader('x-two'), undefined);
  }
});

test('what is set or taken away behind a block takes the place of its line, and the others stay', () => {
  for (const [head, response] of heads('X-Own')) {
    head.addBlock?.(BLOCK);
    head.setHeader('X-One', 'late');
    head.removeHeader('x-two');
    assert.deepEqual(head.names().toSorted(), ['x-one', 'x-own']);
    assert.equal(head.getHeader('x-one'), 'late');
    head.attach();
    response.writeHead(200, head.lines ?? []);
    const { _header: text } = response as { _header?: string };
    assert.deepEqual(text?.match(/^X-\w+: .*$/gm)?.toSorted(), ['X-One: late', 'X-Own: own']);
  }
});

test('one block at most is kept as one', () => {
  const added = new AddedLines();
  assert.equal(added.pushBlock(BLOCK), true);
  assert.equal(added.pushBlock(new HeaderBlock([HeaderLine.of('X-Three', '3')])), false);
  assert.equal(added.text, 'X-One: 1\r\nX-Two: 2\r\n');
});
