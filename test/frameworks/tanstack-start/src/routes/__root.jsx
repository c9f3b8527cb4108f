import 'bulwark/react';
import { createRootRoute, HeadContent, Outlet, Scripts } from '@tanstack/react-router';
import appCss from '../app.css?url';

export const Route = createRootRoute({
  head: () => ({ meta: [{ charSet: 'utf-8' }], links: [{ rel: 'stylesheet', href: appCss }] }),
  shellComponent: Shell,
  component: Outlet,
  errorComponent: ({ error }) => <h1>{error.status === 403 ? 'This is not yours' : 'This page failed'}</h1>,
  notFoundComponent: () => <h1>There is nothing here</h1>,
});

function Shell({ children }) {
  return (
    <html lang="en">
      <head>
        <HeadContent />
      </head>
      <body>
        {children}
        <Scripts />
      </body>
    </html>
  );
}
