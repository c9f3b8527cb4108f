/** `bulwark audit key`: the key that signs heads, to be kept by whoever will verify the log one day. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { publicKeyOfFile, publicKeysOfRing, publicPem } from '../audit/chain/signing-key.ts';
import { openPersons } from '../layer/services.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { checkFiles } from './audit-files.ts';
import { printingAside } from './load-module.ts';
import { Failed, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy?: string;
  readonly make?: string;
  readonly rewrap?: true;
}

const HELP = `
Prints the public key, in PEM: keep it where the application cannot write, and give it to "bulwark audit verify --key".
--make writes a private key for "audit.file.key" of a policy, which the user that runs the application may read.
--rewrap wraps the keys of persons ("audit.personal") by the current secret of the policy. Do so after a new secret was
put in front, and before the old one is taken away: what only that one opens is lost.

Exit codes: 0 done, 1 failed, 2 wrong use.

Examples:
  bulwark audit key --policy bulwark.config.ts > audit.pub
  bulwark audit key --policy bulwark.config.ts --rewrap
  bulwark audit key --make /etc/app/audit.pem > audit.pub`;

/** Gives the command its arguments, options, help and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('print the public key of a log, or make a private one')
    .option('--policy <file>', 'the policy whose log it is')
    .option('--make <file>', 'write a new private key here')
    .option('--rewrap', 'wrap the keys of persons by the current secret')
    .addHelpText('after', HELP)
    .action(async ({ policy: file, make, rewrap }: Flags) => {
      if ((file === undefined) === (make === undefined))
        throw new WrongUse('--policy or --make: name one of them.');
      if (rewrap === true) return rewrapPersons(file, terminal);
      terminal.out.write(publicPem(make === undefined ? await keyOf(file ?? '') : makeKey(make)));
    });
}

async function rewrapPersons(file: string | undefined, { out }: Terminal): Promise<void> {
  if (file === undefined) throw new WrongUse('--rewrap: name the policy, with --policy.');
  checkFiles([file]);
  const policy = await printingAside(() => loadPolicy(file));
  await policy.state.close();
  const keys = openPersons(policy);
  if (keys === undefined) throw new WrongUse('audit.personal: this policy has no keys of persons.');
  try {
    const { wrapped, lost } = keys.rewrap();
    out.write(`${wrapped} keys were wrapped by the current secret.\n`);
    if (lost > 0) throw new Failed(`${lost} keys open by no secret of the policy.`);
  } finally {
    keys.close();
  }
}

async function keyOf(file: string): Promise<string> {
  checkFiles([file]);
  const { keys, audit, state } = await printingAside(() => loadPolicy(file));
  await state.close();
  const own = audit.file?.key;
  return own === undefined ? (publicKeysOfRing(keys)[0] ?? '') : publicKeyOfFile(own);
}

function makeKey(path: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  // Never over one that is there: what it signed could not be told from what somebody else did.
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600 });
  return publicKeyOfFile(path);
}
