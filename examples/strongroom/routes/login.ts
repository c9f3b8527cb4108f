/**
 * Signing in and out. A wrong password and an unknown address get the same page in the same time. How often anyone
 * may try is said in bulwark.config.ts, and counted before this code runs.
 */
import { bulwark } from 'bulwark/express';
import { type Request, type Response, Router } from 'express';
import type { Strongroom } from '../app.ts';
import { whenGone } from '../gone.ts';
import { field, parseEmail, parseNextPath } from '../validation.ts';

const HOME = '/notes';

/** `GET /login`, `POST /login`, `POST /logout` and `GET /signed-out`. */
export function loginRoutes({ accounts, passwords, pages }: Strongroom): Router {
  const router = Router();

  router.get('/login', async (req, res) => {
    const next = field(req.query, 'next');
    if (bulwark.of(req).principal !== undefined) {
      res.redirect(303, parseNextPath(next, HOME));
      return;
    }
    await showForm(req, res, { next });
  });

  router.post('/login', async (req, res) => {
    const address = field(req.body, 'email');
    const password = field(req.body, 'password');
    const next = field(req.body, 'next');
    const email = parseEmail(address);
    const account = email.ok ? await accounts.findByEmail(email.value) : undefined;
    // Also without an account: an answer that comes at once would say that there is none.
    const result = await passwords.verify(account?.passwordHash, password, whenGone(res));
    const view = bulwark.of(req);
    if (account === undefined || !result.ok) {
      view.audit('authn_login_fail', { account: account?.id, unreadable: result.reason });
      await showForm(req, res, { next, email: address, failed: true });
      return;
    }
    if (result.rehash !== undefined) {
      await accounts.replacePasswordHash(account.id, account.passwordHash, result.rehash);
    }
    await view.session.signIn({ account: account.id, roles: account.roles });
    view.audit('authn_login_success', { account: account.id });
    res.redirect(303, parseNextPath(next, HOME));
  });

  router.post('/logout', async (req, res) => {
    await bulwark.of(req).session.signOut();
    res.redirect(303, '/signed-out');
  });

  router.get('/signed-out', async (req, res) => {
    await pages.say(req, res, {
      status: 200,
      title: 'You are signed out',
      text: 'Your session is over, and this browser has forgotten it.',
      link: { href: '/login', text: 'Sign in again' },
    });
  });

  async function showForm(
    req: Request,
    res: Response,
    { next, email = '', failed = false }: { next: string; email?: string; failed?: boolean },
  ): Promise<void> {
    const message = 'That email and password do not go together. Check both and try again.';
    await pages.show(
      req,
      res,
      'login',
      {
        title: 'Sign in',
        heading: 'Sign in',
        intro: next === '' ? '' : 'Sign in, and you are taken to the page you asked for.',
        email,
        next: parseNextPath(next, ''),
        errors: failed ? [{ field: 'email', message }] : [],
      },
      failed ? 401 : 200,
    );
  }

  return router;
}
