import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../core/errors.ts';
import { defaultsOf, readOptions } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import { parseAddress } from '../../core/ip.ts';
import { proxyOptions } from './proxy.options.ts';

function codes(input: unknown): ErrorCode[] {
  const problems = new Problems('production');
  readOptions('proxy', proxyOptions, input, problems);
  return problems.errors.map((problem) => problem.code);
}

test('trusts nobody by default', () => {
  const { trusted } = defaultsOf(proxyOptions);
  for (const text of ['127.0.0.1', '10.0.0.1', '::1']) {
    const address = parseAddress(text);
    assert.ok(address !== undefined && !trusted.has(address));
  }
});

test('refuses to trust everyone, however it is written', () => {
  const everyone = ['*', '0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/7', '2000::/3', '::ffff:0.0.0.0/96'];
  for (const entry of everyone)
    assert.deepEqual(codes({ trusted: [entry] }), ['ERR_BULWARK_UNSAFE_OPTION'], entry);
  assert.deepEqual(codes({ trusted: true }), ['ERR_BULWARK_UNSAFE_OPTION']);
  assert.deepEqual(codes({ trusted: '*' }), ['ERR_BULWARK_UNSAFE_OPTION']);
});

test('says what to write in place of everyone, and how to find out the address', () => {
  const problems = new Problems('production');
  readOptions('proxy', proxyOptions, { trusted: ['*'] }, problems);
  const [problem] = problems.errors;
  assert.match(problem?.reason ?? '', /the first request through your proxy has the line to write logged/);
  assert.equal(problem?.fix, "proxy: { trusted: ['10.0.0.0/8'] }");
});

test('takes addresses and networks of a provider at most', () => {
  assert.deepEqual(codes({ trusted: ['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/16'] }), []);
  assert.deepEqual(codes({ trusted: ['unix', '127.0.0.1'] }), []);
});

test('refuses what is no address', () => {
  for (const entry of [
    '',
    'localhost',
    'Unix',
    'unix:/run/app.sock',
    '/run/app.sock',
    '10.1.2.3/8',
    7,
    null,
    1,
  ]) {
    assert.deepEqual(codes({ trusted: [entry] }), ['ERR_BULWARK_INVALID_OPTION'], String(entry));
  }
  assert.deepEqual(codes({ trusted: '10.0.0.1' }), ['ERR_BULWARK_INVALID_OPTION']);
  assert.deepEqual(codes({ trusted: 1 }), ['ERR_BULWARK_INVALID_OPTION'], 'a number of hops is not a list');
});

test('takes two headers and prefixes from 48 to 64', () => {
  assert.deepEqual(codes({ header: 'forwarded', ipv6Prefix: 48 }), []);
  assert.deepEqual(codes({ header: 'x-real-ip' }), ['ERR_BULWARK_INVALID_OPTION']);
  assert.deepEqual(codes({ ipv6Prefix: 128 }), ['ERR_BULWARK_INVALID_OPTION']);
});
