/**
 * A report as SARIF 2.1.0, within what GitHub code scanning takes: of more results, locations or tags it would drop the rest
 * without a word. Text goes into `text` alone, never into `markdown`, and links and placeholders in it are escaped (3.11.5
 * and 3.11.6), so that what a server sent stays text.
 */
import type { Level, RuleFacts, Where } from '../../core/rule.ts';
import type { Waiver } from '../baseline.ts';
import type { Finding } from '../finding.ts';
import { helpOf } from '../rule-page.ts';
import { weaknessName, whyOf } from '../weaknesses.ts';
import { allFindings } from './report.ts';
import type { Shown } from './shown.ts';

/** GitHub keeps so many results of one run, and so many steps of a flow. */
const MOST_RESULTS = 5000;
const MOST_STEPS = 100;
const MOST_TAGS = 10;
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const HELP = 'https://github.com/bulwark-layer/bulwark/blob/main/docs/manual/checks.md';

/** How GitHub sorts findings of security: over 9.0 critical, from 7.0 high, from 4.0 medium. */
const SEVERITY: Readonly<Record<Level, string>> = { error: '8.0', warning: '5.0', note: '2.0' };

/** The report. What a baseline knows or a waiver covers is in it, as suppressed. */
export function asSarif(shown: Shown): string {
  const { report, rules, judged, version, at } = shown;
  const findings = allFindings(report.results).slice(0, MOST_RESULTS);
  const used = rules.filter(({ id }) => report.results.some(({ rule }) => rule === id));
  const index = new Map(used.map(({ id }, position) => [id, position]));
  const waivers = new Map(judged.waived.map(({ finding, waiver }) => [finding, waiver]));
  const known = new Set(judged.known);
  const blind = report.blind;
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'bulwark check',
            semanticVersion: version,
            informationUri: HELP,
            rules: used.map(descriptorOf),
          },
        },
        automationDetails: { id: `bulwark-check/${report.source === undefined ? 'outside' : 'source'}/` },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'The root of the source tree.' } } },
        invocations: [
          {
            executionSuccessful: blind === undefined,
            startTimeUtc: at.toISOString(),
            toolExecutionNotifications: [
              ...(blind === undefined ? [] : [{ level: 'error', message: { text: messageText(blind) } }]),
              ...report.results.flatMap((result) =>
                result.outcome === 'not-seen'
                  ? [
                      {
                        level: 'note',
                        message: { text: messageText(`${result.rule} saw nothing: ${result.why}`) },
                        associatedRule: { id: result.rule, index: index.get(result.rule) ?? -1 },
                      },
                    ]
                  : [],
              ),
            ],
          },
        ],
        results: findings.map((finding) =>
          resultOf(finding, index.get(finding.rule) ?? -1, known.has(finding), waivers.get(finding)),
        ),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 1)}\n`;
}

function descriptorOf(rule: RuleFacts): object {
  const { id, title, level, cwe, asvs } = rule;
  const why = whyOf(rule);
  return {
    id,
    name: nameOf(id),
    shortDescription: { text: messageText(title) },
    fullDescription: { text: messageText(`${title}. ${why}`) },
    help: { text: messageText([why, ...cwe.map((one) => `${one}: ${weaknessName(one)}`)].join(' ')) },
    helpUri: helpOf(rule) ?? HELP,
    defaultConfiguration: { level },
    properties: {
      'security-severity': SEVERITY[level],
      precision: 'high',
      tags: [
        'security',
        ...cwe.map((one) => `external/cwe/${one.toLowerCase()}`),
        ...asvs.map((one) => `asvs/${one.replace('v5.0.0-', '').replace(' (in part)', '')}`),
      ].slice(0, MOST_TAGS),
    },
  };
}

function resultOf(finding: Finding, ruleIndex: number, isKnown: boolean, waiver?: Waiver): object {
  const { rule, level, message, evidence, fix, where, fingerprint, confidence, flow } = finding;
  return {
    ruleId: rule,
    ruleIndex,
    level,
    kind: 'fail',
    message: { text: messageText(`${message}. Seen: ${evidence}. Fix: ${fix}`) },
    locations: [locationOf(where)],
    partialFingerprints: { 'bulwark/v1': fingerprint },
    baselineState: isKnown ? 'unchanged' : 'new',
    ...(waiver !== undefined && {
      suppressions: [
        {
          kind: 'external',
          status: 'accepted',
          justification: `${waiver.reason} (${waiver.owner}, until ${waiver.until})`,
        },
      ],
    }),
    properties: { confidence, evidence, fix },
    ...(flow !== undefined &&
      flow.length > 0 && {
        codeFlows: [
          {
            threadFlows: [
              {
                locations: flow.slice(0, MOST_STEPS).map((step) => ({
                  location: { ...locationOf(step), message: { text: messageText(step.message) } },
                })),
              },
            ],
          },
        ],
      }),
  };
}

/**
 * GitHub shows a result where it is in a file, and refuses one without. A request has none: it is put where somebody begins
 * to look, and said in full beside it.
 */
function locationOf(where: Where): object {
  const { file, url, method, line } = where;
  if (file !== undefined) {
    return {
      physicalLocation: {
        artifactLocation: { uri: relativeUri(file), uriBaseId: 'SRCROOT' },
        ...(line !== undefined && { region: regionOf(where, line) }),
      },
    };
  }
  return {
    physicalLocation: {
      artifactLocation: { uri: 'outside', uriBaseId: 'SRCROOT' },
      region: { startLine: 1 },
    },
    logicalLocations: [
      { fullyQualifiedName: [method ?? 'GET', url ?? 'the site'].join(' '), kind: 'resource' },
    ],
  };
}

/** An end before the start is no region, though the schema takes it. */
function regionOf({ column, endLine, endColumn }: Where, line: number): object {
  const startLine = Math.max(1, line);
  const last = Math.max(startLine, endLine ?? startLine);
  const start = Math.max(1, column ?? 1);
  const end = endColumn === undefined || (last === startLine && endColumn < start) ? undefined : endColumn;
  return {
    startLine,
    ...(column !== undefined && { startColumn: start }),
    ...(last > startLine && { endLine: last }),
    ...(end !== undefined && { endColumn: Math.max(1, end) }),
  };
}

/** Relative, whatever the name of a file: `..` and a scheme lead nowhere. */
function relativeUri(file: string): string {
  return file
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => encodeURIComponent(part))
    .join('/');
}

/** Brackets are links in a message, braces are placeholders. */
function messageText(text: string): string {
  return text.replaceAll(/[\\[\]]/g, String.raw`\$&`).replaceAll(/[{}]/g, '$&$&');
}

function nameOf(id: string): string {
  return id.replaceAll(/(?:^|[.-])([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
