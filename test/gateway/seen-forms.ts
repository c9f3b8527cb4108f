/** What each reader of forms makes of those that are refused, measured and written down. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exchangeBytes, parseAnswer, writeRequest } from '../../src/testing/wire.ts';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import type { MultipartForm } from '../support/multipart-forms.ts';
import type { SeenForm } from './form-readers.ts';

/** Where the table stands. */
export const FORM_TABLE: string = join(import.meta.dirname, '../../docs/manual/multipart.md');

/** What each reader sees of a form, by its name; undefined where it takes none. */
export type Seen = ReadonlyMap<string, SeenForm | undefined>;

/** Sends a form as a browser would. */
export async function sendForm(
  port: number,
  { type, body }: Pick<MultipartForm, 'type' | 'body'>,
): Promise<{ readonly status: number; readonly seen: SeenForm | undefined }> {
  const headers = {
    'sec-fetch-site': 'same-origin',
    'content-type': type,
    'content-length': String(body.length),
  };
  const head = writeRequest({ method: 'POST', target: '/form', headers });
  const { status, body: text } = parseAnswer(
    await exchangeBytes(port, Buffer.concat([Buffer.from(head), body])),
  );
  if (status !== 200) return { status, seen: undefined };
  const { fields, files } = JSON.parse(text) as SeenForm;
  return {
    status,
    seen: { fields: sorted(fields, ([name]) => name), files: sorted(files, (file) => file.join('\n')) },
  };
}

/** Some readers put fields of one name together, and formidable has files in the order in which the disk was done with them. */
function sorted<Entry>(entries: readonly Entry[], by: (entry: Entry) => string): readonly Entry[] {
  return entries.toSorted((one, other) => (by(one) < by(other) ? -1 : by(one) > by(other) ? 1 : 0));
}

/** The page, of forms that are refused and what each reader saw. */
export function writeTable(forms: readonly (readonly [form: MultipartForm, seen: Seen])[]): string {
  const rows: string[] = [];
  const none: string[] = [];
  const alike: string[] = [];
  for (const [{ name, source, refused }, seen] of forms) {
    const outcomes = outcomesOf(seen);
    if (outcomes.size > 1) {
      const said = [...outcomes].map(([what, readers]) => `${what}: ${readers.join(', ')}`);
      rows.push(`| ${name} | ${said.join('<br>')} | \`${refused}\` | ${source} |`);
    } else if (outcomes.has('error')) none.push(name);
    else alike.push(name);
  }
  return `# Forms that are refused, and who differs on them

Made by \`node --conditions=bulwark-source tools/form-table.ts\`, which sends each form to each reader and writes what it
saw; \`test/gateway/same-forms.test.ts\` fails where that is another thing by now. The forms, byte for byte, are in
[the corpus](../../test/vectors/multipart/forms.json). What to do about a client that writes one: [forms with files](../guides/uploads.md).

Versions: ${versions().join(', ')}.

A field is \`name="value"\`, a file \`name=@"its name"\`. \`nothing\` is a form without a part, and no error.

| form | what is seen, by whom | refused as | the fact |
| --- | --- | --- | --- |
${rows.join('\n')}

${rows.length} forms on which they differ. All of them see the same in: ${listed(alike)}. None of them takes: ${listed(none)}.
`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'no other' : names.join('; ');
}

/** The table as it stands. */
export function writtenTable(): string {
  return readFileSync(FORM_TABLE, 'utf8');
}

/** Who sees the same, by what that is: in as few words as tell it from what others see. */
function outcomesOf(seen: Seen): ReadonlyMap<string, readonly string[]> {
  const whole = new Map<string, { readonly form: SeenForm | undefined; readonly readers: string[] }>();
  for (const [reader, form] of seen) {
    const known = whole.get(JSON.stringify(form)) ?? { form, readers: [] };
    known.readers.push(reader);
    whole.set(JSON.stringify(form), known);
  }
  const groups = [...whole.values()];
  const isEnough = new Set(groups.map(({ form }) => wordsOf(form, false))).size === groups.length;
  return new Map(groups.map(({ form, readers }) => [wordsOf(form, !isEnough), readers]));
}

function wordsOf(form: SeenForm | undefined, isWhole: boolean): string {
  if (form === undefined) return 'error';
  const fields = form.fields.map(([name, value]) => `${plain(name)}=${quoted(value)}`);
  const files = form.files.map(([name, filename, type, bytes]) => {
    const more = isWhole ? ` ${plain(type)} ${quoted(bytes)}` : '';
    return `${plain(name)}=@${quoted(filename)}${more}`;
  });
  const all = [...fields, ...files];
  return all.length === 0 ? 'nothing' : `\`${all.join(' ').replaceAll('|', '\\|').replaceAll('`', "'")}\``;
}

/** Some say nothing of a name or a type that is not there. */
function quoted(text: string | null): string {
  if (text === null) return 'none';
  return ascii(JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text));
}

function plain(text: string | null): string {
  return text !== null && /^[\w/.+-]+$/.test(text) ? text : quoted(text);
}

function ascii(text: string): string {
  return text.replaceAll(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function versions(): readonly string[] {
  const packages = ['busboy', 'multer', '@fastify/busboy', 'formidable', 'undici'].map((name) => {
    const path = join(import.meta.dirname, '../../node_modules', name, 'package.json');
    return `${name} ${(JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version}`;
  });
  const script =
    'from importlib.metadata import version as v; print(*(f"{n} {v(n)}" for n in ("Werkzeug", "Django", "Starlette", "python-multipart")), sep=", ")';
  const python = execFileSync(join(pythonEnvironment(), 'python'), ['-c', script], { encoding: 'utf8' });
  return [
    ...packages,
    `Node.js ${process.versions.node} (undici ${process.versions['undici']})`,
    python.trim(),
  ];
}
