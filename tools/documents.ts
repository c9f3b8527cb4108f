/** The documents that are made from the code: what they say cannot drift from what it does. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_LEVELS } from '../src/audit/audit-event.ts';
import { SECTIONS } from '../src/config/policy.ts';
import { routeOptions } from '../src/config/route.options.ts';
import type { OptionSpec } from '../src/core/options.ts';
import { passwordsOptions } from '../src/passwords/passwords.options.ts';

const ROOT = join(import.meta.dirname, '..');

/** One generated file: its path in the repository and its whole text. */
export interface GeneratedDocument {
  readonly path: string;
  readonly text: string;
}

/** Every generated document, as it has to be now. */
export function generateDocuments(): readonly GeneratedDocument[] {
  return [
    { path: 'docs/manual/defaults.md', text: defaults() },
    { path: 'docs/events.md', text: events() },
    { path: 'docs/asvs.md', text: asvs() },
  ];
}

function defaults(): string {
  const tables: [string, object][] = [
    ...Object.entries(SECTIONS),
    ["routes['...']", routeOptions],
    ['Passwords.of', passwordsOptions],
  ];
  const parts = tables.map(([name, table]) => {
    const rows = Object.entries(table as Record<string, OptionSpec<unknown>>).map(
      ([option, spec]) =>
        `| \`${option}\` | ${shownDefault(spec)} | ${cell(spec.reason)} | ${cell(spec.source)} |`,
    );
    return [
      `## ${name}`,
      '',
      '| option | default | why | source |',
      '| --- | --- | --- | --- |',
      ...rows,
    ].join('\n');
  });
  return `${heading('Defaults', 'the option tables in src/*/*.options.ts')}
Every option of a policy, what it is when nothing is said, and why. How an option is written is in the doc comments of
its type; a value that does not fit is refused at start-up with the line to write instead.

${parts.join('\n\n')}
`;
}

function shownDefault(spec: OptionSpec<unknown>): string {
  const text = spec.shown ?? JSON.stringify(spec.default) ?? 'none';
  return `\`${cell(text.replaceAll('"', "'"))}\``;
}

function events(): string {
  const rows = Object.entries(EVENT_LEVELS).map(([name, level]) => `| \`${name}\` | ${level} |`);
  return `${heading('Events', 'src/audit/audit-event.ts')}
The audit log is one line of JSON an event. Names follow the OWASP Logging Vocabulary; what the cheat sheet puts behind
a colon is a field here. Wake someone for \`critical\`; count \`warn\`.

| event | level |
| --- | --- |
${rows.join('\n')}
`;
}

function asvs(): string {
  const proofs = new Map<string, string[]>();
  for (const file of globSync('{src,test,examples}/**/*.test.ts', { cwd: ROOT }).sort()) {
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const [, id = '', fact = ''] of source.matchAll(/['"`](v5\.0\.0-\d+\.\d+\.\d+) ([^\n]*?)['"`],/g)) {
      proofs.set(id, [...(proofs.get(id) ?? []), `${cell(fact)} (\`${file}\`)`]);
    }
  }
  const rows = [...proofs]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([id, tests]) => `| ${id} | ${tests.join('<br>')} |`);
  return `${heading('OWASP ASVS 5.0', 'the names of tests')}
Requirements that a test here speaks to, by their id in OWASP ASVS 5.0.0 (CC BY-SA 4.0; the texts are there, not here).
A test shows its part of a requirement; whether an application meets the whole is for whoever assesses it.

${proofs.size} requirements have a test.

| requirement | tests |
| --- | --- |
${rows.join('\n')}
`;
}

function heading(title: string, source: string): string {
  return `# ${title}\n\n<!-- Made by \`npm run docs\` from ${source}. Do not edit by hand. -->\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
