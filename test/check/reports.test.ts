/** What reports are read by: each format by a reader that others use, and full of what a hostile server would have in it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import addFormatsModule from 'ajv-formats';
import { parse as readJunit } from 'junit2json';
import { SAXParser } from 'parse5-sax-parser';
import { asHtml } from '../../src/check/report/html.ts';
import { asJson } from '../../src/check/report/json.ts';
import { asJunit } from '../../src/check/report/junit.ts';
import { PLAIN } from '../../src/check/report/paint.ts';
import { asSarif } from '../../src/check/report/sarif.ts';
import { asText } from '../../src/check/report/text.ts';
import { shownReport } from '../support/check-report.ts';

interface Located {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId: string };
    readonly region?: Readonly<Record<string, number>>;
  };
}

interface Sarif {
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly rules: readonly {
          readonly id: string;
          readonly properties: Readonly<Record<string, unknown>>;
        }[];
      };
    };
    readonly invocations: readonly { readonly executionSuccessful: boolean }[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly message: { readonly text: string };
      readonly locations: readonly Located[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
      readonly suppressions?: readonly object[];
      readonly baselineState: string;
      readonly codeFlows?: readonly {
        readonly threadFlows: readonly { readonly locations: readonly unknown[] }[];
      }[];
    }[];
  }[];
}

const VECTOR = JSON.parse(
  readFileSync(join(import.meta.dirname, '../vectors/sarif/sarif-schema-2.1.0.json'), 'utf8'),
) as { readonly schema: Record<string, unknown> };

/** The schema is in draft 4, of which it uses nothing that later drafts read otherwise but the name of its id. */
function conforms(log: unknown): string {
  const { id: _id, $schema: _schema, ...schema } = VECTOR.schema;
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormatsModule.default(ajv);
  const judge = ajv.compile(schema);
  judge(log);
  return ajv.errorsText(judge.errors);
}

/** What the schema takes and GitHub does not, or would drop without a word. */
function faultsForGithub({ runs }: Sarif): readonly string[] {
  return runs.flatMap(({ tool, results }) => [
    ...tool.driver.rules.flatMap(({ id, properties }) => [
      ...(typeof properties['security-severity'] === 'string' ? [] : [`${id}: security-severity is no text`]),
      ...((properties['tags'] as readonly string[]).length <= 10 ? [] : [`${id}: tags`]),
    ]),
    ...results.flatMap((result) => [
      ...(tool.driver.rules[result.ruleIndex]?.id === result.ruleId ? [] : ['ruleIndex']),
      ...(Object.keys(result.partialFingerprints).length > 0 ? [] : ['no fingerprint']),
      ...(result.locations.length === 1 ? [] : ['locations']),
      ...result.locations.flatMap(({ physicalLocation: { artifactLocation, region = {} } }) => [
        ...(/^(?![/.]|[a-z]+:|.*(?:^|\/)\.\.(?:\/|$))/i.test(artifactLocation.uri)
          ? []
          : [`uri ${artifactLocation.uri}`]),
        ...((region['endLine'] ?? Infinity) >= (region['startLine'] ?? 1) ? [] : ['end before start']),
        ...(region['endColumn'] === undefined || region['endColumn'] >= (region['startColumn'] ?? 1)
          ? []
          : ['columns']),
      ]),
      ...(result.codeFlows ?? []).flatMap(({ threadFlows }) =>
        threadFlows.flatMap(({ locations }) => (locations.length <= 100 ? [] : ['steps'])),
      ),
    ]),
  ]);
}

const sarifOf = (baseline?: string): Sarif => JSON.parse(asSarif(shownReport(baseline))) as Sarif;

test('SARIF is what its schema asks, and what GitHub takes', () => {
  const log = sarifOf();
  assert.equal(conforms(log), 'No errors');
  assert.deepEqual(faultsForGithub(log), []);
  assert.equal(log.runs[0]?.results.length, 3);
  assert.equal(log.runs[0].results[1]?.codeFlows?.[0]?.threadFlows[0]?.locations.length, 100);
});

test('the schema and our own rules do find what is wrong', () => {
  const log = structuredClone(sarifOf()) as unknown as { runs: { results: Record<string, unknown>[] }[] };
  const result = log.runs[0]?.results[0] ?? {};
  result['level'] = 'high';
  assert.match(conforms(log), /level/);
  Object.assign(result, {
    ruleIndex: 2,
    partialFingerprints: {},
    locations: [
      { physicalLocation: { artifactLocation: { uri: '../x' }, region: { startLine: 4, endLine: 2 } } },
    ],
  });
  assert.deepEqual(faultsForGithub(log as unknown as Sarif), [
    'ruleIndex',
    'no fingerprint',
    'uri ../x',
    'end before start',
  ]);
});

