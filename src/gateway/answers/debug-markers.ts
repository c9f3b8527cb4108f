/** By what pages for developers are known: those that Werkzeug, Django and Starlette make where debugging is on. */

/** A debugging page, by who makes it. */
export type Debugger = 'Werkzeug' | 'Django' | 'Starlette';

/**
 * Which one a body is, by its beginning.
 *
 * @param text - as much of it as there is
 */
export function debuggerOf(status: number, text: string): Debugger | undefined {
  if (!hasSign(text)) return undefined;
  // Its console is a 200.
  if (text.includes('// Werkzeug Debugger</title>') || text.includes('?__debugger__=yes')) return 'Werkzeug';
  if (isDjango(status, text)) return 'Django';
  if (text.includes('<title>Starlette Debugger</title>')) return 'Starlette';
  return undefined;
}

/**
 * One of these stands in each of them. A page that is none is every other page of a site: to look for a text that begins with a
 * letter that hardly ever comes takes next to nothing, where one that begins with `<title` is looked for letter by letter.
 */
const SIGNS = [
  'Debugger</title>',
  '?__debugger__=yes',
  'Congratulations!</title>',
  'Django Version: ',
  'NONE,NOARCHIVE"',
];

function hasSign(text: string): boolean {
  for (const sign of SIGNS) if (text.includes(sign)) return true;
  return false;
}

/** Django's pages without DEBUG have the same line for robots, where they are made by it at all: 403 by its check of forms. */
function isDjango(status: number, text: string): boolean {
  if (text.includes('<title>The install worked successfully! Congratulations!</title>')) return true;
  // In plain text for programs.
  if (text.includes('\nRequest Method: ') && text.includes('\nDjango Version: ')) return true;
  if (!text.includes('content="NONE,NOARCHIVE"')) return false;
  return (
    status >= 500 ||
    text.includes('<title>Page not found at ') ||
    text.includes('#requestinfo') ||
    /<code>DEBUG\s*=\s*True<\/code>/.test(text)
  );
}

/** A file of Werkzeug's debugger: whoever can have it knows that there is one. */
export function isDebuggerFile(query: string, disposition: () => string | undefined): boolean {
  return (
    query.includes('__debugger__=') &&
    /^inline; filename="?(?:debugger\.js|style\.css|console\.png|less\.png|more\.png)"?$/.test(
      disposition() ?? '',
    )
  );
}
