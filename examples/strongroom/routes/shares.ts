/** Who else may have a file: by an account, until a day, or by a link for one download. */
import { bulwark } from 'bulwark/express';
import type { FileShare, NoShare } from 'bulwark/uploads';
import { type Request, type Response, Router } from 'express';
import type { Strongroom } from '../app.ts';
import { showExact } from '../dates.ts';
import { leaveFlash } from '../flash.ts';
import { requireAccount } from '../signed-in.ts';
import { showSize } from '../sizes.ts';
import { field } from '../validation.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS = [1, 7, 30] as const;

const NOT_SHARED: Readonly<Record<NoShare['reason'], string>> = {
  unknown: 'This file cannot be shared yet: it is still being looked at.',
  full: 'This file is shared with as many as it may be. Take a share back first.',
  'too-long': 'Choose how long they may have it.',
};

/** `GET /files/:id`, its shares, and `GET /shared/:token`. */
export function sharesRoutes({ accounts, uploads, pages }: Strongroom): Router {
  const router = Router();

  router.get('/files/:id', async (req, res, next) => {
    if (!(await showFile(req, res, 200))) next();
  });

  router.post('/files/:id/share', async (req, res, next) => {
    const owner = await requireAccount(req, accounts);
    const email = field(req.body, 'email');
    const days = DAYS.find((one) => String(one) === field(req.body, 'days'));
    const other = await accounts.findByEmail(email);
    const problem =
      days === undefined
        ? { field: 'days', message: NOT_SHARED['too-long'] }
        : other === undefined || other.id === owner.id
          ? {
              field: 'email',
              message: 'There is no other account with this address. Check how it is written.',
            }
          : undefined;
    if (problem !== undefined || other === undefined || days === undefined) {
      if (!(await showFile(req, res, 422, problem, email))) next();
      return;
    }
    const wish = { with: other.id, endsAt: Date.now() + days * DAY_MS };
    const made = await uploads.share(owner.id, req.params.id, wish);
    if (!made.ok) {
      if (!(await showFile(req, res, 409, { field: 'email', message: NOT_SHARED[made.reason] }, email)))
        next();
      return;
    }
    await leaveFlash(bulwark.of(req).session, `Shared with ${other.email}.`);
    res.redirect(303, `/files/${req.params.id}`);
  });

  router.post('/files/:id/link', async (req, res, next) => {
    const owner = await requireAccount(req, accounts);
    const endsAt = Date.now() + 7 * DAY_MS;
    const made = await uploads.share(owner.id, req.params.id, { link: 'once', endsAt });
    if (!made.ok) {
      if (!(await showFile(req, res, 409, { field: 'link', message: NOT_SHARED[made.reason] }))) next();
      return;
    }
    // Shown once: the list has what it is for, and not the link itself.
    if (!(await showFile(req, res, 200, undefined, '', made.url))) next();
  });

  router.post('/files/:id/shares/:share/revoke', async (req, res, next) => {
    const owner = await requireAccount(req, accounts);
    if (!(await uploads.revoke(owner.id, req.params.id, req.params.share))) {
      next();
      return;
    }
    await leaveFlash(bulwark.of(req).session, 'The share was taken back.');
    res.redirect(303, `/files/${req.params.id}`);
  });

  router.get('/shared/:token', async (req, res, next) => {
    if ((await uploads.sendLink(req.params.token, req, res)) === undefined) next();
  });

  /** The page of a file of one's own. False: there is none of this id. */
  async function showFile(
    req: Request<{ id: string }>,
    res: Response,
    status: number,
    problem?: { readonly field: string; readonly message: string },
    email = '',
    link?: string,
  ): Promise<boolean> {
    const owner = await requireAccount(req, accounts);
    const file = await uploads.find(owner.id, req.params.id);
    if (file?.owner !== owner.id) return false;
    const shares = await uploads.shares(owner.id, file.id);
    const model = {
      title: file.name,
      errors: problem === undefined ? [] : [problem],
      file: {
        ...file,
        size: showSize(file.size),
        exact: showExact(file.createdAt),
        sent: file.state === 'ready',
      },
      shares: await Promise.all(shares.map(shown)),
      days: DAYS.map((day) => ({ value: day, text: day === 1 ? 'one day' : `${day} days` })),
      email,
      link,
    };
    await pages.show(req, res, 'file', model, status);
    return true;
  }

  async function shown({ id, account, expiresAt }: FileShare): Promise<object> {
    const other = account === undefined ? undefined : await accounts.find(account);
    const whom = account === undefined ? 'Whoever has the link, once' : (other?.email ?? 'a former account');
    return { id, whom, until: expiresAt === undefined ? 'it is taken back' : showExact(expiresAt) };
  }

  return router;
}
