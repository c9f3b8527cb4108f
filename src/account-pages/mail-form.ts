/** A form with an address to which a mail is to go: what registering and a forgotten password begin with. */
import type { Accounts } from '../accounts/accounts.ts';
import { type Asked, askedOf, refusedBy } from './challenge-parts.ts';
import { formField, type PageAnswer, type PageHandler, type PageRequest, redirect } from './exchange.ts';
import type { FieldError } from '../ui/forms.ts';
import { at } from './own-path.ts';
import { leadsAlike } from './same-posts.ts';

/** The page with the form. */
type FormPage = (
  request: PageRequest,
  email: string,
  asked: Asked,
  errors?: readonly FieldError[],
) => PageAnswer;

/**
 * What is done with such a form: it is shown anew with what is wrong, or leads to the page that says where to look.
 *
 * @param ask - has the mail written, or says why not
 */
export function asksForMail(
  form: 'register' | 'reset',
  show: FormPage,
  ask: (
    accounts: Accounts,
    request: PageRequest,
    email: string,
  ) => 'register.closed' | 'page.emailUnfit' | undefined,
): PageHandler {
  return leadsAlike('challenge', async (context, request) => {
    const email = formField(request, 'email');
    const refused = await refusedBy(context, request, form);
    if (refused !== undefined) return refused.answer(show(request, email, refused));
    const fault = ask(context.accounts, request, email);
    if (fault === undefined) return redirect(at(`/${form}/sent`));
    const asked = await askedOf(context, request, form, email);
    return show(request, email, asked, [{ field: 'email', message: request.words.say(fault) }]);
  });
}
