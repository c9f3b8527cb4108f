import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Probe } from '../../core/answer.ts';
import { NoAnswer } from '../../core/rule.ts';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import { proxyHeadRules } from './proxy-head.check.ts';

const PAGE: Said = { body: '<title>Front</title>' };

async function verdict(answer: (probe: Probe) => Said): Promise<readonly string[]> {
  return await verdictOf(proxyHeadRules, 'firewall.proxy-head', contextOf(answer));
}

/** A site that reads heads which begin so, and cuts off all that begins with another. */
function taking(beginning: string, others: (probe: Probe) => Said): (probe: Probe) => Said {
  return (probe) => (probe.preface?.startsWith(beginning) === true ? PAGE : others(probe));
}

function cut(): Said {
  throw new NoAnswer('no answer (ECONNRESET)');
}

const refusing =
  (status: number) =>
  ({ preface }: Probe): Said =>
    preface === undefined ? PAGE : { status };

test('a head of either version that is believed is an error, wherever else nothing is answered without', async () => {
  assert.deepEqual(await verdict(() => PAGE), ['error']);
  assert.deepEqual(await verdict(taking('PROXY TCP4 ', cut)), ['error']);
  assert.deepEqual(await verdict(taking('\r\n\r\n\0', refusing(400))), ['error']);
});

test('a connection that is cut, and bytes that are no request, hold', async () => {
  assert.deepEqual(await verdict(({ preface }) => (preface === undefined ? PAGE : cut())), ['held']);
  assert.deepEqual(await verdict(refusing(400)), ['held']);
});

test('what refuses everybody, or answers nobody, shows nothing', async () => {
  assert.deepEqual(await verdict(() => ({ status: 403 })), ['not-seen']);
  assert.deepEqual(await verdict(cut), ['not-seen']);
});
