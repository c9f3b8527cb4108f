/** `bulwark csp status | suggest | promote | try`: from a policy that is only reported to one that holds. */
import type { Command } from 'commander';
import { escapedJson } from '../audit/escaped-json.ts';
import { counted, linesOf } from '../console/csp-lines.ts';
import { isReady, type Looked, promoted, whyNot } from '../console/csp-verdict.ts';
import { type CspFlags, look } from './csp-look.ts';
import { needsText } from './csp-text.ts';
import { AnsweredNo, Failed, faint, type Output, strong, type Terminal } from './terminal.ts';
import { oneLine } from '../gateway/pages/offers.ts';

const HELP = `
With csp: { mode: 'observe' } and reports: { path: '/csp-reports' } in the policy, browsers report what it would block, and nothing
is blocked. status says whether it is ready to hold, suggest the lines that pages need, promote the policy that holds.

Reports are hints: anybody can make them up. Where ten clients or more have seen pages, what one alone has sent is shown, and
no line is made of it, unless the same script stands in --templates (HTML, Jinja, Django, EJS). Nothing is changed by these commands: you write the lines.

Exit codes: 0 ready, or nothing is needed; 1 not ready; 2 wrong use.

Examples:
  bulwark csp status
  bulwark csp suggest --templates views
  bulwark csp promote --templates views
  bulwark csp try http://localhost:3000/`;

/** Gives the command its commands. */
export function define(command: Command, terminal: Terminal): void {
  command.addHelpText('after', HELP);
  const own = (name: string, what: string): Command =>
    command
      .command(name)
      .description(what)
      .option('--policy <file>', 'the module that exports the policy as default (bulwark.config.ts)')
      .option('--templates <folder>', 'templates of the application, whose scripts are its own')
      .option(
        '--clients <number>',
        'how many clients must have met it for it to count (2; 1 where under ten saw pages)',
      )
      .option('--pages <number>', 'how many pages must have been sent under the policy', '100')
      .option('--hours <number>', 'for how long it must have been sent', '24')
      .option('--json', 'print the result as one line of JSON')
      .addHelpText('after', HELP);
  own('status', 'say whether the policy that is only reported is ready to hold').action(
    async (flags: CspFlags) => {
      const looked = await look(flags);
      const ready = isReady(looked, looked.needs.length === 0);
      if (flags.json === true) {
        const { settings: _settings, directives: _directives, ...said } = looked;
        terminal.out.write(`${escapedJson({ ready, ...said })}\n`);
      } else terminal.out.write(`${statusText(looked, ready, terminal).join('\n')}\n`);
      if (!ready) throw new AnsweredNo();
    },
  );
  own('suggest', 'print the tightest lines by which all that pages need is allowed').action(
    async (flags: CspFlags) => {
      const looked = await look(flags);
      const { needs, additions, unreported } = looked;
      if (flags.json === true) terminal.out.write(`${escapedJson({ needs, additions, unreported })}\n`);
      else terminal.out.write(`${suggestText(looked, terminal).join('\n')}\n`);
      if (needs.some(({ source }) => source === undefined)) throw new AnsweredNo();
    },
  );
  own('promote', 'print the policy that holds, with what pages need')
    .option('--anyway', 'also where it is not ready')
    .action(async (flags: CspFlags & { readonly anyway?: true }) => {
      const looked = await look(flags);
      const why = whyNot(looked);
      if (why.length > 0 && flags.anyway !== true)
        throw new Failed(
          `It is not ready:\n${why.map((one) => `  ${one}`).join('\n')}\nbulwark csp status says more; --anyway prints it all the same.`,
        );
      const lines = promoted(looked);
      if (flags.json === true) terminal.out.write(`${escapedJson({ lines, not: why })}\n`);
      else terminal.out.write(`${lines.join('\n')}\n`);
      for (const one of why) terminal.err.write(`Not ready: ${one}\n`);
    });
  command
    .command('try')
    .argument('<url>', 'the page to look at')
    .description('show a page in Chromium under the policy, and print the lines that it needs')
    .option('--policy <file>', 'the module that exports the policy as default (else the default policy)')
    .option('--browser <program>', 'the Chromium to use')
    .option('--cookie <pair>', 'a cookie to come with, such as that of a session: name=value', collect, [])
    .option('--insecure', 'take any certificate, as of a server in development')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (url: string, flags: object) => {
      const { tryPage } = await import('./csp-try.ts');
      await tryPage(url, flags, terminal);
    });
}

function collect(one: string, before: readonly string[]): readonly string[] {
  return [...before, one];
}

function statusText(looked: Looked, ready: boolean, { out }: Terminal): readonly string[] {
  const { tried, pages, since, last, needs, rare, stopped, others, isOther, tooEarly } = looked;
  const dates = since === undefined || last === undefined ? '' : `, from ${dateOf(since)} to ${dateOf(last)}`;
  const said = {
    all: 'The whole policy is only reported.',
    step: 'A tighter step is only reported, beside the policy that holds.',
    nothing: 'The policy holds, and nothing is tried out beside it.',
  }[tried];
  const kinds = others.map(({ kind, count }) => `${kind} ${count}`).join(', ');
  return [
    `${said} ${counted(pages, 'page')} sent under it${dates}.`,
    ...(isOther
      ? ['Pages were sent under another policy: deploy the file, or look at the one that is deployed.']
      : []),
    '',
    ...needsText('Would break', needs, out),
    ...needsText('Of too few clients to count', rare, out),
    ...needsText('Stopped by the policy that holds', stopped, out),
    ...(kinds === '' ? [] : [faint(`Beside it: ${kinds}.`, out), '']),
    ready
      ? strong('Ready: bulwark csp promote prints the lines.', out)
      : strong(tried === 'nothing' ? 'Nothing to promote.' : 'Not ready.', out),
    ...(tried === 'nothing' ? [] : tooEarly.map((one) => `  ${one}`)),
    ...(needs.length > 0 ? [`  ${counted(needs.length, 'thing')} would break: bulwark csp suggest`] : []),
  ];
}

function suggestText({ needs, rare, additions, unreported }: Looked, { out }: Terminal): readonly string[] {
  const lines = linesOf(additions);
  const opened = needs.filter(({ source }) => source !== undefined);
  const others = needs.filter(({ source }) => source === undefined);
  return [
    ...(needs.length === 0 ? ['Pages need nothing that the policy does not have.', ''] : []),
    ...needsText('Needs a source', opened, out),
    ...needsText('Needs another way: no source should be named for it', others, out),
    ...needsText('Of too few clients to count', rare, out),
    ...(unreported.length === 0 ? [] : [...unreportedText(unreported, out), '']),
    ...(lines.length === 0 ? [] : [strong('Write', out), ...lines]),
  ];
}

/** A page that is seldom opened reports seldom, and a template may be one of mails. */
function unreportedText(unreported: Looked['unreported'], out: Output): readonly string[] {
  return [
    strong('In templates, and reported by nobody: add it where its page is only seldom opened', out),
    ...unreported.map(
      ({ directive, source, file, sample }) =>
        `  ${directive} ${source}  ${faint(`${oneLine(file)} ${sample}`, out)}`,
    ),
  ];
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