test('no text of SARIF is a link or a placeholder, and what is waived is there as suppressed', () => {
  const [first] = sarifOf().runs[0]?.results ?? [];
  assert.match(first?.message.text ?? '', /\{\{0\}\} \\\[x\\\]\(/);
  const print = Object.values(first?.partialFingerprints ?? {})[0];
  const waived = sarifOf(
    JSON.stringify({ waivers: [{ fingerprint: print, reason: 'known', owner: 'Ada', until: '2026-11-30' }] }),
  );
  assert.equal(conforms(waived), 'No errors');
  assert.equal(waived.runs[0]?.results[0]?.suppressions?.length, 1);
  const known = sarifOf(JSON.stringify({ findings: [{ fingerprint: print }] }));
  assert.deepEqual(
    known.runs[0]?.results.map(({ baselineState }) => baselineState),
    ['unchanged', 'new', 'new'],
  );
});

test('a run that saw nothing is no success in SARIF, and an error in JUnit', async () => {
  const blind = shownReport('{}', { url: 'https://files.example/', requests: 3, limited: 3 });
  const log = JSON.parse(asSarif(blind)) as Sarif;
  assert.equal(conforms(log), 'No errors');
  assert.equal(log.runs[0]?.invocations[0]?.executionSuccessful, false);
  const suites = await readJunit(asJunit(blind));
  assert.ok(suites !== undefined && suites !== null && 'testsuite' in suites);
  assert.equal(suites.errors, 1);
});

test('JUnit is read by a reader of JUnit, with every rule as a case', async () => {
  const suites = await readJunit(asJunit(shownReport()));
  assert.ok(suites !== undefined && suites !== null && 'testsuite' in suites);
  assert.deepEqual([suites.tests, suites.failures, suites.errors], [4, 2, 0]);
  const cases = (suites.testsuite ?? []).flatMap(({ testcase }) => testcase ?? []);
  assert.deepEqual(
    cases.map(({ failure, skipped }) =>
      failure !== undefined ? 'no' : skipped !== undefined ? 'skipped' : 'ok',
    ),
    ['no', 'ok', 'skipped', 'no'],
  );
  assert.match(cases[0]?.failure?.[0]?.message ?? '', /<script>alert\(1\)<\/script>.*]]>/);
});

test('HTML has no script, no handler, no link but to pages of rules, and every text as text', () => {
  const page = asHtml(shownReport());
  const tags: string[] = [];
  let text = '';
  let policy = '';
  const parser = new SAXParser();
  parser.on('startTag', ({ tagName, attrs }) => {
    tags.push(tagName);
    if (attrs.some(({ value }) => value === 'Content-Security-Policy')) policy = attrs[1]?.value ?? '';
    for (const { name, value } of attrs) {
      assert.doesNotMatch(name, /^on|^style$|^src/);
      if (name === 'href')
        assert.match(
          value,
          /^#|^https:[/]{2}github\.com[/]bulwark-layer[/]bulwark[/]blob[/]main[/]docs[/]checks[/][\w.-]+$/,
        );
    }
  });
  parser.on('text', (piece) => (text += piece.text));
  parser.end(page);
  for (const tag of ['script', 'img', 'link', 'iframe', 'object', 'base', 'form'])
    assert.ok(!tags.includes(tag), tag);
  assert.ok(text.includes('<script>alert(1)</script><img src=x onerror=alert(1)>&lt;]]>'));
  assert.match(
    policy,
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'$/,
  );
  for (const part of ['What was not tested', 'ASVS 5.0.0', 'What the run changed', 'confidence: low']) {
    assert.ok(text.includes(part), part);
  }
});

test('text and JSON write nothing on a terminal but letters', () => {
  const text = asText(shownReport(), PLAIN);
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  const json = asJson(shownReport());
  assert.doesNotMatch(json, /\\u001b|\\u0000|\u202e/);
  assert.equal((JSON.parse(json) as { findings: unknown[] }).findings.length, 3);
});

test('the summary of a run over all sections fits the smallest screen', () => {
  const shown = shownReport();
  const rules = Array.from({ length: 15 }, (_none, index) => ({
    ...shown.rules[0],
    id: `a.b${index}`,
    guide: index + 1,
  }));
  const text = asText({ ...shown, rules: rules as typeof shown.rules }, PLAIN);
  const summary = text
    .slice(text.lastIndexOf('\n\n') + 2)
    .trimEnd()
    .split('\n');
  assert.ok(summary.length <= 20, String(summary.length));
  assert.ok(summary.slice(0, 15).every((line) => line.length <= 96));
});
