/**
 * Pages of the site's own for refusals and for an application that does not answer. They are read once, when the gateway
 * starts: a file that is gone while everything else is must not make it worse.
 */
import { readFileSync, statSync } from 'node:fs';
import type { RefusalPagesFor } from '../../controls/errors/render.ts';
import { Problems } from '../../core/problems.ts';
import { escapeHtml } from '../../ui/escape-html.ts';
import type { ErrorPagesOptions } from '../options/error-pages.options.ts';

/** A page is sent once for each refusal, to whoever floods us too. */
const MOST_BYTES = 65_536;
const PLACEHOLDERS = ['requestId', 'status', 'nonce'] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];

/** A page: texts, and between them what is put there for each answer. */
interface Page {
  readonly texts: readonly string[];
  readonly names: readonly Placeholder[];
}

/**
 * The pages of these files, by status; undefined where there are none.
 *
 * @throws PolicyError with every file that cannot be read, is too large, or has a placeholder that nobody knows
 */
export function readErrorPages(files: ErrorPagesOptions): RefusalPagesFor | undefined {
  const problems = new Problems('production');
  const pages = new Map<string, Page>();
  for (const [key, file] of Object.entries(files)) {
    const page = readPage(file, (reason) =>
      problems.refuse(
        'ERR_BULWARK_INVALID_OPTION',
        `gateway.errorPages['${key}']`,
        reason,
        `gateway: { errorPages: { '${key}': 'pages/${key}.html' } }`,
      ),
    );
    if (page !== undefined) pages.set(key, page);
  }
  problems.throwIfAny();
  if (pages.size === 0) return undefined;
  return (status, requestId, nonce) => {
    const page = pages.get(String(status)) ?? pages.get(`${Math.floor(status / 100)}xx`);
    return page === undefined ? undefined : fill(page, { requestId, nonce, status: String(status) });
  };
}

function readPage(file: string, refuse: (reason: string) => void): Page | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) {
    refuse(`there is no file ${JSON.stringify(file)}: its path is one from where the gateway starts.`);
    return undefined;
  }
  if (stat.size > MOST_BYTES) {
    refuse(`the file has over ${MOST_BYTES / 1024} KB: link to what is large, or leave it out.`);
    return undefined;
  }
  const bytes = readBytes(file);
  if (bytes === undefined) {
    refuse('the file cannot be read, or is no UTF-8.');
    return undefined;
  }
  const pieces = bytes.split(/\{\{ ?(\w{1,40}) ?\}\}/);
  const names = pieces.filter((_, at) => at % 2 === 1);
  const unknown = names.find((name) => !isPlaceholder(name));
  if (unknown !== undefined) {
    refuse(`it has {{${unknown}}}, and only {{${PLACEHOLDERS.join('}}, {{')}}} are known.`);
    return undefined;
  }
  return { texts: pieces.filter((_, at) => at % 2 === 0), names: names.filter(isPlaceholder) };
}

function readBytes(file: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch {
    return undefined;
  }
}

function isPlaceholder(name: string): name is Placeholder {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}

function fill({ texts, names }: Page, values: Readonly<Record<Placeholder, string>>): string {
  return texts
    .map((text, at) => {
      const name = names[at];
      return name === undefined ? text : text + escapeHtml(values[name]);
    })
    .join('');
}
