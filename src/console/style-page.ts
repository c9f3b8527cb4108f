/** Files that pages of the console ask for. */
import type { ConsolePage } from './console-page.ts';
import { CONSOLE_STYLE } from './console-style.ts';

export const stylePages: ConsolePage = {
  routes: {
    'GET /console.css': () => ({ kind: 'file', type: 'text/css; charset=utf-8', body: CONSOLE_STYLE }),
  },
};
