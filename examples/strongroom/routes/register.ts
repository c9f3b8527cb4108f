/**
 * Making an account. The answer is the same, and takes the same time, whether the address was free or has an account:
 * nobody can find out here who is a client of the firm. Signing in comes after, with the password just chosen, so a
 * new account and a taken address cannot be told apart by what the browser holds either. (Once mail is sent, the
 * address is confirmed by it, and the owner of a taken one hears of the attempt.)
 */
import { bulwark } from 'bulwark/express';
import { Router } from 'express';
import type { Strongroom } from '../app.ts';
import { whenGone } from '../gone.ts';
import type { FieldError, Model } from '../pages.ts';
import { MINIMUM_PASSWORD_LENGTH, passwordProblem } from '../password-rules.ts';
import { field, parseEmail } from '../validation.ts';

const HINT = `At least ${MINIMUM_PASSWORD_LENGTH} characters. Four or five words in a row are easy to keep in mind and hard to guess.`;

/** `GET /register`, `POST /register` and `GET /registered`. */
export function registerRoutes({ accounts, passwords, pages }: Strongroom): Router {
  const router = Router();

  router.get('/register', async (req, res) => {
    if (bulwark.of(req).principal !== undefined) {
      res.redirect(303, '/notes');
      return;
    }
    await pages.show(req, res, 'register', form(''));
  });

  router.post('/register', async (req, res) => {
    const address = field(req.body, 'email');
    const password = field(req.body, 'password');
    const email = parseEmail(address);
    const gone = whenGone(res);
    const context = { signal: gone, audit: bulwark.of(req).audit };
    const problem = await passwordProblem(passwords, password, address, context);
    const errors: FieldError[] = [];
    if (!email.ok) errors.push({ field: 'email', message: email.message });
    if (problem !== undefined) errors.push({ field: 'password', message: problem });
    if (!email.ok || errors.length > 0) {
      await pages.show(req, res, 'register', form(address, errors), 422);
      return;
    }
    // Hashed before anything is looked up: the one slow step is the same for a free and for a taken address.
    const hash = await passwords.hash(password, gone);
    const account = await accounts.create(email.value, hash, 'client', Date.now());
    if (account !== undefined) bulwark.of(req).audit('user_created', { account: account.id });
    res.redirect(303, '/registered');
  });

  router.get('/registered', async (req, res) => {
    if (bulwark.of(req).principal !== undefined) {
      res.redirect(303, '/notes');
      return;
    }
    await pages.show(req, res, 'login', {
      title: 'Sign in to your new account',
      heading: 'Now sign in',
      intro:
        'Your account is ready. If this address had one before, it is as it was, and its old password is the one that counts.',
      email: '',
      next: '',
    });
  });

  return router;
}

function form(email: string, errors: readonly FieldError[] = []): Model {
  return { title: 'Create an account', email, errors, passwordHint: HINT, minimum: MINIMUM_PASSWORD_LENGTH };
}
