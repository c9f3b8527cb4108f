import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { addGatewayOptions } from './gateway.ts';
import { type GatewayFlags, readFlags, writeFlags } from './gateway-flags.ts';
import { WrongUse } from './terminal.ts';

function parse(...words: string[]): GatewayFlags {
  const command = addGatewayOptions(new Command('gateway').option('--upstream <addresses...>'));
  return command.exitOverride().parse(words, { from: 'user' }).opts();
}

test('what a worker is told is what the command was told', () => {
  const flags = parse(
    ...['--upstream', 'http://a:1', 'unix:/b.sock', '--vault', '--access-log', '--observe'],
    ...['--listen', '127.0.0.1:1', '--workers', 'auto', '--keep-alive', '1s', '--management', '127.0.0.1:2'],
    ...['--tls-cert', 'c.pem', '--tls-key', 'k.pem', '--http-listen', '127.0.0.1:3'],
    ...['--policy', 'p.ts', '--origin', 'https://a.example', '--trust-proxy', '10.0.0.1', '10.0.0.2'],
  );
  assert.equal(Object.keys(flags).length, 14);
  assert.deepEqual(parse(...writeFlags(flags)), flags);
  assert.deepEqual(parse(...writeFlags(parse('--vault', 'a', 'b', '--access-log', 'stderr'))), {
    vault: ['a', 'b'],
    accessLog: 'stderr',
  });
  assert.deepEqual(writeFlags({ ...parse(), wait: '60' } as GatewayFlags), []);
});

test('what is an option of the policy is read as there, and the rest stays beside it', () => {
  const { gateway, observe, trustProxy } = readFlags(
    parse('--workers', '4', '--access-log', '--vault', '--trust-proxy', '10.0.0.1', '--observe'),
  );
  assert.deepEqual(gateway, { workers: 4, accessLog: 'stdout', vault: true });
  assert.deepEqual([observe, trustProxy], [true, ['10.0.0.1']]);
  for (const words of [
    ['--workers', '0'],
    ['--keep-alive', '1'],
    ['--vault', 'a b'],
    ['--access-log', 'file'],
    ['--management', '9090'],
  ])
    assert.throws(
      () => readFlags(parse(...words)),
      (error) => error instanceof WrongUse && error.message.startsWith(`${words[0]} takes `),
    );
});
