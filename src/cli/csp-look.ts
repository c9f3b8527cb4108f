/** What `bulwark csp` looks at: the policy of a file, what pages were sent of it, and what browsers said. */
import { existsSync, statSync } from 'node:fs';
import { early, leastClients, type Looked, lookedAt } from '../console/csp-verdict.ts';
import type { OwnCode } from '../controls/csp/advice.ts';
import { versionOf } from '../controls/csp/reporting.ts';
import { maskedSample } from '../controls/reports/mask.ts';
import { readAccepted, withAccepted } from '../gateway/pages/accepted-sources.ts';
import { offersOf } from '../gateway/pages/offers.ts';
import { SeenCodes } from '../gateway/pages/seen-code.ts';
import { readTemplates, type TemplateCode } from '../gateway/pages/templates.ts';
import { loadUnsignedPolicy } from '../policy/load-unsigned.ts';
import type { Policy } from '../policy/policy.ts';
import { policyFile } from './flag.ts';
import { printingAside } from './load-module.ts';
import { Failed, WrongUse } from './terminal.ts';

/** What all of its commands take. */
export interface CspFlags {
  readonly policy?: string;
  readonly templates?: string;
  readonly pages: string;
  readonly hours: string;
  readonly clients?: string;
  readonly json?: true;
}

/** Looks, and closes what it opened. */
export async function look(flags: CspFlags, now: number = Date.now()): Promise<Looked> {
  const least = { pages: numberOf('pages', flags.pages), hours: numberOf('hours', flags.hours) };
  const named = flags.clients === undefined ? undefined : numberOf('clients', flags.clients);
  const written = await ownCode(flags.templates);
  const policy = await policyOf(flags.policy);
  try {
    const { state, csp } = policy;
    if (policy.reports.path === undefined)
      throw new Failed("Nobody takes reports: write reports: { path: '/csp-reports' } into the policy.");
    if (state.reach === 'process' || state.reports === undefined)
      throw new Failed(
        'What browsers reported is in the memory of another process, where no command sees it.',
      );
    const records = await state.reports.list();
    const opened = policy.routes.routes.flatMap(({ rules }) => rules.csp ?? []);
    const settings = withAccepted(csp, readAccepted(policy.gateway.pages.sources));
    // In front of an application the policy has what was accepted; in one it has not.
    const versions = [settings, csp].map((one) => versionOf(one, opened));
    const clients = named ?? leastClients(records, versions);
    const code = [...written, ...codeSeen(policy.gateway.pages.seen, clients)];
    return {
      ...lookedAt({ settings, records, versions, code, written, clients }),
      ...early(records, versions, least, now),
    };
  } finally {
    await policy.state.close();
  }
}

async function ownCode(folder: string | undefined): Promise<readonly OwnCode[]> {
  if (folder === undefined) return [];
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new WrongUse(`There is no folder ${folder}.`);
  return (await readTemplates(folder)).map(codeOf);
}

/** What a gateway has seen on several clients' pages and nobody has sent to it: it offers that as well. */
function codeSeen(file: string, clients: number): readonly OwnCode[] {
  if (!existsSync(file)) return [];
  const codes = new SeenCodes(file);
  try {
    const accepted = { 'script-src': {}, 'style-src': {} };
    return offersOf({ seen: codes.all(), templates: [], accepted, clients }).flatMap(
      ({ directive, source, text, standing }) =>
        standing !== 'offered' || directive === 'attribute' || !source.startsWith("'sha")
          ? []
          : [{ directive, source, sample: maskedSample(text), file: 'pages that the gateway has seen' }],
    );
  } finally {
    codes.close();
  }
}

/** A script or style as reports would have it. */
export function codeOf({ directive, source, text, file }: TemplateCode): OwnCode {
  return { directive, source, file, sample: maskedSample(text) };
}

/** The policy of a file, or of the one that lies here under its usual name. */
export async function policyOf(named: string | undefined): Promise<Policy> {
  const file = policyFile(named);
  if (!existsSync(file)) throw new WrongUse(`There is no ${file}.`);
  return (await printingAside(() => loadUnsignedPolicy(file))).policy;
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!/^\d{1,9}$/.test(text)) throw new WrongUse(`--${name} takes a number.`);
  return number;
}
