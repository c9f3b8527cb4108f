/** What the script of passkeys asks for: options, and what became of its answers. */
import { readFileSync } from 'node:fs';
import type { SignInVerdict } from '../accounts/flows/sign-in.ts';
import { BulwarkError } from '../core/errors.ts';
import { fullText } from './busy-page.ts';
import { landing } from './deletion-pages.ts';
import {
  json,
  type PageAnswer,
  type PageContext,
  type PageHandler,
  type PageRequest,
  signedIn,
} from './exchange.ts';
import { safeRedirect } from '../core/safe-redirect.ts';
import { at } from './own-path.ts';

// Read once: opened for each request, it fails as soon as strangers have used up the files that a process may open. In dist/ the build has
// written the text here.
const passkeyScript = readFileSync(new URL('../identity/mfa/passkeys.browser.js', import.meta.url), 'utf8');

/** `GET /account/passkeys.js`. */
export const passkeyScriptRoute: PageHandler = () => ({ kind: 'script', body: passkeyScript });

/** `GET /login/passkey/options`. The page asks by itself, which is no try: nobody's session is looked at. */
export const signInOptions: PageHandler = ({ accounts }) => json(accounts.factors.passkeys.signInOptions());

/** `POST /login/passkey`. */
export const signInWithPasskey: PageHandler = async (context, request) => {
  const { accounts } = context;
  const { response, stay } = sent(request);
  return await unlessFull(request, async () =>
    answer(context, await accounts.signIn.withPasskey(request.visit, response, stay), request),
  );
};

/** `POST /login/again/passkey/options`: for the passkeys of whoever is signed in. */
export const againOptions: PageHandler = signedIn(async ({ accounts }, { visit }, own) => {
  const options = await accounts.factors.passkeys.secondFactorOptions(visit, own.id);
  return options === undefined ? json({ reason: 'none' }, 401) : json(options);
});

/** `POST /login/again/passkey`. */
export const proveOwnPasskey: PageHandler = signedIn(async (context, request, own) => {
  const { response } = sent(request);
  const verdict = await context.accounts.signIn.withOwnPasskey(request.visit, own, response);
  return await answer(context, verdict, request);
});

/** `POST /login/code/passkey/options`. */
export const secondPasskeyOptions: PageHandler = async ({ accounts }, { visit }) => {
  const way = await accounts.signIn.pendingSignIn(visit);
  const options =
    way === undefined ? undefined : await accounts.factors.passkeys.secondFactorOptions(visit, way.account);
  return options === undefined ? json({ reason: 'expired' }, 401) : json(options);
};

/** `POST /login/code/passkey`. */
export const proveSecondPasskey: PageHandler = async (context, request) => {
  const { accounts } = context;
  const { response } = sent(request);
  return await unlessFull(request, async () =>
    answer(context, await accounts.signIn.withSecondPasskey(request.visit, response, false), request),
  );
};

/** `POST /account/passkeys/options`. */
export const registrationOptions: PageHandler = signedIn(async ({ accounts }, { visit }, own) =>
  json(await accounts.factors.passkeys.registrationOptions(visit, { account: own.id, name: own.email })),
);

/** `POST /account/passkeys`. */
export const registerPasskey: PageHandler = signedIn(async ({ accounts }, request, own) => {
  const { response, name } = sent(request);
  const { passkeys } = accounts.factors;
  const verdict = await accounts.addFactor(request.visit, own, {
    add: () => passkeys.register(request.visit, own.id, response, name),
    what: ({ passkey }) => `passkey ${passkey.name}`,
    undo: ({ passkey }) => passkeys.remove(request.visit, own.id, passkey.id),
  });
  if (!verdict.ok) return json({ reason: verdict.reason }, 400);
  return json({ next: at('/account') });
});

async function answer(
  context: PageContext,
  verdict: SignInVerdict,
  request: PageRequest,
): Promise<PageAnswer> {
  if (!verdict.ok) return json({ reason: verdict.reason }, 401);
  return json({ next: await landing(context, request, safeRedirect(sent(request).next, context.home)) });
}

/** The script shows a `message` of ours in the place of its own: who finds no room is told so, and not to try again. */
async function unlessFull({ words }: PageRequest, make: () => Promise<PageAnswer>): Promise<PageAnswer> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof BulwarkError && error.code === 'ERR_BULWARK_SESSIONS_FULL')) throw error;
    return json({ reason: 'full', message: fullText(words) }, 403);
  }
}

interface Sent {
  readonly response: unknown;
  readonly name: string;
  readonly next: string;
  readonly stay: boolean;
}

function sent({ json: body }: PageRequest): Sent {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const { response, name, next, stay } = fields;
  return {
    response,
    name: typeof name === 'string' ? name : '',
    next: typeof next === 'string' ? next : '',
    stay: stay === 'yes',
  };
}
