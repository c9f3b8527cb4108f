/** What readers of forms see behind the gateway is the same in every form that it takes; without it each sees another one. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { testPolicy } from '../hosts/hosts.ts';
import { freePort } from '../support/processes.ts';
import { once } from 'node:events';
import { type MultipartForm, multipartForms } from '../support/multipart-forms.ts';
import { FORM_READERS, type FormServer, type SeenForm } from './form-readers.ts';
import { type Seen, sendForm, writeTable, writtenTable } from './seen-forms.ts';

const FORMS = multipartForms();

describe('forms behind the gateway', () => {
  const apps = new Map<string, FormServer>();
  const gateways = new Map<string, { gateway: Gateway; port: number }>();

  before(async () => {
    for (const [name, start] of Object.entries(FORM_READERS)) {
      const app = await start();
      apps.set(name, app);
      const gateway = createGateway(testPolicy([], { rateLimit: { mode: 'off' } }), {
        upstream: `http://127.0.0.1:${app.port}`,
      });
      const port = await freePort();
      gateway.server.listen(port, '127.0.0.1');
      await once(gateway.server, 'listening');
      gateways.set(name, { gateway, port });
    }
  });
  after(async () => {
    for (const { gateway } of gateways.values()) {
      gateway.server.closeAllConnections();
      gateway.server.close();
      await gateway.close();
    }
    for (const app of apps.values()) await app.stop();
  });

  async function seenAt(
    readers: ReadonlyMap<string, { readonly port: number }>,
    form: MultipartForm,
  ): Promise<Map<string, SeenForm | undefined>> {
    const seen = new Map<string, SeenForm | undefined>();
    for (const [name, { port }] of readers) seen.set(name, (await sendForm(port, form)).seen);
    return seen;
  }

  test('v5.0.0-1.5.3 nine readers see the same of every form that is taken, and all of it', async () => {
    let ran = 0;
    for (const form of FORMS.filter(({ refused }) => refused === undefined)) {
      const seen = await seenAt(gateways, form);
      const first = seen.get('busboy') ?? assert.fail(form.name);
      for (const [name, one] of seen) assert.deepEqual(one, first, `${form.name}: ${name}`);
      assert.equal(first.fields.length + first.files.length, form.parts, form.name);
      ran += seen.size;
    }
    assert.ok(ran >= 42 * 9, `${ran}`);
  });

  test('v5.0.0-1.5.3 no reader is given a form that they differ on, and the table of these says who sees what', async () => {
    const rows: [MultipartForm, Seen][] = [];
    for (const form of FORMS.filter(({ refused }) => refused !== undefined)) {
      for (const [name, { port }] of gateways)
        assert.equal((await sendForm(port, form)).status, 400, `${form.name}: ${name}`);
      rows.push([form, await seenAt(apps, form)]);
    }
    assert.ok(rows.length >= 85, `${rows.length}`);
    const table = writeTable(rows);
    assert.ok(table.split('<br>').length > 110, 'readers differ no more: are they asked?');
    assert.equal(
      table,
      writtenTable(),
      'the table is of other versions: node --conditions=bulwark-source tools/form-table.ts',
    );
  });
});
