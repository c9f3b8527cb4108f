/** Errors that nobody in an Express application handled, on their way to the page that Express makes of them. */
import { noteFailure } from '../layer/view.ts';

/** What is used of an application. */
interface ExpressApp {
  use(handler: (...args: [error: unknown, request: object, response: unknown, next: Next]) => void): unknown;
}

type Next = (error: unknown) => void;

const watched = new WeakSet<ExpressApp>();

/**
 * Has the application tell of errors that come to its end, once for each application. Called as a request passes, when
 * every route is there: the handler stands behind all of them, and changes nothing.
 */
export function watchErrors(request: object): void {
  const { app } = request as { readonly app?: ExpressApp };
  if (app === undefined || watched.has(app)) return;
  watched.add(app);
  // Four parameters are what makes it a handler of errors.
  app.use((error, request, _response, next) => {
    noteFailure(request, error);
    next(error);
  });
}
