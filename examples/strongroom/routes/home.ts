/** The first page: what this is, or what is yours. */
import { bulwark } from 'bulwark/express';
import { Router } from 'express';
import type { Strongroom } from '../app.ts';
import { signedInAccount } from '../signed-in.ts';

/** `GET /`. */
export function homeRoutes({ accounts, notes, uploads, pages }: Strongroom): Router {
  const router = Router();
  router.get('/', async (req, res) => {
    const account = await signedInAccount(req, accounts);
    if (account === undefined) {
      await pages.show(req, res, 'landing', { title: 'Welcome' });
      return;
    }
    const sessions = await bulwark.of(req).session.list();
    const [own, { used }] = await Promise.all([notes.list(account.id), uploads.usage(account.id)]);
    await pages.show(req, res, 'start', {
      title: 'Welcome back',
      email: account.email,
      notes: describeNotes(own.length),
      files: describeFiles(used.files),
      devices: describeDevices(sessions.length),
    });
  });
  return router;
}

function describeNotes(count: number): string {
  if (count === 0) return 'You have not written any yet.';
  return count === 1 ? 'One note, for your eyes only.' : `${count} notes, for your eyes only.`;
}

function describeFiles(count: number): string {
  if (count === 0) return 'You have not sent any yet.';
  return count === 1 ? 'One file.' : `${count} files.`;
}

function describeDevices(count: number): string {
  return count <= 1 ? 'You are signed in on this device only.' : `You are signed in on ${count} devices.`;
}
