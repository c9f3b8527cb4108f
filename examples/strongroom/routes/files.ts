/** Files: send several, list, download, share, delete. The policy lets nobody in who is not signed in, but to links. */
import { bulwark } from 'bulwark/express';
import { FormRefusedError, type GivenFile, type Page, type StoredFile } from 'bulwark/uploads';
import { type Request, type Response, Router } from 'express';
import type { Strongroom } from '../app.ts';
import { showAgo, showExact, showMachine } from '../dates.ts';
import { leaveFlash } from '../flash.ts';
import { requireAccount } from '../signed-in.ts';
import { showSize } from '../sizes.ts';

/** How many stand on one page. */
const PAGE = 20;

/** `GET /files`, `POST /files`, `/uploads`, `GET /files/:id/download` and `POST /files/:id/delete`. */
export function filesRoutes({ accounts, uploads, pages }: Strongroom): Router {
  const router = Router();

  router.get('/files', async (req, res) => {
    await showFiles(req, res, 200);
  });

  router.post('/files', async (req, res) => {
    try {
      const { files, refused } = await uploads.take(req);
      if (refused.length === 0 && files.length > 0) {
        await leaveFlash(bulwark.of(req).session, `${count(files.length)} kept.`);
        res.redirect(303, '/files');
        return;
      }
      const problems = refused.map(({ name, detail }) => `${name}: ${detail}`);
      if (problems.length === 0) problems.push('Choose a file first.');
      await showFiles(req, res, 422, problems, files.length > 0 ? `${count(files.length)} kept.` : undefined);
    } catch (error) {
      if (!(error instanceof FormRefusedError)) throw error;
      await showFiles(req, res, error.answer, [`${error.detail} None of the files was kept.`]);
    }
  });

  router.all(['/uploads', '/uploads/:id'], async (req, res, next) => {
    if ((await uploads.resume(req, res)) === undefined) next();
  });

  router.get('/files/:id/download', async (req, res, next) => {
    // Someone else's file and no file at all are one answer: 404, from the last handler.
    if ((await uploads.send(req.params.id, req, res)) === undefined) next();
  });

  router.post('/files/:id/delete', async (req, res, next) => {
    const account = await requireAccount(req, accounts);
    if (!(await uploads.remove(account.id, req.params.id))) {
      next();
      return;
    }
    await leaveFlash(bulwark.of(req).session, 'File deleted.');
    res.redirect(303, '/files');
  });

  async function showFiles(
    req: Request,
    res: Response,
    status: number,
    problems: readonly string[] = [],
    kept?: string,
  ): Promise<void> {
    const account = await requireAccount(req, accounts);
    const [own, given, { used, quota }] = await Promise.all([
      uploads.list(account.id, { behind: placeIn(req.query['behind']), limit: PAGE }),
      uploads.sharedWith(account.id, { limit: PAGE }),
      uploads.usage(account.id),
    ]);
    const model = {
      title: 'Files',
      errors: problems.map((message) => ({ field: 'files', message })),
      kept,
      own: own.items.map(shown),
      older: older(own),
      given: await Promise.all(given.items.map(shownGiven)),
      room: `${showSize(used.bytes)} of ${showSize(quota.bytes)} used.`,
    };
    await pages.show(req, res, 'files', model, status);
  }

  async function shownGiven({ file, share }: GivenFile): Promise<object> {
    const from = await accounts.find(file.owner);
    return {
      ...shown(file),
      from: from?.email ?? 'a former account',
      until: share.expiresAt === undefined ? undefined : showExact(share.expiresAt),
    };
  }

  return router;
}

function shown({ id, name, size, state, note, createdAt }: StoredFile): object {
  return {
    id,
    name,
    size: showSize(size),
    state,
    note,
    ago: showAgo(createdAt, Date.now()),
    exact: showExact(createdAt),
    machine: showMachine(createdAt),
  };
}

function count(files: number): string {
  return files === 1 ? 'One file' : `${files} files`;
}

function older({ next }: Page<StoredFile>): string | undefined {
  return next === undefined ? undefined : `/files?behind=${next.createdAt}.${next.id}`;
}

/** Where a page of the list begins. What was not made here begins at the newest. */
function placeIn(value: unknown): Page<StoredFile>['next'] {
  const match = typeof value === 'string' ? /^(\d{1,15})\.([\w-]{1,64})$/.exec(value) : null;
  return match === null ? undefined : { createdAt: Number(match[1]), id: match[2] ?? '' };
}
