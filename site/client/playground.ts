/** The playground: what is typed is tried, a moment after the last key. */
import { EXAMPLES } from './examples.ts';
import { part } from './part.ts';
import type { PlacedProblem, Tried } from './try-policy.ts';
import { tryPolicy } from './try-policy.ts';

const A_MOMENT_MS = 150;

const policy = part(HTMLTextAreaElement, '#policy');
const example = part(HTMLSelectElement, '#example');
const method = part(HTMLSelectElement, '#method');
const target = part(HTMLInputElement, '#target');
const who = part(HTMLSelectElement, '#who');
const roles = part(HTMLInputElement, '#roles');
const headers = part(HTMLTextAreaElement, '#headers');
const outcome = part(HTMLElement, '[data-outcome]');
const summary = part(HTMLElement, '[data-summary]');
const faults = part(HTMLElement, '[data-faults]');
const answer = part(HTMLElement, '[data-answer]');
const verdict = part(HTMLElement, '[data-verdict]');
const headerLines = part(HTMLElement, '[data-headers]');
const events = part(HTMLElement, '[data-events]');

let timer: number | undefined;
let asked = 0;

document.querySelector('form')?.addEventListener('submit', (event) => event.preventDefault());
for (const one of [policy, method, target, who, roles, headers]) one.addEventListener('input', soon);
example.addEventListener('input', () => {
  policy.value = EXAMPLES[example.selectedIndex]?.policy ?? '';
  soon();
});
await now();

function soon(): void {
  window.clearTimeout(timer);
  outcome.setAttribute('aria-busy', 'true');
  timer = window.setTimeout(() => void now(), A_MOMENT_MS);
}

async function now(): Promise<void> {
  const turn = (asked += 1);
  const tried = await attempt();
  // Another key was pressed meanwhile.
  if (turn !== asked) return;
  show(tried);
  outcome.setAttribute('aria-busy', 'false');
}

async function attempt(): Promise<Tried> {
  const signedIn = who.value !== '';
  roles.disabled = !signedIn;
  const named = roles.value.split(',').map((role) => role.trim());
  try {
    return await tryPolicy(policy.value, {
      method: method.value,
      target: target.value,
      headers: headers.value,
      roles: signedIn ? named.filter((role) => role !== '') : undefined,
    });
  } catch (error) {
    const reason = `this page cannot try it: ${error instanceof Error ? error.message : String(error)}`;
    return { faults: [], warnings: [], text: { at: 0, line: 1, column: 1, reason } };
  }
}

function show({ text, faults: found, warnings, answer: given }: Tried): void {
  policy.setAttribute('aria-invalid', String(text !== undefined || found.length > 0));
  summary.textContent =
    text !== undefined
      ? 'It cannot be read'
      : found.length > 0
        ? `${found.length} ${found.length === 1 ? 'problem' : 'problems'}: no server would start`
        : 'The policy is good';
  faults.replaceChildren(
    ...(text === undefined ? [] : [textFault(text)]),
    ...found.map((one) => problemItem(one, '')),
    ...warnings.map((one) => problemItem(one, 'warning')),
  );
  answer.hidden = given === undefined;
  if (given === undefined) return;
  const passed = given.refused === undefined;
  verdict.className = `verdict ${passed ? 'passed' : 'refused'}`;
  verdict.textContent = passed
    ? 'The application is asked. Of a page that it answers with, this leaves:'
    : `${given.status}: ${given.refused}`;
  headerLines.replaceChildren(
    ...given.headers.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  );
  const told = given.events.length === 0 ? ['Nothing.'] : given.events;
  events.replaceChildren(...told.map((line) => element('li', line)));
}

function textFault({ at, line, column, reason }: NonNullable<Tried['text']>): HTMLElement {
  const item = element('li', '');
  item.append(placeButton(at, `Line ${line}, column ${column}`), `: ${reason}.`);
  return item;
}

function problemItem({ code, option, reason, fix, at }: PlacedProblem, kind: string): HTMLElement {
  const item = element('li', '');
  item.className = kind;
  const help = element('a', code);
  (help as HTMLAnchorElement).href = `/errors.html#${code.toLowerCase()}`;
  const line = policy.value.slice(0, at).split('\n').length;
  item.append(
    element('code', option),
    at === undefined ? '' : ' ',
    at === undefined ? '' : placeButton(at, `Line ${line}`),
    element('p', reason),
    element('pre', fix),
    help,
  );
  return item;
}

/** Leads to the place in the text. */
function placeButton(at: number, name: string): HTMLElement {
  const button = element('button', name) as HTMLButtonElement;
  button.type = 'button';
  button.addEventListener('click', () => {
    const end = /^[^\n]*/.exec(policy.value.slice(at))?.[0].length ?? 0;
    policy.focus();
    policy.setSelectionRange(at, at + end);
  });
  return button;
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
