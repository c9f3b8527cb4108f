/** What a deployment gets wrong, seen from inside: on the machine, with the policy and the environment of the application. */
import { PolicyError } from '../../core/errors.ts';
import type { Policy, PolicyOptions } from '../../policy/policy.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { lookAtArrival, type Place } from './look-at-arrival.ts';
import { lookAtFiles, lookAtNode } from './look-at-machine.ts';
import { lookAtClock, lookAtMail, lookAtName, lookAtStore, lookAtTls } from './look-outside.ts';
import { error, good, type Symptom, unseen, warning } from './symptom.ts';

/** What is looked at. */
export interface Visit {
  /** As it is declared: `importPolicy` has it from a file. */
  readonly options: PolicyOptions;
  /** Listens there, in the application's place, and asks for the origin. */
  readonly listen?: Place | undefined;
  /** Sends one mail there. */
  readonly mailTo?: string | undefined;
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock?: () => number;
}

/** Looks, and closes what it opened. */
export async function examine(visit: Visit): Promise<readonly Symptom[]> {
  const { directory = process.cwd(), environment = process.env, clock = Date.now } = visit;
  const machine = [
    lookAtNode(process.versions.node, clock()),
    ...lookAtFiles({ directory, environment, uid: process.getuid?.() }),
  ];
  let policy: Policy;
  try {
    policy = await readPolicy(visit.options);
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause;
    const wrong = cause.problems.map(({ option, reason, fix }) =>
      error('policy', `${option}: ${reason}`, fix),
    );
    return [...machine, ...wrong];
  }
  try {
    return [...machine, ...(await lookAtPolicy(policy, visit, clock))];
  } finally {
    await policy.state.close();
  }
}

async function lookAtPolicy(
  policy: Policy,
  { listen, mailTo }: Visit,
  clock: () => number,
): Promise<readonly Symptom[]> {
  const { origin, environment, warnings, state } = policy;
  const said = warnings.map(({ option, reason, fix }) => warning('policy', `${option}: ${reason}`, fix));
  const found: Symptom[] = said.length === 0 ? [good('policy', 'The policy is read without a word.')] : said;
  if (environment === 'development')
    found.push(
      warning(
        'environment',
        'This is development: some of what a start refuses is let pass.',
        'on a server leave NODE_ENV away, or set it to production',
      ),
    );
  if (origin === undefined)
    found.push(
      error(
        'origin',
        'There is no origin: this machine alone is answered.',
        "origin: 'https://www.example.com'",
      ),
    );
  else {
    found.push(await lookAtName(origin), await lookAtTls(origin, clock()));
    // In the application's place nobody else says what time it is.
    if (listen === undefined) found.push(await lookAtClock(origin, clock));
  }
  found.push(
    ...(listen === undefined
      ? [
          unseen(
            'proxy',
            '--listen ADDRESS:PORT, while the application is stopped, shows how requests arrive there.',
          ),
        ]
      : await lookAtArrival(policy, listen)),
    await lookAtStore(state),
    await lookAtMail(policy.accounts?.mail, mailTo),
  );
  return found;
}
