import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../core/errors.ts';
import { defaultsOf, type OptionTable, readOptions } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import { bodyOptions } from './body.options.ts';
import { firewallOptions } from './firewall.options.ts';
import { checkTimeouts, timeoutOptions, type TimeoutSettings } from './timeouts.options.ts';

function read<T>(table: OptionTable<T>, input: unknown): { settings: T; codes: ErrorCode[] } {
  const problems = new Problems('production');
  const settings = readOptions('section', table, input, problems);
  return { settings, codes: problems.errors.map((problem) => problem.code) };
}

const UNSAFE = ['ERR_BULWARK_UNSAFE_OPTION'];
const INVALID = ['ERR_BULWARK_INVALID_OPTION'];

test('refuses wildcard hosts', () => {
  for (const host of ['*', '*.example.com', '.example.com', 'a.*']) {
    assert.deepEqual(read(firewallOptions, { hosts: [host] }).codes, UNSAFE, host);
  }
});

test('reads hosts into the spelling that requests are compared by', () => {
  const { settings } = read(firewallOptions, { hosts: ['Files.Internal.', '10.0.0.5:3000', '[::0001]:80'] });
  assert.deepEqual(settings.hosts, ['files.internal', '10.0.0.5:3000', '[::1]:80']);
});

test('refuses hosts that are none', () => {
  for (const host of ['', 'https://a.example', 'a.example/x', 'a,b', 7]) {
    assert.deepEqual(read(firewallOptions, { hosts: [host] }).codes, INVALID, String(host));
  }
});

test('refuses methods that echo or tunnel, a wildcard, and none at all', () => {
  for (const method of ['TRACE', 'TRACK', 'CONNECT', '*']) {
    assert.deepEqual(read(firewallOptions, { methods: [method] }).codes, UNSAFE, method);
  }
  for (const methods of [[], ['get'], [''], 'GET', ['GET,POST']]) {
    assert.deepEqual(read(firewallOptions, { methods }).codes, INVALID, JSON.stringify(methods));
  }
  assert.deepEqual(read(firewallOptions, { methods: ['GET', 'PROPFIND', 'GET'] }).settings.methods, [
    'GET',
    'PROPFIND',
  ]);
});

test('keeps numbers within what protects', () => {
  for (const input of [{ headerLines: 0 }, { headerLines: 5000 }, { urlLength: 100_000 }, { urlLength: 0 }]) {
    assert.deepEqual(read(firewallOptions, input).codes, INVALID, JSON.stringify(input));
  }
  for (const input of [{ limit: '0MB' }, { limit: 10 }, { limit: '100GB' }, { compressed: 'yes' }]) {
    assert.deepEqual(read(bodyOptions, input).codes, INVALID, JSON.stringify(input));
  }
});

test('refuses a timeout of nothing, and one that never comes', () => {
  for (const name of ['headers', 'request', 'keepAlive', 'slowReader', 'checkEvery']) {
    for (const value of ['0s', 0, '30d', 'never', null]) {
      assert.deepEqual(read(timeoutOptions, { [name]: value }).codes, INVALID, `${name}: ${value}`);
    }
  }
  assert.deepEqual(read(timeoutOptions, { connectionsPerClient: 0, maxConnections: 0 }).codes, [
    ...INVALID,
    ...INVALID,
  ]);
});

test('refuses timeouts and caps that contradict each other', () => {
  const check = (changes: Partial<TimeoutSettings>): string[] => {
    const problems = new Problems('production');
    checkTimeouts({ ...defaultsOf(timeoutOptions), ...changes }, problems);
    return problems.errors.map((problem) => problem.option);
  };
  assert.deepEqual(check({}), []);
  assert.deepEqual(check({ headers: 120_000 }), ['timeouts.headers']);
  assert.deepEqual(check({ maxConnections: 100 }), ['timeouts.connectionsPerClient']);
});

test('past failure 25: by default looks often enough for its own limits to hold', () => {
  const defaults = defaultsOf(timeoutOptions);
  assert.ok(defaults.checkEvery <= 500);
  assert.ok(defaults.headers <= 10_000 && defaults.request <= 60_000);
});

test('the default of each option, written as documented, is accepted', () => {
  for (const table of [firewallOptions, bodyOptions, timeoutOptions] as OptionTable<
    Record<string, unknown>
  >[]) {
    for (const [name, spec] of Object.entries(table)) {
      const written: unknown =
        spec.shown === undefined ? spec.default : JSON.parse(spec.shown.replaceAll("'", '"'));
      const { settings, codes } = read(table, { [name]: written });
      assert.deepEqual(codes, [], name);
      assert.deepEqual(settings[name], spec.default, name);
    }
  }
});
