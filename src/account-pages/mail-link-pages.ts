/** What pages around a mailed link share: they ask where it should go, say that it is on its way, dead, or what it led to. */
import { MAX_PASSWORD_LENGTH } from '../identity/passwords/password-rules.ts';
import type { PasswordProblem } from '../identity/passwords/passwords.ts';
import type { WordKey } from '../accounts/words/english.ts';
import type { Wording } from '../accounts/words/wording.ts';
import { button, errorList, field, type FieldError, form, hidden, usernameField } from '../ui/forms.ts';
import { html } from '../ui/html.ts';
import type { Asked } from './challenge-parts.ts';
import { page, type PageAnswer, type PageRequest } from './exchange.ts';
import { at } from './own-path.ts';
import { rich, withErrors } from './sentences.ts';

/** A page that asks for an address, to which a link will go. */
export interface AskPage {
  readonly action: string;
  readonly title: Extract<WordKey, 'register.title' | 'reset.title'>;
  readonly hint: Extract<WordKey, 'register.hint' | 'reset.hint'>;
  /** What browsers fill in: the address of someone who is known here, or any. */
  readonly autocomplete: 'email' | 'username';
  /** For those who need no link. */
  readonly instead: Extract<WordKey, 'register.haveOne' | 'reset.remembered'>;
}

/** Such a page, as it is shown for what was typed. */
export function askPageOf(
  ask: AskPage,
): (request: PageRequest, email: string, asked: Asked, errors?: readonly FieldError[]) => PageAnswer {
  const { action, autocomplete, instead } = ask;
  return ({ words, csrfToken }, email, asked, errors = []) => {
    const { say } = words;
    const [title, hint] = [say(ask.title), say(ask.hint)];
    const signIn = html`<a href="${at('/login')}">${say('signIn.button')}</a>`;
    const body = html`${field({ name: 'email', label: say('page.email'), type: 'email', autocomplete, value: email, hint, errors })}${asked.fields}
    ${button(say('page.sendLink'))}`;
    return page(
      withErrors(words, title, errors),
      html`<div class="narrow">
        <h1>${title}</h1>
        ${asked.notice}${errorList(errors)} ${form(action, csrfToken, body, 'card', asked.attributes)}
        <p class="after-card">${rich(words, instead, { signIn })}</p>
        ${asked.script}
      </div>`,
      errors.length > 0 ? 422 : 200,
    );
  };
}

/** What a new password has to be, and must not be, before it is refused for it. */
export function passwordHint({ say }: Wording, shortest: number): string {
  return `${say('choose.hint', { least: shortest })} ${say('choose.not')}`;
}

/** Why it is refused. @param least - characters of the shortest password that is taken */
export function passwordErrors(
  words: Wording,
  problems: readonly PasswordProblem[],
  least: number,
): readonly FieldError[] {
  return problems.map(({ code }) => ({
    field: 'password',
    message: words.fill(`unfit.${code}`, { least, most: MAX_PASSWORD_LENGTH }),
  }));
}

/** What is chosen a password for. */
export interface Choice {
  readonly action: string;
  readonly title: Extract<WordKey, `${'register' | 'reset'}.choose`>;
  readonly label: Extract<WordKey, 'register.create' | 'reset.change'>;
}

/** A mailed link that was opened, and works. */
export interface OpenLink {
  readonly token: string;
  readonly email: string;
  /** Characters of a password that is taken. */
  readonly shortest: number;
  /** Of this very page: its button may be pressed twice. */
  readonly once: string;
}

/** The page on which a password is chosen, from a mailed link. */
export function choosePage(
  { words, csrfToken }: PageRequest,
  { action, ...choice }: Choice,
  { token, email, shortest, once }: OpenLink,
  problems: readonly PasswordProblem[] = [],
): PageAnswer {
  const { say } = words;
  const [title, label] = [say(choice.title), say(choice.label)];
  const errors = passwordErrors(words, problems, shortest);
  const body = html`${hidden('token', token)}${hidden('once', once)} ${usernameField(email)}
  ${field({ name: 'password', label: say('page.password'), type: 'password', autocomplete: 'new-password', hint: passwordHint(words, shortest), errors })}
  ${button(label)}`;
  return page(
    withErrors(words, title, errors),
    html`<div class="narrow">
      <h1>${title}</h1>
      <p class="soft">${say('choose.for', { email })}</p>
      ${errorList(errors)} ${form(action, csrfToken, body)}
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}

/** What everyone reads who asked for a mail. */
export function mailSentPage({ words }: PageRequest, again: string): PageAnswer {
  const { say } = words;
  const link = html`<a href="${again}">${say('mailSent.again')}</a>`;
  return page(
    say('mailSent.title'),
    html`<div class="narrow">
      <h1>${say('mailSent.title')}</h1>
      <p>${say('mailSent.text')}</p>
      <p class="soft">${rich(words, 'mailSent.nothing', { again: link })}</p>
    </div>`,
  );
}

/** A link that does not work any more. */
export function deadLinkPage({ words: { say } }: PageRequest, again: string): PageAnswer {
  return page(
    say('deadLink.title'),
    html`<div class="narrow">
      <h1>${say('deadLink.title')}</h1>
      <p>${say('deadLink.text')}</p>
      <p><a class="button" href="${again}">${say('deadLink.again')}</a></p>
    </div>`,
    410,
  );
}

/** What was asked for is done. @param next - where the button leads */
export function donePage(
  { words: { say } }: PageRequest,
  title: Extract<WordKey, 'reset.done' | 'email.changed'>,
  next: readonly [href: string, label: Extract<WordKey, 'signIn.button' | 'page.toAccount'>],
): PageAnswer {
  return page(
    say(title),
    html`<div class="narrow">
      <h1>${say(title)}</h1>
      <p>${say(`${title}Text`)}</p>
      <p><a class="button" href="${next[0]}">${say(next[1])}</a></p>
    </div>`,
  );
}
