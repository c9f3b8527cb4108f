/** `npm run site [FOLDER]`: writes the site, by default to site/dist. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { Eleventy } from '@11ty/eleventy';
import { html, trusted } from '../src/ui/html.ts';
import { buildScripts } from './build-scripts.ts';
import { contentsOf, type Group } from './contents.ts';
import {
  type Document,
  findLinkedFiles,
  isFolder,
  type LinkedFile,
  readDocuments,
  ROOT,
} from './documents.ts';
import { type Assets, layout, type Page } from './layout.ts';
import { firstSentence, llmsFullText, llmsText, markdownUrlOf } from './llms.ts';
import { makeMarkdown, partsOf } from './markdown.ts';
import { playgroundBody } from './playground-page.ts';
import { searchIndex } from './search-index.ts';

const OUT = resolve(process.argv[2] ?? join(import.meta.dirname, 'dist'));
const STATIC = join(import.meta.dirname, 'static');

const began = performance.now();
rmSync(OUT, { recursive: true, force: true });
const documents = readDocuments();
const files = findLinkedFiles(documents);
const groups = contentsOf(documents);
const markdown = makeMarkdown();
const scripts = await buildScripts();
const asset = writeAssets([
  ...readdirSync(STATIC).map((name) => [name, readFileSync(join(STATIC, name))] as const),
  ['search.json', Buffer.from(searchIndex(groups, markdown))],
  ...scripts,
]);
await writePages([
  ...documents.map(pageOf),
  ...files.filter(({ picture }) => !picture).map(listingOf),
  playground(),
  notFound(),
]);
for (const { path, url, picture } of files) if (picture) copy(path, url);
for (const document of documents) write(markdownUrlOf(document), document.text);
write('/llms.txt', llmsText(groups));
write('/llms-full.txt', llmsFullText(groups));
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(`${documents.length} documents, ${files.length} files they link to: ${OUT} in ${seconds} s`);

/** A page before what stands around it is put there. */
type Draft = Omit<Page, 'body'> &
  ({ readonly markdown: Document } | { readonly html: string }) & { readonly groups: readonly Group[] };

function pageOf(document: Document): Draft {
  const { path, url, title, text } = document;
  const headings = partsOf(markdown, text, path).filter(({ level }) => level === 2);
  const source = markdownUrlOf(document);
  return { url, title, about: firstSentence(text), headings, source, markdown: document, groups };
}

/** A file as text, with its path for a title. */
function listingOf({ path, url }: LinkedFile): Draft {
  const text = isFolder(path)
    ? readdirSync(join(ROOT, path)).toSorted().join('\n')
    : readFileSync(join(ROOT, path), 'utf8');
  const body = html`<h1>${path}</h1>
    <pre class="listing"><code>${text}</code></pre>`;
  // Without the list of all pages, which many of these are shorter than.
  return {
    url,
    title: path,
    about: `The file ${path} of Bulwark.`,
    headings: [],
    html: body.text,
    groups: [],
  };
}

function playground(): Draft {
  const about = 'Type a policy: what is wrong with it, the headers it sends, and what it says of a request.';
  const page = {
    url: '/playground.html',
    title: 'Playground',
    about,
    headings: [],
    scripts: ['playground.js'],
  };
  return { ...page, html: playgroundBody().text, groups };
}

function notFound(): Draft {
  const body = html`<h1>There is no such page</h1>
    <p>
      Perhaps it has another name now: <a href="/">the first page</a> leads to all of them, and the search
      finds words.
    </p>`;
  const page = {
    url: '/404.html',
    title: 'There is no such page',
    about: 'There is no such page.',
    headings: [],
  };
  return { ...page, html: body.text, groups };
}

/** Eleventy renders each as a template of its own; what it makes is put into the layout. */
async function writePages(drafts: readonly Draft[]): Promise<void> {
  const byUrl = new Map(drafts.map((draft) => [draft.url, draft]));
  process.chdir(import.meta.dirname);
  // A folder without templates: all of them are handed in.
  const site = new Eleventy('static', OUT, {
    quietMode: true,
    configPath: false,
    config: (config) => {
      config.setLibrary('md', markdown);
      config.setUseGitIgnore(false);
      for (const [number, draft] of drafts.entries()) {
        const isDocument = 'markdown' in draft;
        const data = { permalink: fileOf(draft.url), path: isDocument ? draft.markdown.path : '' };
        const name = `${number}.${isDocument ? 'md' : 'html'}`;
        // One engine each: braces in a document are no template.
        const templateEngineOverride = isDocument ? 'md' : 'html';
        config.addTemplate(name, isDocument ? draft.markdown.text : draft.html, {
          ...data,
          templateEngineOverride,
        });
      }
      config.addTransform('layout', function (content) {
        const draft = byUrl.get(this.page.url);
        if (draft === undefined) throw new Error(`no page was planned at ${this.page.url}`);
        return layout({ ...draft, body: trusted(content) }, draft.groups, asset);
      });
    },
  });
  await site.write();
}

function fileOf(url: string): string {
  return url.endsWith('/') ? `${url}index.html` : url;
}

/** Files whose name changes with what is in them, so that browsers may keep them for ever. */
function writeAssets(contents: readonly (readonly [name: string, content: Buffer])[]): Assets {
  const urls = new Map<string, string>();
  for (const [name, content] of contents) {
    const hash = createHash('sha256').update(content).digest('base64url').slice(0, 10);
    const end = extname(name);
    const url = `/assets/${name.slice(0, -end.length)}.${hash}${end}`;
    urls.set(name, url);
    write(url, content);
  }
  return (name) => {
    const url = urls.get(name);
    if (url === undefined) throw new Error(`the site has no ${name}`);
    return url;
  };
}

function copy(path: string, url: string): void {
  mkdirSync(dirname(join(OUT, url)), { recursive: true });
  cpSync(join(ROOT, path), join(OUT, url));
}

function write(url: string, content: string | Buffer): void {
  const file = join(OUT, url);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
