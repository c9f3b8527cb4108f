/** `bulwark explain ID`: what a rule of the check is about. */
import type { Command } from 'commander';
import { factsOf, ruleNamed, ruleText } from './check-rules.ts';
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
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (id: string, { json }: { readonly json?: true }) => {
      const { loadRules } = await import('../check/load-rules.ts');
      const { loadSourceRules } = await import('../check/source/load-source-rules.ts');
      const rule = ruleNamed<RuleFacts>([...(await loadRules()), ...(await loadSourceRules())], id);
      out.write(json === true ? `${JSON.stringify(factsOf(rule))}\n` : ruleText(rule));
    });
}
