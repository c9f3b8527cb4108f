/** `bulwark secrets new | check | rotate`: the secret of an application, from the machine of the operator. */
import type { Command } from 'commander';
import { escapedJson } from '../audit/escaped-json.ts';
import { Problems } from '../core/problems.ts';
import { importPolicy } from '../policy/load-policy.ts';
import { env } from '../secrets/env.ts';
import { newSecret } from '../secrets/new-secret.ts';
import { type DatedSecret, isProvider, type SecretProvider } from '../secrets/provider.ts';
import { readSecrets } from '../secrets/read-secrets.ts';
import { MOST_OLDER, type RotatedFiles, rotateFiles } from '../secrets/rotate-files.ts';
import { printingAside } from './load-module.ts';
import { AnsweredNo, Failed, messageOf, type Terminal, WrongUse } from './terminal.ts';

const NAME = 'BULWARK_SECRET';

const HELP = `
Nothing shows a secret but \`new\`, which makes one and keeps it nowhere.

Exit codes: 0 done, 1 it failed or the answer is a no, 2 wrong use.

Examples:
  bulwark secrets new
  bulwark secrets check --policy bulwark.config.ts
  bulwark secrets rotate /run/secrets
  bulwark secrets rotate /run/secrets --keep 2  # those before these two verify nothing from now on`;

interface CheckFlags {
  readonly policy?: string;
  readonly json?: true;
}

interface RotateFlags {
  readonly keep?: string;
  readonly json?: true;
}

/** Gives the command its commands. */
export function define(command: Command, terminal: Terminal): void {
  command.addHelpText('after', HELP);
  command
    .command('new')
    .description('make a secret')
    .addHelpText('after', HELP)
    .action(() => void terminal.out.write(`${newSecret()}\n`));
  command
    .command('check')
    .description('say whether production would start with the secrets that are there')
    .option(
      '--policy <file>',
      'the module that exports the policy as default; without it the environment is asked',
    )
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (flags: CheckFlags) => {
      const report = await check(await providerOf(flags.policy));
      terminal.out.write(flags.json === true ? `${escapedJson(report)}\n` : asText(report));
      if (report.problems.length > 0) throw new AnsweredNo();
    });
  command
    .command('rotate')
    .description('put a new secret into a folder of files, and the one before it where it still verifies')
    .argument('<folder>', 'the folder of files({ directory })')
    .option('--keep <n>', `how many older ones still verify (default: all, and at most ${MOST_OLDER})`)
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action((folder: string, flags: RotateFlags) => {
      if (flags.keep !== undefined && !/^[0-8]$/.test(flags.keep))
        throw new WrongUse(`--keep must be a whole number from 0 to ${MOST_OLDER}`);
      const done = rotate(folder, flags.keep === undefined ? undefined : Number(flags.keep));
      terminal.out.write(flags.json === true ? `${escapedJson(done)}\n` : toldOfRotation(done));
    });
}

function rotate(folder: string, keep: number | undefined): RotatedFiles {
  try {
    return rotateFiles(folder, NAME, keep);
  } catch (error) {
    throw new Failed(messageOf(error));
  }
}

function toldOfRotation({ current, previous, kept, dropped }: RotatedFiles): string {
  const lines = [
    `A new secret is in ${current}. ${kept} still verify, in ${previous}.`,
    ...(dropped === 0
      ? []
      : [`${dropped} are gone: what only they signed, sealed or hashed is void from now on.`]),
    'Processes that read the files again have it soon; others when they are restarted.',
  ];
  return `${lines.join('\n')}\n`;
}

async function providerOf(file: string | undefined): Promise<SecretProvider> {
  const given: unknown = file === undefined ? env() : (await printingAside(() => importPolicy(file))).secrets;
  const provider = given ?? env();
  if (!isProvider(provider)) throw new Failed('The policy has no provider of secrets: secrets: env()');
  return provider;
}

/** What is told of a secret: never what it is. */
interface Told {
  readonly use: 'signs' | 'verifies';
  /** Since when it is there, in ISO 8601; absent where the provider does not say. */
  readonly since?: string;
  /** When it ends, in ISO 8601; absent where the provider names no end. */
  readonly until?: string;
}

interface Report {
  readonly provider: string;
  /** Milliseconds; absent where it is read at the start alone. */
  readonly refreshMs?: number;
  readonly secrets: readonly Told[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

async function check(provider: SecretProvider): Promise<Report> {
  const problems = new Problems('production');
  let loaded: readonly (string | DatedSecret)[] = [];
  const { name, refreshMs, maxAgeMs } = provider;
  const noting: SecretProvider = {
    name,
    load: async (secret, collected) => (loaded = await provider.load(secret, collected)),
    remedy: (secret) =>
      provider.remedy?.(secret) ?? `keep there, as ${secret}, what bulwark secrets new prints`,
    ...(provider.rotation !== undefined && {
      rotation: (secret: string) => provider.rotation?.(secret) ?? '',
    }),
    ...(refreshMs !== undefined && { refreshMs }),
    ...(maxAgeMs !== undefined && { maxAgeMs }),
  };
  const given = await readSecrets(noting, problems);
  // The order in which they are used: the first signs, and the bytes are those of the text.
  const order = given?.secrets.map((key) => Buffer.from(key).toString()) ?? [];
  return {
    provider: name,
    ...(refreshMs !== undefined && { refreshMs }),
    secrets: order.map((text, at) =>
      toldOf(
        at,
        loaded.find((one) => one === text || (typeof one === 'object' && one.value === text)),
      ),
    ),
    problems: problems.errors.map(({ option, reason, fix }) => `${option}: ${reason} ${fix}`),
    warnings: problems.warnings.map(({ option, reason, fix }) => `${option}: ${reason} ${fix}`),
  };
}

function toldOf(at: number, secret: string | DatedSecret | undefined): Told {
  const use = at === 0 ? 'signs' : 'verifies';
  if (typeof secret !== 'object') return { use };
  const { since, until } = secret;
  return {
    use,
    ...(since > 0 && { since: new Date(since).toISOString() }),
    ...(until !== undefined && { until: new Date(until).toISOString() }),
  };
}

function asText({ provider, refreshMs, secrets, problems, warnings }: Report): string {
  const how = refreshMs === undefined ? 'read at the start alone' : `read again every ${refreshMs / 1000} s`;
  const lines = [
    `${provider}: ${secrets.length} ${secrets.length === 1 ? 'secret' : 'secrets'}, ${how}`,
    ...secrets.map(
      ({ use, since, until }, at) =>
        `  ${at + 1}. ${use}${since === undefined ? '' : `, there since ${since}`}${until === undefined ? '' : `, ends ${until}`}`,
    ),
    ...problems.map((problem) => `refused  ${problem}`),
    ...warnings.map((warning) => `warning  ${warning}`),
  ];
  return `${lines.join('\n')}\n`;
}
