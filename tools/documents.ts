/** The documents that are made from the code: what they say cannot drift from what it does. */
import { ALL_CONTROLS, allEvents, SECTIONS } from '../src/policy/controls.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { routeOptions } from '../src/policy/route.options.ts';
import type { EventKind } from '../src/core/events.ts';
import type { OptionSpec } from '../src/core/options.ts';
import { providerOptions } from '../src/identity/oidc/oidc.options.ts';
import { rangeServiceOptions } from '../src/identity/passwords/breached/range-service.options.ts';
import { type Requirement, writeAsvs } from './asvs.ts';
import { writeChecks, writeRulePages } from './checks.ts';
import { writeCommonFilter } from './common-passwords.ts';
import { type Reference, writeReference } from './reference/reference.ts';
import { withFigures } from './house.ts';

const ROOT = join(import.meta.dirname, '..');

/** One generated file: its path in the repository and its whole text. */
export interface GeneratedDocument {
  readonly path: string;
  readonly text: string;
}

/** Every generated document, as it has to be now. */
export function generateDocuments(
  standard: readonly Requirement[],
  reference: Reference = writeReference(),
): readonly GeneratedDocument[] {
  return [
    { path: 'docs/manual/defaults.md', text: defaults() },
    { path: 'docs/events.md', text: events() },
    { path: 'docs/problems.md', text: problems() },
    { path: 'docs/asvs.md', text: writeAsvs(standard) },
    { path: 'docs/manual/checks.md', text: writeChecks() },
    ...writeRulePages(),
    {
      path: 'docs/architecture.md',
      text: withFigures(readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')),
    },
    { path: 'src/identity/passwords/common-filter.ts', text: writeCommonFilter() },
    ...reference.documents,
  ];
}

function defaults(): string {
  const tables: [string, object][] = [
    ...Object.entries(SECTIONS).flatMap(([name, table]) => withGroups(name, table)),
    ["routes['...']", routeOptions],
    ["providers['...']", providerOptions],
    ['rangeService', rangeServiceOptions],
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
  return `${heading('Defaults', 'the option tables in src/**/*.options.ts')}
Every option of a policy, what it is when nothing is said, and why. How an option is written is in the doc comments of
its type; a value that does not fit is refused at start-up with the line to write instead.

${parts.join('\n\n')}
`;
}

/** A table, and behind it those that are options of it. */
function withGroups(name: string, table: object): [string, object][] {
  const groups = Object.entries(table as Record<string, OptionSpec<unknown>>).flatMap(([option, spec]) =>
    spec.table === undefined ? [] : withGroups(`${name}.${option}`, spec.table),
  );
  return [[name, table], ...groups];
}

function shownDefault(spec: OptionSpec<unknown>): string {
  const text = spec.shown ?? JSON.stringify(spec.default) ?? 'none';
  return `\`${cell(text.replaceAll('"', "'"))}\``;
}

function events(): string {
  const rows = allEvents()
    .map(([room, kind]) => ({ room, kind }))
    .toSorted((one, other) => compare(one.kind.name, other.kind.name) || compare(one.room, other.room))
    .map(({ room, kind }) => {
      const by = room === 'application' ? 'the application' : room;
      return `| \`${kind.name}\` | ${kind.level} | ${by} | ${cell(kind.meaning)} | ${shownDetails(kind)} |`;
    });
  return `${heading('Events', 'the declarations in src/**/*.events.ts')}
The audit log is one line of JSON an event; its fields are in [the room's README](../src/audit/README.md). Names follow
the OWASP Logging Vocabulary, and what it puts behind a colon is a field here.

\`critical\`: wake someone. \`warn\`: count, and look when the count moves. \`info\`: keep.

Several rooms write events of one name. What each says of what was seen stands in \`details\`; with a question mark: not
always. \`account\`, \`status\`, \`guard\` and \`sessionRef\` are lifted to the top of the line.

Events of *the application* are written by its handlers, with \`bulwark.of(request).audit(name, details)\`; Bulwark cannot
know them. Handlers may write any other of these names too, and events that the policy declares. Lines about refused
requests are bounded (\`audit.refusalsPerSecond\`); \`heldBack\` says how many were left out. A refusal in mode
\`observe\` is the same line with \`observed: true\`.

| event | level | written by | when | details |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function shownDetails({ details }: EventKind): string {
  return Object.entries(details)
    .map(([name, type]) => `\`${name}${type.endsWith('?') ? '?' : ''}\``)
    .join(', ');
}

function problems(): string {
  const rows = ALL_CONTROLS.flatMap(([room, { problems: group = {} }]) =>
    Object.values(group).map(
      ({ type, title, status }) =>
        `| \`${type}\` | ${status} | ${cell(title)} | ${room === 'core' ? 'several' : room} |`,
    ),
  );
  return `${heading('Problem types', 'the declarations in src/**/*.events.ts and src/core/problem-types.ts')}
A program whose request is refused gets problem details (RFC 9457), whose \`type\` is \`urn:bulwark:problem:\` and one of
these words. They never change their meaning; the status may differ where the refusal has a better one. \`requestId\` is
what an operator finds in the log.

| type | status | title | answered by |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function heading(title: string, source: string): string {
  return `# ${title}\n\n<!-- Made by \`npm run docs\` from ${source}. Do not edit by hand. -->\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
