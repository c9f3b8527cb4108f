/** `bulwark explain ID`: what a rule of the check is about. */
import type { Command } from 'commander';
import { rulePage } from '../check/rule-page.ts';
import { everyRule, factsOf, type RuleFlags, ruleNamed } from './check-rules.ts';
import { repeated } from './flag.ts';
import { escapedJson } from '../audit/escaped-json.ts';
import type { RuleFacts } from '../core/rule.ts';
import type { Terminal } from './terminal.ts';

const HELP = `
Examples:
  bulwark explain csp.present
  bulwark explain csrf.origin --json

bulwark check --list prints the ids.`;

/** Gives the command its arguments, options and work. */
export function define(command: Command, { out }: Terminal): void {
  command
    .description('say what a rule of the check is about')
    .argument('<id>', 'the id of a rule')
    .option(
      '--rules <package>',
      'a package or file with rules of others; may be given more than once',
      repeated,
    )
    .option('--policy <file>', 'the module that exports the policy as default: for its check.rules')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (id: string, flags: RuleFlags & { readonly json?: true }) => {
      const { outside, inside } = await everyRule(flags);
      const rule = ruleNamed<RuleFacts>([...outside, ...inside], id);
      out.write(flags.json === true ? `${escapedJson(factsOf(rule))}\n` : rulePage(rule));
    });
}
