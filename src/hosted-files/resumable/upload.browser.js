/**
 * Sends the files of a form one by one, each with a bar, by tus 1.0.0: `<form data-resumable="/uploads">` with a field for files. Several
 * can be dropped on the form; one that was not finished goes on where it is chosen again. Without this file the form works as it is.
 */
const WORDS = {
  wait: 'Waiting',
  sent: '{percent} % sent',
  check: 'Sent, being looked at',
  kept: 'Kept',
  cancelled: 'Cancelled',
  cancel: 'Cancel',
  again: 'Go on',
  gone: 'The line is down. What was sent is kept: go on when it is back.',
  refused: 'It was not taken.',
  offline: 'Waiting for the line',
  one: 'One file kept.',
  several: '{count} files kept.',
  unfinished: 'An upload was not finished. Choose the same file again, and it goes on from there.',
};
const TUS = { 'Tus-Resumable': '1.0.0' };
const PIECE = 4 * 1024 * 1024;
/** The server takes so many at most; breaks cost some too. */
const PIECES = 500;
const AT_ONCE = 2;
const PAUSES = [500, 1000, 2000, 4000, 8000, 8000];
const KEPT_FOR = 24 * 60 * 60_000;
const PLACE = 'bulwark-upload ';
const SUMMARY = 'bulwark-uploads-ended';

for (const form of document.querySelectorAll('form[data-resumable]')) {
  const field = form.querySelector('input[type="file"]');
  if (field !== null) takeOver(form, field);
}

function takeOver(form, field) {
  const words = { ...WORDS, ...JSON.parse(form.dataset.words ?? '{}') };
  const endpoint = form.dataset.resumable;
  const list = make('ul', 'upload-list');
  const said = make('p', 'upload-said');
  said.setAttribute('role', 'status');
  form.append(list, said);
  showSummary(form, words);
  if (placesOf(endpoint).length > 0) form.append(make('p', 'upload-hint', words.unfinished));
  for (const hint of form.querySelectorAll('[data-drop-hint]')) hint.hidden = false;

  const waiting = [];
  const ended = { kept: 0, problems: [] };
  let running = 0;

  form.addEventListener('submit', (event) => {
    if (field.files.length === 0) return;
    event.preventDefault();
    add([...field.files]);
    form.reset();
  });
  for (const name of ['dragenter', 'dragover'])
    form.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      form.dataset.dragged = '';
    });
  form.addEventListener('dragleave', (event) => {
    if (!form.contains(event.relatedTarget)) delete form.dataset.dragged;
  });
  form.addEventListener('drop', (event) => {
    event.preventDefault();
    delete form.dataset.dragged;
    add([...event.dataTransfer.files]);
  });

  function add(files) {
    form.querySelector('.upload-hint')?.remove();
    for (const file of files) waiting.push(rowFor(file));
    next();
  }

  function next() {
    while (running < AT_ONCE && waiting.length > 0) {
      running += 1;
      void bring(waiting.shift()).finally(() => {
        running -= 1;
        next();
      });
    }
    // What is kept stands in the list of the page, which the server writes.
    if (running === 0 && waiting.length === 0 && ended.kept > 0) {
      sessionStorage.setItem(SUMMARY, JSON.stringify(ended));
      location.reload();
    }
  }

  function rowFor(file) {
    const item = make('li', 'upload-row');
    const name = make('span', 'upload-name');
    name.append(make('bdi', '', file.name));
    const bar = make('progress', 'upload-bar');
    bar.max = Math.max(1, file.size);
    bar.value = 0;
    bar.setAttribute('aria-label', file.name);
    const state = make('span', 'upload-state', words.wait);
    const button = make('button', form.dataset.button ?? '', words.cancel);
    button.type = 'button';
    button.setAttribute('aria-label', `${words.cancel} ${file.name}`);
    item.append(name, bar, state, button);
    list.append(item);
    const row = { file, item, bar, state, button, url: undefined, call: undefined, cancelled: false };
    button.addEventListener('click', () => cancel(row));
    return row;
  }

  async function bring(row) {
    try {
      await send(row);
      end(row, words.kept);
      ended.kept += 1;
    } catch (error) {
      // Before the page goes: what is not ended takes room until its own end.
      if (row.cancelled) return await endThere(row);
      const text = error instanceof Refused ? error.message : words.gone;
      end(row, text, true);
      const problem = `${row.file.name}: ${text}`;
      ended.problems.push(problem);
      if (!(error instanceof Refused)) offerAgain(row, problem);
    }
  }

  async function send(row) {
    const { file } = row;
    const place = await placeOf(endpoint, file);
    const piece = Math.max(PIECE, Math.ceil(file.size / PIECES));
    let failures = 0;
    // Where it is; undefined: that has to be asked.
    let at;
    row.url = localStorage.getItem(place)?.split(' ')[1];
    while (at !== file.size) {
      if (row.cancelled) throw new Error('cancelled');
      const answer = await step(row, at, piece);
      if (answer.status === 201) row.url = answer.location;
      if (row.cancelled) throw new Error('cancelled');
      const offset = Number(answer.offset ?? Number.NaN);
      if (answer.status === 201) {
        localStorage.setItem(place, `${Date.now() + KEPT_FOR} ${row.url}`);
        at = 0;
      } else if (answer.status >= 200 && answer.status < 300 && offset <= file.size) {
        if (offset > (at ?? -1)) failures = 0;
        at = offset;
        show(row, at);
      } else if (row.url !== undefined && (answer.status === 404 || answer.status === 410)) {
        // Ended meanwhile, or of somebody else who uses this browser: anew.
        localStorage.removeItem(place);
        row.url = undefined;
        at = undefined;
        failures += 1;
      } else if (answer.status >= 400 && answer.status < 500 && ![409, 423, 429].includes(answer.status)) {
        if (answer.status !== 401) localStorage.removeItem(place);
        throw new Refused(answer.detail ?? words.refused);
      } else {
        at = undefined;
        failures += 1;
        row.state.textContent = words.offline;
        await pause(PAUSES[failures - 1]);
      }
      if (failures > PAUSES.length) throw new Error('gone');
    }
    localStorage.removeItem(place);
  }

  /** The next request: where it is, that it begins, or what comes next of it. */
  function step(row, at, piece) {
    const { file, url } = row;
    if (url === undefined) {
      const headers = { ...TUS, 'Upload-Length': String(file.size), 'Upload-Metadata': metadataOf(file) };
      return ask(row, 'POST', endpoint, headers);
    }
    if (at === undefined) return ask(row, 'HEAD', url, TUS);
    const headers = {
      ...TUS,
      'Upload-Offset': String(at),
      'Content-Type': 'application/offset+octet-stream',
    };
    return ask(row, 'PATCH', url, headers, file.slice(at, at + piece), (sent) => show(row, at + sent));
  }

  function show(row, sent) {
    const percent = String(Math.floor((100 * sent) / row.bar.max));
    row.bar.value = sent;
    row.state.textContent = sent < row.file.size ? words.sent.replace('{percent}', percent) : words.check;
  }

  function end(row, text, isProblem = false) {
    row.state.textContent = text;
    row.item.dataset.state = isProblem ? 'problem' : 'ended';
    said.textContent = `${row.file.name}: ${text}`;
    if (document.activeElement === row.button) {
      row.item.tabIndex = -1;
      row.item.focus();
    }
    row.button.remove();
    if (isProblem) row.bar.remove();
  }

  function cancel(row) {
    row.cancelled = true;
    // Of one that begins right now the address is awaited: it would take room until its end.
    if (row.url !== undefined) row.call?.abort();
    const at = waiting.indexOf(row);
    if (at >= 0) waiting.splice(at, 1);
    row.bar.remove();
    end(row, words.cancelled);
  }

  /** The server may be writing down still what came last. */
  async function endThere(row) {
    localStorage.removeItem(await placeOf(endpoint, row.file));
    for (const wait of PAUSES) {
      if (row.url === undefined) return;
      const { status } = await ask({}, 'DELETE', row.url, TUS);
      // Too late: it is a file by now, and its owner is to see it.
      if (status === 404 && (await ask({}, 'HEAD', row.url, TUS)).status === 200) ended.kept += 1;
      if (status !== 423 && status !== 0) return;
      await pause(wait);
    }
  }

  function offerAgain(row, problem) {
    const button = make('button', form.dataset.button ?? '', words.again);
    button.type = 'button';
    button.setAttribute('aria-label', `${words.again} ${row.file.name}`);
    row.item.append(button);
    button.addEventListener('click', () => {
      row.item.remove();
      ended.problems.splice(ended.problems.indexOf(problem), 1);
      add([row.file]);
    });
  }
}

