import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAccountSite } from '../../../test/support/account-site.ts';
import { PASSWORD } from '../../../test/support/accounts.ts';
import { Visitor } from '../../../test/support/visitor.ts';

test('a client asks for thirty mails an hour by each form that sends them', async (t) => {
  const site = await startAccountSite();
  t.after(() => site.stop());
  const person = new Visitor(site.url);
  await person.register('mails@example.com', PASSWORD);
  for (const path of ['/reset', '/account/email']) {
    const statuses = new Map<number, number>();
    for (let mail = 0; mail < 33; mail += 1) {
      const csrf = /name="_csrf"[^>]*value="([^"]*)"/.exec((await person.get(path)).text)?.[1] ?? '';
      const { status } = await person.post(path, { email: `other${mail}@example.com`, _csrf: csrf });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    assert.deepEqual(
      [...statuses],
      [
        [303, 30],
        [429, 3],
      ],
      path,
    );
  }
});
