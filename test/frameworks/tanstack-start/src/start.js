import { createMiddleware, createStart } from '@tanstack/react-start';
import { current } from 'bulwark/current';

// What a function of the server throws goes to the browser, with its text and as a 200.
const hideErrors = createMiddleware({ type: 'function' }).server(async ({ next }) => {
  try {
    return await next();
  } catch (error) {
    // A redirect, or a page that is not there.
    if (!(error instanceof Error)) throw error;
    // What `permissions.require` refused: a Response keeps its status on the way to the browser.
    if (error.code === 'ERR_BULWARK_FORBIDDEN') throw new Response('You may not do this.', { status: 403 });
    current().audit('sys_crash', { error });
    throw new Error('Something went wrong');
  }
});

export const startInstance = createStart(() => ({ functionMiddleware: [hideErrors] }));
