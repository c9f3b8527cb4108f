/** Measures what readers make of refused forms, and writes docs/manual/multipart.md. */
import { writeFileSync } from 'node:fs';
import { multipartForms } from '../test/support/multipart-forms.ts';
import { FORM_READERS, type FormServer } from '../test/gateway/form-readers.ts';
import { FORM_TABLE, type Seen, sendForm, writeTable } from '../test/gateway/seen-forms.ts';

const servers = new Map<string, FormServer>();
for (const [name, start] of Object.entries(FORM_READERS)) servers.set(name, await start());
const rows: [ReturnType<typeof multipartForms>[number], Seen][] = [];
for (const form of multipartForms()) {
  if (form.refused === undefined) continue;
  const seen = new Map();
  for (const [name, { port }] of servers) seen.set(name, (await sendForm(port, form)).seen);
  rows.push([form, seen]);
}
writeFileSync(FORM_TABLE, writeTable(rows));
for (const server of servers.values()) await server.stop();
