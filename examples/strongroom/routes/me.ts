/** The signed-in account, for scripts. */
import { bulwark } from 'bulwark/express';
import { Router } from 'express';
import type { Strongroom } from '../app.ts';
import { requireAccount } from '../signed-in.ts';

/** `GET /api/me`. */
export function meRoutes({ accounts }: Strongroom): Router {
  const router = Router();
  router.get('/api/me', async (req, res) => {
    const { id, email, roles, createdAt } = await requireAccount(req, accounts);
    const signedInAt = bulwark.of(req).principal?.signedInAt;
    res.json({ id, email, roles, createdAt, signedInAt });
  });
  return router;
}
