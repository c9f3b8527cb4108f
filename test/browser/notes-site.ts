/** The notes of examples/flask behind a gateway, and another site that is up to no good: for browsers. */
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { type AppBehindGateway, appBehindGateway, gunicorn, type PythonApp } from '../gateway/python-app.ts';
import { freePort } from '../support/processes.ts';

export const NOTES: string = join(import.meta.dirname, '../../examples/flask/notes');

/** A running one. */
export interface NotesSite extends AppBehindGateway {
  readonly url: string;
}

/** Starts it. What it keeps is below `folder`. */
export async function startNotesSite(
  folder: string,
  policy: PolicyOptions,
  app: Partial<PythonApp> = {},
): Promise<NotesSite> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const behind = await appBehindGateway(
    {
      command: gunicorn('app:app'),
      folder: NOTES,
      ...app,
      env: { NOTES_DATA: mkdtempSync(join(folder, 'data-')), NOTES_SECRET: 'of a test, and of nothing else' },
    },
    { ...policy, origin: url },
  );
  return { ...behind, url };
}

/** In the page: what a WebSocket says to a greeting, or that there is none. */
export function echo(address: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(address);
    socket.addEventListener('open', () => socket.send('hello'));
    socket.addEventListener('message', ({ data }) => {
      resolve(String(data));
      socket.close();
    });
    socket.addEventListener('error', () => resolve('refused'));
  });
}

/** A page of somebody else, who would have a note kept. */
export function attackOn(url: string): string {
  return `<!doctype html><title>Elsewhere</title>
    <form action="${url}/notes" method="post"><input name="text" value="forged by a form"></form>
    <script>
      var sent = fetch('${url}/notes', {
        method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams({ text: 'forged by fetch' }),
      }).then(() => 'sent', () => 'sent');
    </script>`;
}

/** Serves a page to whoever asks. */
export async function serve(page: string): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(page);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}
