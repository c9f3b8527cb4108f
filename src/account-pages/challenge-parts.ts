/** The parts of pages that are asked for work or a pause, and how their answer is taken. */
import { readFileSync } from 'node:fs';
import type { Wording } from '../accounts/words/wording.ts';
import type { ChallengedForm, ChallengeVerdict, FormChallenge } from '../accounts/defence/challenge.ts';
import {
  formField,
  type PageAnswer,
  type PageContext,
  type PageHandler,
  type PageRequest,
} from './exchange.ts';
import { errorList, hidden } from '../ui/forms.ts';
import { html, type Html, trusted } from '../ui/html.ts';
import { at } from './own-path.ts';

/** Where pages fetch the script from. */
export const WORK_SCRIPT = '/account/proof-of-work.js';

/**
 * With script, what is said to those without is not seen for a moment first, and what it says moves nothing. On these
 * pages only, under every layout.
 */
const STYLE =
  '@media(scripting:enabled){[data-proof-of-work-without]{display:none}[data-proof-of-work-status]{min-height:1.6em}}';

// Read once, as the script of passkeys.
const workScript = readFileSync(
  new URL('../identity/proof-of-work/proof-of-work.browser.js', import.meta.url),
  'utf8',
);

/** The pages there are where something is asked. */
export const CHALLENGE_PAGES: ReadonlyMap<string, PageHandler> = new Map<string, PageHandler>([
  [`GET ${WORK_SCRIPT}`, () => ({ kind: 'script', body: workScript })],
]);

/** What a form is asked for, as parts of its page. All of them are missing where nothing is asked. */
export interface Asked {
  /** Of the form, for the script. */
  readonly attributes?: Html;
  /** Fields of the form, and what people read: before the button, so that nobody presses it and reads on then. */
  readonly fields?: Html;
  readonly script?: Html;
  /** Why the form comes back, before it, where a screen reader begins. */
  readonly notice?: Html;
}

/** A form that comes back. */
export interface Refused extends Asked {
  /** The answer that shows it, by the page it would be otherwise. */
  readonly answer: (page: PageAnswer) => PageAnswer;
}

type Refusal = Extract<ChallengeVerdict, { ok: false }>;

/** What a page asks for. @param email - what was typed, where something was */
export async function askedOf(
  { accounts }: PageContext,
  request: PageRequest,
  form: ChallengedForm,
  email?: string,
): Promise<Asked> {
  const challenge = await accounts.challenge?.ask(request.visit, form, email);
  return challenge === undefined ? {} : partsOf(challenge, request);
}

/** Takes what a form brought. Undefined: go on; otherwise the form is shown again. */
export async function refusedBy(
  { accounts }: PageContext,
  request: PageRequest,
  form: ChallengedForm,
): Promise<Refused | undefined> {
  if (accounts.challenge === undefined) return undefined;
  const verdict = await accounts.challenge.take(request.visit, form, formField(request, 'email'), {
    challenge: formField(request, 'challenge'),
    proof: formField(request, 'proof'),
    pause: formField(request, 'pause'),
  });
  if (verdict.ok) return undefined;
  const signIn = form === 'sign-in';
  const { words } = request;
  const reason = why(words, verdict);
  const message = signIn ? words.say('challenge.withPassword', { why: reason }) : reason;
  const notice = errorList([{ field: signIn ? 'password' : 'email', message }]);
  return {
    ...partsOf(verdict.next, request),
    ...(notice !== undefined && { notice }),
    answer: (page) => (page.kind === 'page' ? shownAgain(words, page, verdict) : page),
  };
}

function partsOf({ work, pause }: FormChallenge, { nonce, words }: PageRequest): Asked {
  const { say } = words;
  const { challenge, bits, puzzles } = work;
  return {
    attributes: html` data-proof-of-work="${challenge}" data-proof-of-work-bits="${bits}"
    data-proof-of-work-puzzles="${puzzles}" data-proof-of-work-sending="${say('work.sending')}"
    data-proof-of-work-progress="${say('work.progress', { percent: '{percent}' })}"
    data-proof-of-work-done="${say('work.done')}" data-proof-of-work-failed="${say('work.failed')}"`,
    fields: html`${hidden('challenge', challenge)} ${hidden('proof', '')} ${hidden('pause', pause.token)}
      <p class="soft small" role="status" data-proof-of-work-status></p>
      <p class="soft small" data-proof-of-work-without>
        ${say('work.without', { wait: words.wait(pause.leftMs) })}
      </p>`,
    script: html`<style nonce="${nonce}">
        ${trusted(STYLE)}
      </style>
      <script type="module" nonce="${nonce}" src="${at(WORK_SCRIPT)}"></script>`,
  };
}

function shownAgain(
  { say }: Wording,
  page: Extract<PageAnswer, { kind: 'page' }>,
  { reason, next }: Refusal,
): PageAnswer {
  const again = { ...page, title: say('page.error', { title: page.title }) };
  if (reason !== 'early') return { ...again, status: 422 };
  return { ...again, status: 429, retryAfterMs: next.pause.leftMs };
}

function why(words: Wording, { reason, next }: Refusal): string {
  if (reason === 'early') return words.say('challenge.early', { wait: words.wait(next.pause.leftMs) });
  return words.say(`challenge.${reason}`);
}
