/** For probes: whether the process answers. Says nothing else, to anyone. */
import { Router } from 'express';

/** `GET /healthz`. */
export function healthRoutes(): Router {
  const router = Router();
  router.get('/healthz', (_req, res) => {
    res.json({ ok: true });
  });
  return router;
}
