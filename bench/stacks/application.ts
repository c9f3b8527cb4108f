/** The application that every stack serves: one page of 2 KB with a form, the same facts as JSON, and a sign-in. */

/** Where the application is to be found, as browsers see it: behind a proxy on this machine that ends TLS. */
export const ORIGIN = 'https://bench.example';

/** As random as a real one, and no one's. */
export const SECRET = 'h7QmZs2VxK9tLw4RbYc8NjPf5DgUe1oAi3XrTqJvBk6SnWpM';

/** Who signs in. There are no passwords here: hashing is measured by itself. */
export const ACCOUNT = 'ann@bench.example';

/** How long a session lasts without use, in seconds. */
export const IDLE_SECONDS = 1800;

/** The name of the form field with the token. */
export const TOKEN_FIELD = '_csrf';

/** A limit per client, the same for all stacks. */
export interface Limit {
  readonly count: number;
  readonly windowSeconds: number;
}

/** Counts every request and refuses none of them: no stack here answers 100,000 requests a second. */
export const LOAD_LIMIT: Limit = { count: 1_000_000, windowSeconds: 10 };

/** What a page shows of its request. */
export interface PageFacts {
  readonly account: string | undefined;
  /** Empty where the stack has none. */
  readonly nonce: string;
  /** Empty where the stack has none, or where the visitor needs none. */
  readonly token: string;
}

/** The page, 2 KB. */
export function renderPage({ account, nonce, token }: PageFacts): string {
  return `${HEAD}${account ?? 'a visitor'}${MIDDLE}${token}${END}${nonce}${SCRIPT}`;
}

/** The same facts for scripts. */
export function dataOf(account: string | undefined): Data {
  return { account: account ?? null, files: FILES };
}

interface File {
  readonly name: string;
  readonly size: number;
  readonly changed: string;
}

interface Data {
  readonly account: string | null;
  readonly files: readonly File[];
}

const FILES: readonly File[] = Array.from({ length: 24 }, (_, index) => ({
  name: `contract-${index + 1}.pdf`,
  size: 10_000 + index * 977,
  changed: `2026-01-${String(index + 1).padStart(2, '0')}T08:30:00Z`,
}));

const ROWS = FILES.slice(0, 18)
  .map(({ name, size }) => `<tr><td><a href="/files/${name}">${name}</a></td><td>${size}</td></tr>\n`)
  .join('');

const HEAD = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Files</title><link rel="stylesheet" href="/style.css"></head>
<body>
<h1>Files</h1>
<p id="account">`;
const MIDDLE = `</p>
<table>
<thead><tr><th>Name</th><th>Bytes</th></tr></thead>
<tbody>
${ROWS}</tbody>
</table>
<form method="post" action="/form">
<input type="hidden" name="${TOKEN_FIELD}" value="`;
const END = `">
<label>Name <input name="name" required maxlength="100"></label>
<button>Create</button>
</form>
<script nonce="`;
const SCRIPT = `">document.title = 'Your files';</script>
</body>
</html>
`;
