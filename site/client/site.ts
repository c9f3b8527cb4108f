/** On every page: the list of all pages stands open beside the text where there is room, and the search. */
import MiniSearch from 'minisearch';
import { part } from './part.ts';
import { queryOf, SEARCH, type SearchedPart } from './search-fields.ts';

const MOST_RESULTS = 20;

/** What the index keeps of a part. */
type Found = Pick<SearchedPart, 'url' | 'title' | 'heading'>;

const wide = matchMedia('(min-width: 64rem)');
const contents = document.querySelector<HTMLDetailsElement>('[data-contents]');
const dialog = document.querySelector<HTMLDialogElement>('[data-search]');

function fitContents(): void {
  if (contents !== null) contents.open = wide.matches;
}
fitContents();
wide.addEventListener('change', fitContents);
if (dialog !== null) startSearch(dialog);

function startSearch(dialog: HTMLDialogElement): void {
  const words = part(HTMLInputElement, 'input', dialog);
  const list = part(HTMLOListElement, '[data-search-results]', dialog);
  const status = part(HTMLElement, '[data-search-status]', dialog);
  const button = part(HTMLButtonElement, '[data-open-search]');
  let index: Promise<MiniSearch<SearchedPart>> | undefined;
  let asked = 0;

  const open = (): void => {
    if (!dialog.open) dialog.showModal();
    words.select();
    // Asked for once somebody wants it: most pages are read without.
    index ??= loadIndex(dialog.dataset['index'] ?? '');
  };
  const show = async (): Promise<void> => {
    const turn = (asked += 1);
    const query = words.value;
    try {
      const found = query.trim() === '' ? [] : ((await index)?.search(queryOf(query)) ?? []);
      // Somebody typed on meanwhile.
      if (turn !== asked) return;
      const shown = found.slice(0, MOST_RESULTS) as unknown as readonly Found[];
      list.replaceChildren(...shown.map(itemOf));
      status.textContent = query.trim() === '' ? '' : sayHowMany(found.length);
    } catch {
      index = undefined;
      status.textContent = 'The index could not be loaded. Close this and try again.';
    }
  };

  button.hidden = false;
  button.addEventListener('click', open);
  words.addEventListener('input', () => void show());
  // Enter in the field goes to the first place, and does not close the dialog.
  words.addEventListener('keydown', (event) => {
    const first = list.querySelector('a');
    // The first of two that a field for searches would take: it only empties the field.
    if (event.key === 'Escape') dialog.close();
    if (event.key !== 'Enter' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    if (event.key === 'Enter') first?.click();
    else first?.focus();
  });
  list.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const links = [...list.querySelectorAll('a')];
    const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + step];
    (next ?? words).focus();
  });
  // A place on the same page: the dialog would stay in front of it.
  list.addEventListener('click', () => dialog.close());
  document.addEventListener('keydown', (event) => {
    const typing =
      event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
    const isAsked = event.key === '/' ? !typing : event.key === 'k' && (event.ctrlKey || event.metaKey);
    if (!isAsked || event.altKey) return;
    event.preventDefault();
    open();
  });
}

async function loadIndex(url: string): Promise<MiniSearch<SearchedPart>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the index: ${response.status}`);
  return MiniSearch.loadJSON(await response.text(), SEARCH);
}

function itemOf({ url, title, heading }: Found): HTMLLIElement {
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = url;
  link.textContent = heading === '' ? title : heading;
  item.append(link);
  if (heading !== '') {
    const where = document.createElement('span');
    where.textContent = title;
    item.append(' ', where);
  }
  return item;
}

function sayHowMany(count: number): string {
  if (count === 0) return 'Nothing found.';
  return count > MOST_RESULTS
    ? `The first ${MOST_RESULTS} of ${count} places.`
    : `${count} ${count === 1 ? 'place' : 'places'}.`;
}
