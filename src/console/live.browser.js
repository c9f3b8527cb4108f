/**
 * Events as they come, as text: nothing that a stranger wrote is ever markup here. While it is paused, rows are left where they
 * are; what came meanwhile is in the list of events.
 */
const MOST_ROWS = 200;

const live = document.querySelector('[data-live]');
const rows = live.querySelector('tbody');
const state = live.querySelector('[data-state]');
const pause = live.querySelector('[data-pause]');
let isPaused = false;
let missed = 0;
let shown = 0;
let source;

pause.hidden = false;
pause.addEventListener('click', () => {
  isPaused = !isPaused;
  pause.setAttribute('aria-pressed', String(isPaused));
  pause.textContent = isPaused ? 'Go on' : 'Pause';
  if (!isPaused) missed = 0;
  say();
});
// A page that nobody looks at asks for nothing.
document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
open();

function open() {
  if (source !== undefined) return;
  source = new EventSource(live.dataset.live);
  source.addEventListener('open', say);
  source.addEventListener('events', ({ data }) => take(JSON.parse(data)));
  source.addEventListener('full', () => {
    close();
    state.textContent = 'Too many pages like this are open. Close some, and load this one anew.';
  });
  source.addEventListener('error', () => {
    // The server ends each after a while, and the browser comes again by itself, unless it was refused.
    if (source?.readyState !== EventSource.CLOSED) return;
    close();
    state.textContent = 'It has ended: you may have to sign in again. Load the page anew.';
  });
}

function close() {
  source?.close();
  source = undefined;
}

function take({ events, skipped }) {
  if (isPaused) missed += events.length + skipped;
  else {
    for (const event of events) rows.prepend(rowOf(event));
    if (skipped > 0) rows.prepend(note(`${skipped} more came within a second, and are left out here`));
    while (rows.children.length > MOST_ROWS) rows.lastElementChild.remove();
    shown += events.length;
  }
  say();
}

function say() {
  state.textContent = isPaused
    ? `Paused. ${missed} came meanwhile.`
    : `Waiting for events. ${shown} came so far.`;
}

function rowOf({ time, level, event, who, request, details, id }) {
  const row = document.createElement('tr');
  const badge = document.createElement('span');
  badge.className = `badge ${level === 'critical' || level === 'warn' ? level : 'info'}`;
  badge.textContent = level;
  const name = document.createElement('b');
  name.textContent = event;
  row.append(
    cell('Time (UTC)', time),
    cell('Level', badge),
    cell('Event', name),
    cell('Who', who),
    cell('Request', id === undefined ? request : linkTo(id, request)),
    cell('Details', details),
  );
  return row;
}

function linkTo(id, text) {
  const link = document.createElement('a');
  link.href = `${live.dataset.story}?request=${encodeURIComponent(id)}`;
  link.textContent = text;
  return link;
}

function note(text) {
  const row = document.createElement('tr');
  const only = cell('', text);
  only.colSpan = 6;
  row.append(only);
  return row;
}

function cell(label, content) {
  const made = document.createElement('td');
  made.dataset.label = label;
  const inner = document.createElement('div');
  inner.append(content);
  made.append(inner);
  return made;
}
