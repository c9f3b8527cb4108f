/** Forms by chance, within the grammar: every reader behind the gateway sees the same of each. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { testPolicy } from '../hosts/hosts.ts';
import { freePort } from '../support/processes.ts';
import { FORM_READERS, type FormServer, type SeenForm } from './form-readers.ts';
import { sendForm } from './seen-forms.ts';

const FORMS = 60;
const apps: FormServer[] = [];
const gateways: { readonly name: string; readonly gateway: Gateway; readonly port: number }[] = [];

before(async () => {
  for (const [name, start] of Object.entries(FORM_READERS)) {
    const app = await start();
    apps.push(app);
    const gateway = createGateway(testPolicy([], { rateLimit: { mode: 'off' } }), {
      upstream: `http://127.0.0.1:${app.port}`,
    });
    const port = await freePort();
    gateway.server.listen(port, '127.0.0.1');
    await once(gateway.server, 'listening');
    gateways.push({ name, gateway, port });
  }
});
after(async () => {
  for (const { gateway } of gateways) {
    gateway.server.closeAllConnections();
    gateway.server.close();
    await gateway.close();
  }
  for (const app of apps) await app.stop();
});

/** Letters that readers are known to take otherwise than each other, where a form may have them. */
const text = fc.string({
  unit: fc.constantFrom(
    'a',
    'Z',
    '0',
    ' ',
    '-',
    '\r\n',
    '=',
    '"',
    ';',
    '&',
    '%41',
    '%',
    '\u00e9',
    '\u0645',
    '\ud83d\ude80',
    '--',
  ),
  maxLength: 30,
});
const word = fc.string({
  unit: fc.constantFrom('a', 'b', '-', '_', '.', '\u0645', '1'),
  minLength: 1,
  maxLength: 12,
});
// multer makes objects of brackets and of what is called __proto__; both are its own.
const fieldName = word.filter((name) => !name.startsWith('.'));
const fileName = fc.string({
  unit: fc.constantFrom(
    'a',
    ' ',
    '.',
    '%22',
    '%0D%0A',
    ';',
    "'",
    '&amp;',
    '%',
    '\u202e',
    '\u0645',
    '/',
    '(',
    '=',
  ),
  minLength: 1,
  maxLength: 20,
});
const type = fc.constantFrom(undefined, 'text/plain', 'Image/PNG', 'application/octet-stream');
const part = fc.oneof(
  fc.record({ name: fieldName, text }),
  fc.record({ name: fieldName, filename: fileName, type, text }),
);

type Part = {
  readonly name: string;
  readonly text: string;
  readonly filename?: string;
  readonly type?: string | undefined;
};

function formOf(parts: readonly Part[]): Buffer {
  const lines = parts.map(({ name, filename, type: said, text: body }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`;
    const typed = said === undefined ? '' : `Content-Type: ${said}\r\n`;
    return `--a-boundary\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${typed}\r\n${body}\r\n`;
  });
  return Buffer.from(`${lines.join('')}--a-boundary--\r\n`);
}

async function seenBy(port: number, body: Buffer): Promise<SeenForm | string> {
  const { status, seen } = await sendForm(port, { type: 'multipart/form-data; boundary=a-boundary', body });
  return seen ?? `error ${status}`;
}

test('v5.0.0-1.5.3 nine readers see the same of forms by chance, or none of them any', async () => {
  const counts = { taken: 0, refused: 0 };
  const forms = fc.sample(fc.array(part, { minLength: 1, maxLength: 4 }), { numRuns: FORMS, seed: 12 });
  for (const parts of forms) {
    const form = formOf(parts);
    const seen = await Promise.all(gateways.map(({ port }) => seenBy(port, form)));
    for (const [at, one] of seen.entries())
      assert.deepEqual(one, seen[0], `${gateways[at]?.name}: ${form.toString()}`);
    if (typeof seen[0] === 'string') counts.refused += 1;
    else {
      counts.taken += 1;
      assert.equal((seen[0]?.fields.length ?? 0) + (seen[0]?.files.length ?? 0), parts.length);
    }
  }
  assert.ok(counts.taken >= FORMS / 2, JSON.stringify(counts));
});
