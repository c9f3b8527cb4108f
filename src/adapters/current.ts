/** `bulwark/current`: the request at work, for code that no request is handed to. Small, since bundlers put it into pages. */
import { wantCurrent } from '../core/current-place.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { View } from '../layer/view.ts';

export type { View } from '../layer/view.ts';

const place = wantCurrent();

/**
 * The view of the request that this code is at work on, as `bulwark.of(request)` gives it: its nonce, its CSRF token, its session, and who is
 * signed in. In components, loaders and server functions of a framework that hands no request of Node.js on.
 *
 * Whoever imports this before the first request has it everywhere; where the application's package.json names a full-stack
 * framework, the layer sees to that itself. For code that runs after the answer, take along what it needs.
 *
 * @example
 * ```ts
 * import { current } from 'bulwark/current';
 *
 * export function Account() {
 *   return `signed in as ${current().principal?.account ?? 'nobody'}`;
 * }
 * ```
 * @throws BulwarkError ERR_BULWARK_NOT_PROTECTED where no request is at work, or it did not come through the layer
 * @throws BulwarkError ERR_BULWARK_REQUEST_OVER where its answer is out: what a pool or a timer kept from one request would show its account to the next
 */
export function current(): View {
  const atWork = place.getStore();
  if (atWork === undefined) throw failed('ERR_BULWARK_NOT_PROTECTED', NOBODY);
  if (atWork.isOver()) throw failed('ERR_BULWARK_REQUEST_OVER', OVER);
  return atWork.view as View;
}

const NOBODY =
  "current: no request is at work here, or none that came through the layer: call it while a page or an answer is made, and import 'bulwark/current' in the file that makes the layer";
const OVER =
  'current: the answer to this request is out: take what is needed from current() before, such as its account';

/** Without the class itself, which would bring the layer into the pages. */
function failed(code: ErrorCode, message: string): Error {
  return Object.assign(new Error(message), { name: 'BulwarkError', code });
}
