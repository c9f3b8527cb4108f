/** What a profile can do: its forms are read from their pages and sent as a browser would, tokens and all. */
import { type Answer, answered, type Probe, redirectOf } from '../../core/answer.ts';
import { type AccountWays, NotSeen, type SignInTry, type Visitor } from '../../core/rule.ts';
import { formsOf, type SeenForm, tagsOf } from '../../core/seen-page.ts';
import type { SignIn } from '../context.ts';
import type { NamedForm, Profile, TokenRecipe } from './profile.ts';

const MOST_REDIRECTS = 5;

/** Signs the account of a profile in, and sees that it is. */
export function signingIn(account: AccountWays): SignIn {
  return async (visitor) => {
    const { answer } = await account.signIn(visitor);
    if (answer.status === 429)
      throw new NotSeen(`${answered(answer)}: the sign-in is limited, run it again later`);
    if (await account.isSignedIn(visitor)) return;
    throw new NotSeen(
      `${answered(answer)}, and nobody is signed in by that: look at the profile (fields, signedIn.text)`,
    );
  };
}

/** The ways of a profile on a site. */
export function accountWays(profile: Profile, origin: string): AccountWays {
  const { nameField, passwordField, signOut, reset, register, other, secondFactor, stay } = profile;
  const signInAs = async (visitor: Visitor, fields: ReadonlyMap<string, string>): Promise<SignInTry> => {
    const page = await visitor.ask({ target: profile.url });
    const before = new Map(visitor.cookies);
    const probe = profile.json
      ? jsonProbe(profile.url, fields)
      : formProbe(formWith(page, passwordField, origin), fields);
    const began = performance.now();
    const answer = await visitor.ask(own(probe, origin, page, visitor, profile.token));
    const milliseconds = performance.now() - began;
    return { answer: await follow(visitor, answer, origin), before, milliseconds };
  };
  const named =
    ({ url, field }: NamedForm) =>
    async (visitor: Visitor, name: string): Promise<Answer> => {
      const page = await visitor.ask({ target: url });
      const form = formWith(page, field, origin);
      // What else a form asks for is made up.
      const fields = new Map<string, string>([
        ...form.fields
          .filter(({ type }) => type === 'password')
          .map(({ name: one }): [string, string] => [one, 'Bulwark-check-1-long-password']),
        [field, name],
      ]);
      const answer = await visitor.ask(own(formProbe(form, fields), origin, page, visitor, profile.token));
      return follow(visitor, answer, origin);
    };
  return {
    name: profile.fields.get(nameField) ?? '',
    signIn: (visitor, { name, password } = {}) =>
      signInAs(
        visitor,
        new Map([
          ...profile.fields,
          ...(name === undefined ? [] : [[nameField, name] as const]),
          ...(password === undefined ? [] : [[passwordField, password] as const]),
        ]),
      ),
    async isSignedIn(visitor) {
      const answer = await visitor.ask({ target: profile.signedIn.url });
      return (await follow(visitor, answer, origin)).body.includes(profile.signedIn.text);
    },
    signOut:
      signOut === undefined
        ? undefined
        : async (visitor) => {
            const page = await visitor.ask({ target: profile.signedIn.url });
            const form = formsOf(page).find(
              ({ action, method }) =>
                action.origin === origin && action.pathname === signOut && method === 'POST',
            );
            const probe: Probe =
              form === undefined
                ? { target: signOut }
                : own(formProbe(form, new Map()), origin, page, visitor, profile.token);
            return visitor.ask(probe);
          },
    reset: reset === undefined ? undefined : named(reset),
    register: register === undefined ? undefined : named(register),
    passwordAlone:
      secondFactor === undefined
        ? undefined
        : (visitor, password) =>
            signInAs(
              visitor,
              new Map([
                ...secondFactor,
                ...(password === undefined ? [] : [[passwordField, password] as const]),
              ]),
            ),
    signInOther: other === undefined ? undefined : (visitor) => signInAs(visitor, other),
    stay:
      stay === undefined ? undefined : (visitor) => signInAs(visitor, new Map([...profile.fields, ...stay])),
    mostSessions: profile.mostSessions,
    api: profile.api,
  };
}

/** What a browser says of a form that stands on a page of the site itself. */
function own(
  probe: Probe,
  origin: string,
  page: Answer,
  visitor: Visitor,
  token: TokenRecipe | undefined,
): Probe {
  const value = token === undefined ? undefined : tokenValue(token, page, visitor);
  return {
    ...probe,
    limited: true,
    headers: {
      origin,
      referer: page.url,
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      ...probe.headers,
      ...(token !== undefined && value !== undefined && { [token.header]: value }),
    },
  };
}

function tokenValue({ from, name }: TokenRecipe, page: Answer, visitor: Visitor): string | undefined {
  if (from === 'cookie') {
    const value = visitor.cookies.get(name);
    // As the scripts of such applications do; a value that is not encoded stays as it is.
    return value === undefined || /%(?![0-9a-f]{2})/i.test(value) ? value : unescapeUtf8(value);
  }
  return tagsOf(page.body)
    .find((tag) => tag.name === 'meta' && tag.attributes.get('name') === name)
    ?.attributes.get('content');
}

function unescapeUtf8(value: string): string {
  return Buffer.from(
    value.replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  ).toString('utf8');
}

function formWith(page: Answer, field: string, origin: string): SeenForm {
  const forms = formsOf(page).filter(({ action, method }) => action.origin === origin && method === 'POST');
  const form = forms.find(({ fields }) => fields.some(({ name }) => name === field));
  if (form === undefined)
    throw new NotSeen(`${answered(page)}, and has no form that posts a field ${field}: look at the profile`);
  return form;
}

/** A form with these values in the place of those that stand in it. */
export function formProbe({ action, fields, enctype }: SeenForm, values: ReadonlyMap<string, string>): Probe {
  const sent = new URLSearchParams();
  const names = new Set<string>();
  let button: string | undefined;
  for (const { name, value, type } of fields) {
    if (type === 'submit') {
      // Of several buttons a person presses one.
      if (button !== undefined) continue;
      button = name;
    }
    if (names.has(name) && values.has(name)) continue;
    names.add(name);
    sent.append(name, values.get(name) ?? value);
  }
  for (const [name, value] of values) if (!names.has(name)) sent.append(name, value);
  const target = `${action.pathname}${action.search}`;
  if (enctype !== 'multipart/form-data') {
    return {
      method: 'POST',
      target,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: sent.toString(),
    };
  }
  const boundary = '----bulwark-check-0123456789abcdef';
  const parts = [...sent].map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name.replaceAll('"', '%22')}"\r\n\r\n${value}\r\n`,
  );
  return {
    method: 'POST',
    target,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: `${parts.join('')}--${boundary}--\r\n`,
  };
}

function jsonProbe(target: string, fields: ReadonlyMap<string, string>): Probe {
  return {
    method: 'POST',
    target,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'sec-fetch-mode': 'cors',
      'sec-fetch-dest': 'empty',
    },
    body: JSON.stringify(Object.fromEntries(fields)),
  };
}

async function follow(visitor: Visitor, first: Answer, origin: string): Promise<Answer> {
  let answer = first;
  for (let hops = 0; hops < MOST_REDIRECTS; hops += 1) {
    const next = redirectOf(answer);
    if (next === undefined || next.origin !== origin) break;
    answer = await visitor.ask({ target: `${next.pathname}${next.search}`, limited: true });
  }
  return answer;
}
