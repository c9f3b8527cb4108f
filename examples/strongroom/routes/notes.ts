/** One's own notes: list, write, delete. The policy lets nobody in who is not signed in. */
import { bulwark } from 'bulwark/express';
import { type Request, type Response, Router } from 'express';
import type { Strongroom } from '../app.ts';
import { showAgo, showExact, showMachine } from '../dates.ts';
import { leaveFlash } from '../flash.ts';
import { MAX_NOTES } from '../notes-store.ts';
import { requireAccount } from '../signed-in.ts';
import { field, MAX_NOTE_LENGTH, parseNote } from '../validation.ts';

/** `GET /notes`, `POST /notes` and `POST /notes/:id/delete`. */
export function notesRoutes({ accounts, notes, pages }: Strongroom): Router {
  const router = Router();

  router.get('/notes', async (req, res) => {
    await showNotes(req, res, 200, '');
  });

  router.post('/notes', async (req, res) => {
    const text = field(req.body, 'text');
    const note = parseNote(text);
    if (!note.ok) {
      await showNotes(req, res, 422, text, note.message);
      return;
    }
    const account = await requireAccount(req, accounts);
    if ((await notes.create(account.id, note.value, Date.now())) === undefined) {
      await showNotes(
        req,
        res,
        409,
        text,
        `You have ${MAX_NOTES} notes, and there is room for no more. Delete one first.`,
      );
      return;
    }
    await leaveFlash(bulwark.of(req).session, 'Note saved.');
    res.redirect(303, '/notes');
  });

  router.post('/notes/:id/delete', async (req, res, next) => {
    const account = await requireAccount(req, accounts);
    // Someone else's note and no note at all are one answer: 404, from the last handler.
    if (!(await notes.delete(account.id, req.params.id))) {
      next();
      return;
    }
    const view = bulwark.of(req);
    view.audit('sensitive_delete', { note: req.params.id });
    await leaveFlash(view.session, 'Note deleted.');
    res.redirect(303, '/notes');
  });

  async function showNotes(
    req: Request,
    res: Response,
    status: number,
    draft: string,
    problem?: string,
  ): Promise<void> {
    const now = Date.now();
    const account = await requireAccount(req, accounts);
    const own = await notes.list(account.id);
    await pages.show(
      req,
      res,
      'notes',
      {
        title: 'Notes',
        draft,
        errors: problem === undefined ? [] : [{ field: 'text', message: problem }],
        maxLength: MAX_NOTE_LENGTH,
        notes: own.map(({ id, text, createdAt }) => ({
          id,
          text,
          ago: showAgo(createdAt, now),
          exact: showExact(createdAt),
          machine: showMachine(createdAt),
        })),
      },
      status,
    );
  }

  return router;
}
