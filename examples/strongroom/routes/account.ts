/** One's account, and every device that is signed in to it. */
import { bulwark } from 'bulwark/express';
import { Router } from 'express';
import type { Strongroom } from '../app.ts';
import { showAgo, showDay, showExact, showMachine } from '../dates.ts';
import { describeDevice } from '../device.ts';
import { leaveFlash } from '../flash.ts';
import { requireAccount } from '../signed-in.ts';

/** `GET /account`, `POST /account/sessions/:idHash/revoke` and `POST /account/sessions/revoke-others`. */
export function accountRoutes({ accounts, pages }: Strongroom): Router {
  const router = Router();

  router.get('/account', async (req, res) => {
    const account = await requireAccount(req, accounts);
    const { session } = bulwark.of(req);
    const now = Date.now();
    const sessions = await session.list();
    await pages.show(req, res, 'account', {
      title: 'Account',
      email: account.email,
      since: showDay(account.createdAt),
      operator: account.roles.includes('operator'),
      sessions: sessions
        .map((record) => ({
          idHash: record.idHash,
          current: record.current,
          device: describeDevice(record.userAgent),
          address: record.address,
          seenAgo: showAgo(record.seenAt, now),
          seenExact: showExact(record.seenAt),
          seenMachine: showMachine(record.seenAt),
        }))
        // This device first: everything below it is what a person looks for.
        .sort((a, b) => Number(b.current) - Number(a.current)),
    });
  });

  router.post('/account/sessions/revoke-others', async (req, res) => {
    const { session } = bulwark.of(req);
    const count = await session.revokeOthers();
    await leaveFlash(
      session,
      count === 0 ? 'No other device was signed in.' : 'Every other device is signed out.',
    );
    res.redirect(303, '/account');
  });

  router.post('/account/sessions/:idHash/revoke', async (req, res, next) => {
    const { session } = bulwark.of(req);
    const isOwn = req.params.idHash === session.idHash;
    // Only sessions of one's own account are found, whatever hash is sent.
    if (!(await session.revoke(req.params.idHash))) {
      next();
      return;
    }
    if (isOwn) {
      res.redirect(303, '/signed-out');
      return;
    }
    await leaveFlash(session, 'That device is signed out.');
    res.redirect(303, '/account');
  });

  return router;
}
