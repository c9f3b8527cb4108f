import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import {
  checkGateway,
  type GatewayOptions,
  gatewayOptions,
  type GatewaySettings,
} from './gateway.options.ts';
import { showAddress } from './upstream-address.ts';

function read(options: unknown): { settings: GatewaySettings; refused: readonly string[] } {
  const problems = new Problems('production');
  const settings = readOptions('gateway', gatewayOptions, options, problems);
  return { settings, refused: problems.errors.map(({ option }) => option) };
}

test('an address is a host and a port, or the path of a socket, and nothing that a request could not go to', () => {
  const of = (upstream: GatewayOptions['upstream']): readonly string[] =>
    read({ upstream }).settings.upstream.map(showAddress);
  assert.deepEqual(of('http://127.0.0.1:8000'), ['http://127.0.0.1:8000']);
  assert.deepEqual(of('http://app'), ['http://app:80']);
  assert.deepEqual(of('http://[::1]:8000'), ['http://[::1]:8000']);
  assert.deepEqual(of(['unix:/run/app.sock']), ['unix:/run/app.sock']);
  for (const upstream of [
    '',
    'https://app',
    'app:8000',
    'http://app/path',
    'http://app/?q',
    'http://app/#f',
    'http://a@app',
    'unix:app.sock',
    [],
    8000,
    null,
  ])
    assert.deepEqual(read({ upstream }).refused, ['gateway.upstream'], String(upstream));
});

test('cookies of the vault are names, or true for the known ones', () => {
  assert.equal(read({}).settings.vault, undefined);
  assert.ok(read({ vault: true }).settings.vault?.includes('remember_token'));
  assert.deepEqual(read({ vault: ['session', '_*_session'] }).settings.vault, ['session', '_*_session']);
  const none = [[], ['*'], ['a*b*'], ['a b'], ['a;b'], ['__Host-vault'], Array(33).fill('a'), [1], false];
  for (const vault of none) assert.deepEqual(read({ vault }).refused, ['gateway.vault'], String(vault));
});

test('every problem is told, those of groups by their full names', () => {
  assert.deepEqual(
    read({ upstreams: 'http://a', keepAlive: 2, times: { connect: '0s', first: '1s' }, spool: '1GB' })
      .refused,
    [
      'gateway.upstreams',
      'gateway.keepAlive',
      'gateway.times.connect',
      'gateway.times.first',
      'gateway.spool',
    ],
  );
});

test('a certificate by ACME is of one process: several workers are refused', () => {
  const refusedOf = (options: object): readonly string[] => {
    const problems = new Problems('production');
    checkGateway(readOptions('gateway', gatewayOptions, options, problems), problems);
    return problems.errors.map(({ option }) => option);
  };
  const tls = { acme: { email: 'ops@example.com' } };
  assert.deepEqual(refusedOf({ workers: 2, tls }), ['gateway.workers']);
  assert.deepEqual(refusedOf({ workers: 1, tls }), []);
  assert.deepEqual(refusedOf({ workers: 2, tls: { cert: '/a.pem', key: '/a.key' } }), []);
});

test('a group that says one thing has the defaults for the rest', () => {
  assert.deepEqual(read({ times: { firstByte: '5m' }, keepAlive: 'none' }).settings.times, {
    connect: 2_000,
    firstByte: 300_000,
    idle: 60_000,
  });
});
