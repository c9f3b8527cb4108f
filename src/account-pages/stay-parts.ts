/** Staying signed in: the box on the sign-in page, and who comes by it. */
import type { Stays } from '../accounts/flows/stays.ts';
import { readStayCookie } from '../accounts/flows/stay-cookie.ts';
import type { Wording } from '../accounts/words/wording.ts';
import { hashSessionId, readSessionCookie } from '../controls/sessions/session-cookie.ts';
import { html, type Html } from '../ui/html.ts';
import { formField, type PageContext, type PageRequest } from './exchange.ts';

const FIELD = 'stay';

/** The box, where the policy has it. Never ticked beforehand: it is for whoever knows whose device it is. */
export function stayBox(words: Wording, stays: Stays | undefined): Html | false {
  return (
    stays !== undefined &&
    html`<label class="check"
      ><input type="checkbox" name="${FIELD}" value="yes" />
      ${words.say('signIn.stay', { time: words.days(stays.lifetime) })}</label
    >`
  );
}

/** In another form of the page: what its script puts the same choice in. */
export function stayField(stays: Stays | undefined): Html | undefined {
  return stays && html`<input type="hidden" name="${FIELD}" data-passkey-box />`;
}

/** Whether it was ticked. */
export function wantsToStay(request: PageRequest): boolean {
  return formField(request, FIELD) === 'yes';
}

/**
 * Signs in whoever stays signed in in this browser. `code`: a second factor is asked for first. Two tabs that open at once are led
 * to one session, in whichever processes they arrive: known by a token that one browser alone has.
 */
export async function resume(
  { accounts }: PageContext,
  request: PageRequest,
): Promise<'done' | 'code' | undefined> {
  const { visit } = request;
  const { stays } = accounts;
  const ticket = stays === undefined ? undefined : readStayCookie(visit.cookie);
  // Looked up first: a made-up one costs a read, and nothing is written for it.
  if (ticket === undefined || !(await stays?.isKnown(visit))) return undefined;
  const id = readSessionCookie(visit.cookie);
  const text = ['stay', visit.client.key, visit.userAgent, ticket.id, ticket.token].join('\n');
  let own: 'done' | 'code' | undefined;
  const before = await accounts.answeredPosts.answer(
    { text, from: id === undefined ? undefined : hashSessionId(id) },
    async () => {
      const verdict = await accounts.signIn.resume(visit);
      if (verdict?.ok !== true) return undefined;
      own = verdict.done ? 'done' : 'code';
      return { to: own, session: visit.session.idHash, cookies: request.cookies };
    },
    async ({ arrived, cookies }) => arrived || (await request.repeatCookies(cookies)),
  );
  return before === undefined ? own : before.to === 'done' ? 'done' : 'code';
}
