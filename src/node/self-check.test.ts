import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { AuditEvent } from '../audit/audit-event.ts';
import { ask } from '../testing/wire.ts';
import { sketchExchange } from '../../test/support/exchange.ts';
import { LAYER_PARTS } from '../core/layer-parts.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { memory } from '../stores/memory/state.ts';
import { protect } from './protector.ts';
import { SelfCheck } from './self-check.ts';

test('a proxy that the policy does not name is told of once, with its address, and not at each request', async () => {
  const told = await misconfigurations({}, 3);
  assert.deepEqual(told, ['ERR_BULWARK_PROXY_NOT_TRUSTED']);
});

test('a proxy that the policy names is nothing to tell of', async () => {
  assert.deepEqual(await misconfigurations({ trusted: ['127.0.0.1'] }, 2), []);
});

test('a stranger uses up no word about a proxy, and is not the address to write', async () => {
  const messages: string[] = [];
  const layer = protect({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: {
      sink: (_line, { event, details }) => {
        if (event === 'sys_misconfigured') messages.push(String(details?.['message']));
      },
    },
  });
  const check = new SelfCheck(layer[LAYER_PARTS].layer);
  const head = Buffer.from('PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n');
  const look = (peer: string): void => {
    const headers = { 'x-forwarded-for': '198.51.100.7' };
    check.look({} as IncomingMessage, sketchExchange({ peer, headers }));
    check.lookAtBytes(head, peer);
  };
  for (let index = 1; index < 200; index += 1) look(`198.51.100.${index}`);
  const strangers = messages.splice(0);
  assert.ok(strangers.length > 0 && strangers.length <= 16, 'told, and not each of them');
  for (const message of strangers) {
    assert.ok(!message.includes('trusted: ['));
    assert.match(message, /proxy\.trusted/);
  }
  for (const peer of ['10.0.0.5', '::ffff:172.16.0.1', 'fd00::5', 'unix']) {
    look(peer);
    look(peer);
    const [byHeader = '', byHead = '', ...more] = messages.splice(0);
    assert.ok(byHeader.includes(`proxy: { trusted: ['${peer}'] }`), peer);
    assert.ok(byHead.includes(`proxy: { trusted: ['${peer}'], protocol: true }`), peer);
    assert.deepEqual(more, []);
  }
  await layer.close();
});

/** What the log has of the deployment after some requests that bring the headers of a proxy. */
async function misconfigurations(proxy: { trusted?: string[] }, requests: number): Promise<unknown[]> {
  const events: AuditEvent[] = [];
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  const layer = protect({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    proxy,
    audit: { sink: (_line, event) => void events.push(event) },
  });
  const server = layer.createServer((request, response) =>
    layer(request, response, () => void response.end()),
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    const { port } = server.address() as AddressInfo;
    const forwarded = {
      host: 'example.com',
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-proto': 'https',
    };
    for (let index = 0; index < requests; index += 1) await ask(port, { headers: forwarded });
  } finally {
    process.off('warning', onWarning);
    server.closeAllConnections();
    server.close();
    await layer.close();
  }
  const told = events.filter(({ event }) => event === 'sys_misconfigured');
  const codes = warnings.flatMap((warning) => ('code' in warning ? [warning.code] : []));
  // The operator at the terminal and the log hear of the same.
  assert.deepEqual(codes.filter((code) => code === 'ERR_BULWARK_PROXY_NOT_TRUSTED').length, told.length);
  for (const event of told) assert.ok(JSON.stringify(event).includes("proxy: { trusted: ['127.0.0.1'] }"));
  return told.map((event) => event.details?.['code']);
}
