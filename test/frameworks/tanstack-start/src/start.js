import { createMiddleware, createStart } from '@tanstack/react-start';
import { current } from 'bulwark/current';

// What a function of the server throws goes to the browser, with its text and as a 200.
const hideErrors = createMiddleware({ type: 'function' }).server(async ({ next }) => {
  try {
    return await next();
  } catch (error) {
    // A redirect, or a page that is not there.
    if (!(error instanceof Error)) throw error;
    current().audit('sys_crash', { error });
    throw new Error('Something went wrong');
  }
});

export const startInstance = createStart(() => ({ functionMiddleware: [hideErrors] }));
