import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts } from '../../test/support/accounts.ts';
import { sketchExchange } from '../../test/support/exchange.ts';
import type { Exchange } from '../core/exchange.ts';

type Tell = (account: string, exchange: Exchange) => unknown;

test('the owner has a mail that says from where, and a line in the history of the account', async () => {
  let tell: Tell | undefined;
  const site = new FakeAccounts({}, undefined, { onDeviceMisuse: (one) => void (tell = one) });
  const { account } = await site.member();
  await site.accounts.settled();
  const before = site.mails.length;
  const exchange = sketchExchange({ peer: '203.0.113.9', headers: { 'user-agent': 'curl/8.5.0' } });
  exchange.client = { ...exchange.client, address: '203.0.113.9' };
  await tell?.(account.id, exchange);
  await site.accounts.settled();
  const [mail, ...more] = site.mails.slice(before);
  assert.deepEqual([mail?.to, more], ['ann@example.com', []]);
  assert.match(mail?.subject ?? '', /^Somebody tried to use your session on another device/);
  assert.match(mail?.text ?? '', /From: 203\.0\.113\.9/);
  const [line] = await site.accounts.activity.list(account.id);
  assert.deepEqual([line?.event, line?.address], ['session-misused', '203.0.113.9']);
  // Of accounts that are kept elsewhere, or no more, nobody here knows where they read their mail.
  await tell?.('somebody-else', exchange);
  await site.accounts.settled();
  assert.equal(site.mails.length, before + 1);
});
