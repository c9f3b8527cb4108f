/** `bulwark accounts create | disable | enable | sign-out | reset-factors | grant | revoke`: what operators do at the server. */
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { ActRefusal } from '../accounts/operators/operator-acts.ts';
import type { ResetRefusal } from '../accounts/operators/factor-resets.ts';
import { escapedJson } from '../audit/escaped-json.ts';
import type { ActPlace } from './accounts-place.ts';
import { POLICY_FLAG, policyFile, repeated } from './flag.ts';
import { Failed, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy?: string;
  readonly json?: true;
}

interface CreateFlags extends Flags {
  readonly passwordStdin?: true;
  readonly mailLink?: true;
  readonly role?: readonly string[];
}

/** What an act came to, for the result. */
type Outcome = { readonly ok: true } | { readonly ok: false; readonly reason: ActRefusal | ResetRefusal };

const ACT_HELP = `
ACCOUNT is an address or an id; one that begins with - stands behind all else: -- ID.
Each act is an event (authz_admin) that names who ran the command: in the file of the log where the policy has one,
and otherwise on standard error.`;

const RESET_HELP = `
Removes authenticator app, passkeys, recovery codes and remembered browsers, and signs everyone out. The owner is told
by mail. First make sure by other means who is asking.

Pages of operators take two of them for this. Here nobody else is asked, since whoever can run this command holds the
machine, and with it the store. It is an event all the same.`;

const CREATE_HELP = `
For whoever is known to own the address: no mail confirms it. The password comes from standard input, where no list of
processes and no history of a shell shows it. Without one its owner chooses it by a mailed link, which works
for a day: --mail-link sends that.

Examples:
  bulwark accounts create anna@example.com --policy bulwark.config.ts --mail-link
  bulwark accounts create ops@example.com --policy bulwark.config.ts --role operator --password-stdin < password.txt`;

/** The longest line that is taken for a password, in UTF-16 units. */
const LONGEST_PASSWORD = 4096;

/** Gives the command its commands. @param input - where a password comes from */
export function defineActs(command: Command, terminal: Terminal, input: Readable = process.stdin): void {
  command
    .command('create')
    .description('make an account without a mail that confirms it')
    .argument('<address>', 'its address')
    .option(...POLICY_FLAG)
    .option('--password-stdin', 'read its password from standard input')
    .option('--mail-link', 'mail its owner a link to choose a password')
    .option(
      '--role <name>',
      'a role of it, may be given more than once; default: those of the policy',
      repeated,
    )
    .option('--json', 'print one line of JSON')
    .addHelpText('after', CREATE_HELP)
    .action(async (address: string, flags: CreateFlags) => create(address, flags, terminal, input));

  const own = (
    name: string,
    description: string,
    help: string,
    done: string,
    act: (place: ActPlace, id: string, role: string) => Promise<Outcome>,
    takesRole = false,
  ): void => {
    const one = command.command(name).description(description).argument('<account>', 'its address or id');
    if (takesRole) one.argument('<role>', 'letters, digits, _ : . -');
    one
      .option(...POLICY_FLAG)
      .option('--json', 'print one line of JSON')
      .addHelpText(
        'after',
        `${help}\n\nExamples:\n  bulwark accounts ${name} anna@example.com${takesRole ? ' operator' : ''} --policy bulwark.config.ts`,
      )
      .action(async (...given: readonly unknown[]) => {
        const [typed, role] = given as readonly string[];
        const flags = given[takesRole ? 2 : 1] as Flags;
        if (takesRole && !ROLE.test(role ?? '')) throw new WrongUse('A role is letters, digits, _ : . -');
        await run(flags, typed ?? '', terminal, done, async (place, id) => act(place, id, role ?? ''));
      });
  };

  own(
    'disable',
    'have an account signed in to no more, at once',
    ACT_HELP,
    'is disabled',
    async ({ accounts, visit }, id) => accounts.operators.acts.disable(visit, id),
  );
  own(
    'enable',
    'let a disabled account be signed in to again',
    ACT_HELP,
    'may sign in again',
    async ({ accounts, visit }, id) => accounts.operators.acts.enable(visit, id),
  );
  own(
    'sign-out',
    'end every session of an account',
    ACT_HELP,
    'is signed out everywhere',
    async ({ accounts, visit }, id) => accounts.operators.acts.signOut(visit, id),
  );
  own(
    'reset-factors',
    'remove the second factors of an account whose owner has lost them',
    `${RESET_HELP}\n${ACT_HELP}`,
    'has no second factor any more; its owner is told by mail',
    async ({ accounts, visit, policy }, id) => {
      mustHaveOrigin(policy);
      return await accounts.operators.resets.resetNow(visit, id);
    },
  );
  own(
    'grant',
    'give an account a role; its sessions end',
    ACT_HELP,
    'has the role',
    async ({ accounts, visit }, id, role) => accounts.operators.acts.grantRole(visit, id, role),
    true,
  );
  own(
    'revoke',
    'take a role from an account; its sessions end',
    ACT_HELP,
    'has the role no more',
    async ({ accounts, visit }, id, role) => accounts.operators.acts.revokeRole(visit, id, role),
    true,
  );
}

