/** What is searched: every part of every page, as an index that the browser loads when somebody begins to type. */
import type MarkdownIt from 'markdown-it';
import MiniSearch from 'minisearch';
import { SEARCH } from './client/search-fields.ts';
import type { Group } from './contents.ts';
import { partsOf } from './markdown.ts';

/** The index as JSON. */
export function searchIndex(groups: readonly Group[], markdown: MarkdownIt): string {
  const index = new MiniSearch(SEARCH);
  let id = 0;
  for (const { documents } of groups) {
    for (const { path, url, title, text } of documents) {
      for (const part of partsOf(markdown, text, path)) {
        const here = part.level === 1 ? url : `${url}#${part.id}`;
        index.add({
          id: (id += 1),
          url: here,
          title,
          heading: part.level === 1 ? '' : part.text,
          words: part.words,
        });
      }
    }
  }
  return JSON.stringify(index);
}
