/** Ending sessions. */
import { formField, type PageHandler, redirect, signedIn } from './exchange.ts';
import { at } from './own-path.ts';

/** `POST /account/sessions/revoke`. */
export const revokeSession: PageHandler = signedIn(async ({ accounts }, request, own) => {
  const stay = formField(request, 'stay');
  if (stay !== '') {
    await accounts.stays?.end(request.visit, own.id, stay);
    return redirect(at('/account'));
  }
  const idHash = formField(request, 'session');
  const isOwn = idHash === request.visit.session.idHash;
  // Only sessions of one's own account are found, whatever hash is sent.
  await request.visit.session.revoke(idHash);
  return redirect(at(isOwn ? '/signed-out' : '/account'));
});

/** `POST /account/sessions/revoke-others`. */
export const revokeOthers: PageHandler = signedIn(async ({ accounts }, { visit }, own) => {
  const count = await visit.session.revokeOthers();
  if (count > 0) await accounts.activity.add(visit, own.id, 'sessions-ended');
  return redirect(at('/account'));
});

/** `POST /account/sessions/name`: of the device that asks. */
export const nameOwnDevice: PageHandler = signedIn(async ({ accounts }, request, own) => {
  await accounts.devices.rename(request.visit, own.id, formField(request, 'device'));
  return redirect(at('/account'));
});