/** What the server does not take, in its words. */
class Refused extends Error {}

function ask(row, method, url, headers, body, onProgress) {
  return new Promise((resolve) => {
    const call = new XMLHttpRequest();
    row.call = call;
    call.open(method, url);
    for (const [name, value] of Object.entries(headers)) call.setRequestHeader(name, value);
    call.setRequestHeader('Accept', 'application/json');
    if (onProgress !== undefined)
      call.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
    call.addEventListener('loadend', () =>
      resolve({
        status: call.status,
        offset: call.getResponseHeader('Upload-Offset') ?? undefined,
        location: call.getResponseHeader('Location') ?? undefined,
        detail: detailOf(call),
      }),
    );
    call.send(body);
  });
}

function detailOf({ responseText, status }) {
  try {
    return status >= 400 ? JSON.parse(responseText).detail : undefined;
  } catch {
    // A page of the application, or of what stands before it.
    return undefined;
  }
}

function metadataOf({ name, type }) {
  return `filename ${base64(name)},filetype ${base64(type)}`;
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Where an upload of this file is noted. Names of files are nobody's who uses this browser next: only their digest is kept. */
async function placeOf(endpoint, { name, size, type, lastModified }) {
  const text = [endpoint, name, size, type, lastModified].join('\n');
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `${PLACE}${endpoint} ${hex.join('')}`;
}

/** What is noted of an endpoint; what is over is forgotten. */
function placesOf(endpoint) {
  const places = Object.keys(localStorage).filter((key) => key.startsWith(`${PLACE}${endpoint} `));
  const over = places.filter((key) => !(Number.parseInt(localStorage.getItem(key), 10) > Date.now()));
  for (const key of over) localStorage.removeItem(key);
  return places.filter((key) => !over.includes(key));
}

/** Says on the fresh page what became of the files. */
function showSummary(form, words) {
  const text = sessionStorage.getItem(SUMMARY);
  if (text === null) return;
  sessionStorage.removeItem(SUMMARY);
  const { kept, problems } = JSON.parse(text);
  const count = kept === 1 ? words.one : words.several.replace('{count}', String(kept));
  const notice = make('p', 'notice', count);
  notice.setAttribute('role', 'status');
  form.before(notice);
  if (problems.length === 0) return;
  const alert = make('div', 'errors');
  alert.setAttribute('role', 'alert');
  alert.tabIndex = -1;
  const list = make('ul', '');
  list.append(...problems.map((problem) => make('li', '', problem)));
  alert.append(list);
  form.before(alert);
  alert.focus();
}

function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    if (!navigator.onLine) return;
    addEventListener('online', resolve, { once: true });
  });
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}