const ROLE = /^[\w:.-]{1,64}$/;

const WORDS: Partial<Readonly<Record<ActRefusal | ResetRefusal, string>>> = {
  account: 'This account has just been removed.',
  already: 'Nothing to do: it is so already.',
  busy: 'The account is being changed all the time. Try again.',
  none: 'Nothing to do: it has no second factor.',
};

async function run(
  flags: Flags,
  typed: string,
  { out }: Terminal,
  done: string,
  act: (place: ActPlace, id: string) => Promise<Outcome>,
): Promise<void> {
  const { actOn, idOf } = await import('./accounts-place.ts');
  const { id, outcome } = await actOn(policyFile(flags.policy), async (place) => {
    const found = await idOf(place, typed);
    return { id: found, outcome: await act(place, found) };
  });
  if (!outcome.ok) throw new Failed(WORDS[outcome.reason] ?? `It was refused: ${outcome.reason}.`);
  out.write(flags.json === true ? `${escapedJson({ account: id, done: true })}\n` : `${id} ${done}.\n`);
}

async function create(
  address: string,
  flags: CreateFlags,
  { out }: Terminal,
  input: Readable,
): Promise<void> {
  for (const role of flags.role ?? [])
    if (!ROLE.test(role)) throw new WrongUse('--role takes the name of a role: letters, digits, _ : . -');
  if (flags.mailLink === true && flags.passwordStdin === true)
    throw new WrongUse('--mail-link and --password-stdin: name one of them.');
  const [{ actOn }, { parseEmailAddress }, { ACCOUNTS_EVENTS }] = await Promise.all([
    import('./accounts-place.ts'),
    import('../accounts/email-address.ts'),
    import('../accounts/accounts.events.ts'),
  ]);
  // Before a password is typed for nothing.
  if (parseEmailAddress(address) === undefined)
    throw new WrongUse('That is no address in full, such as anna@example.com.');
  const password = flags.passwordStdin === true ? await readPassword(input) : undefined;
  const made = await actOn(policyFile(flags.policy), async ({ accounts, visit, policy }) => {
    if (flags.mailLink === true) mustHaveOrigin(policy);
    const passwordHash = password === undefined ? undefined : await hashOf(accounts, password, address);
    const account = await accounts.create({
      email: address,
      ...(passwordHash !== undefined && { passwordHash }),
      ...(flags.role !== undefined && { roles: flags.role }),
    });
    if (account === undefined) throw new Failed('This address has an account already. Nothing was changed.');
    const operator = visit.machine ?? '';
    const made = { operator, account: account.id };
    visit.audit(ACCOUNTS_EVENTS.operatorActed, { ...made, act: 'create' });
    // As where it is given later: whoever watches over roles hears of one that was there from the beginning.
    for (const role of new Set(flags.role))
      visit.audit(ACCOUNTS_EVENTS.operatorActed, { ...made, act: 'grant-role', role });
    if (flags.role !== undefined) visit.audit(ACCOUNTS_EVENTS.rolesChanged, { account: account.id });
    if (flags.mailLink === true) accounts.reset.invite(visit, address);
    return account;
  });
  const { id, email, roles } = made;
  out.write(
    flags.json === true
      ? `${escapedJson({ id, email, roles })}\n`
      : `Made ${id} for ${email}${roles.length === 0 ? '' : `, with ${roles.join(', ')}`}.\n`,
  );
}

async function hashOf(
  { passwords }: ActPlace['accounts'],
  password: string,
  address: string,
): Promise<string> {
  const problems = await passwords.check(password, { secondFactor: false, ownWords: [address] });
  if (problems.length > 0) throw new Failed(problems.map(({ message }) => message).join(' '));
  return await passwords.hash(password);
}

/** A file or `echo` ends with a line break that nobody means as part of it. */
async function readPassword(input: Readable): Promise<string> {
  const password = (await text(input)).replace(/\r?\n$/, '');
  if (password === '') throw new Failed('Standard input has no password.');
  if (password.length > LONGEST_PASSWORD) throw new Failed('Standard input is longer than any password.');
  return password;
}

/** Links in mails must not lead to this machine: here no request says where the application is, in development neither. */
function mustHaveOrigin({ origin }: ActPlace['policy']): void {
  if (origin !== undefined) return;
  throw new Failed(
    'The policy has no origin here, to which links in mails lead. Set it: origin in the policy, or BULWARK_ORIGIN (for one that runs here: BULWARK_ORIGIN=http://localhost:3000).',
  );
}
