/** `bulwark doctor`: what a deployment gets wrong, seen from the machine that it runs on. */
import type { Command } from 'commander';
import { escapedJson } from '../audit/escaped-json.ts';
import type { Symptom } from '../check/doctor/symptom.ts';
import type { Place } from '../check/doctor/look-at-arrival.ts';
import { importPolicy } from '../policy/load-policy.ts';
import { POLICY_FLAG, policyFile } from './flag.ts';
import { printingAside } from './load-module.ts';
import { AnsweredNo, CouldNotLook, faint, strong, type Terminal, WrongUse } from './terminal.ts';

const HELP = `
Run it where the application runs: as its user, in its folder, with its environment. It looks at the version of Node.js, modes of
files with secrets and state, the policy and its warnings, whether the name of the origin leads somewhere, its
certificate, the clock, and whether the store answers. It changes nothing.

--listen, while the application is stopped, listens in its place and asks for the origin: so it sees what the proxy in front
really hands on, and says which addresses to trust. --mail sends one mail.

Exit codes: 0 all is well, 1 something is wrong, 2 wrong use, or nothing is wrong and something could not be looked at.

Examples:
  bulwark doctor
  bulwark doctor --listen 127.0.0.1:3000
  bulwark doctor --policy bulwark.config.ts --mail you@example.com --json`;

interface Flags {
  readonly policy?: string;
  readonly listen?: string;
  readonly mail?: string;
  readonly json?: true;
}

/** Gives the command its options and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('say what a deployment gets wrong, seen from inside')
    .option(...POLICY_FLAG)
    .option('--listen <address:port>', 'listen in the place of the application, and see how requests arrive')
    .option('--mail <address>', 'send a mail there')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const listen = flags.listen === undefined ? undefined : placeOf(flags.listen);
      const found = await printingAside(async () => {
        const { examine } = await import('../check/doctor/doctor.ts');
        return await examine({
          options: await importPolicy(policyFile(flags.policy)),
          listen,
          mailTo: flags.mail,
        });
      });
      terminal.out.write(
        flags.json === true ? `${escapedJson({ symptoms: found })}\n` : asText(found, terminal),
      );
      if (found.some(({ level }) => level === 'error' || level === 'warning')) throw new AnsweredNo();
      if (found.some(({ level }) => level === 'unseen')) throw new CouldNotLook();
    });
}

function placeOf(text: string): Place {
  const [, host, port] = /^(?:\[?([\w.:-]+?)\]?:)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new WrongUse('--listen takes an address and a port, such as 127.0.0.1:3000.');
  return { host: host ?? '127.0.0.1', port: Number(port) };
}

const MARKS: Readonly<Record<Symptom['level'], string>> = {
  good: 'ok     ',
  warning: 'warning',
  error: 'error  ',
  unseen: 'unseen ',
};

function asText(found: readonly Symptom[], { out }: Terminal): string {
  return found
    .map(({ level, id, says, fix }) => {
      const mark =
        level === 'good' || level === 'unseen' ? faint(MARKS[level], out) : strong(MARKS[level], out);
      return `${mark} ${id}: ${says}\n${fix === undefined ? '' : `        ${fix}\n`}`;
    })
    .join('');
}
