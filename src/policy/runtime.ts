/** What the policy asks of the Node.js it runs on. */
import type { Problems } from '../core/problems.ts';

/** Node.js lines that still get security fixes, by their last day. Source: nodejs/Release, schedule.json. */
const END_OF_LIFE: Readonly<Record<number, string>> = {
  24: '2028-04-30',
  25: '2026-06-01',
  26: '2029-04-30',
};
const OLDEST_LINE = 24;

/** What of the process matters here. */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execArgv: readonly string[];
  readonly nodeVersion: string;
}

/** Refuses a Node.js that gets no fixes, or that was told to accept malformed HTTP. */
export function checkRuntime(runtime: Runtime, problems: Problems, today: Date = new Date()): void {
  const line = Number(runtime.nodeVersion.split('.')[0]);
  const lastDay = END_OF_LIFE[line];
  if (line < OLDEST_LINE || (lastDay !== undefined && today > new Date(`${lastDay}T23:59:59Z`))) {
    problems.refuseInProduction(
      'ERR_BULWARK_NODE_VERSION',
      'node',
      `Node.js ${line} gets no security fixes any more.`,
      'run it on the current LTS line, Node.js 24 or later',
    );
  }
  const flags = `${runtime.execArgv.join(' ')} ${runtime.env['NODE_OPTIONS'] ?? ''}`;
  if (flags.includes('--insecure-http-parser')) {
    problems.refuse(
      'ERR_BULWARK_INSECURE_PARSER',
      '--insecure-http-parser',
      'malformed HTTP would be accepted, and two readings of one request are how requests are smuggled.',
      'remove --insecure-http-parser from the command line and from NODE_OPTIONS',
    );
  }
}
