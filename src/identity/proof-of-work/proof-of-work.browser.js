/**
 * Proof of work in the browser: for pages under the strictest content security policy, without a library. It begins by
 * itself, works in short turns so that the page stays usable, and asks nothing of people:
 *
 *   <form method="post" data-proof-of-work="...the challenge..." data-proof-of-work-bits="13" data-proof-of-work-puzzles="32">
 *     <input type="hidden" name="proof" />
 *     <p role="status" data-proof-of-work-status></p>
 *     <p data-proof-of-work-without>Without script, this form is taken in half a minute.</p>
 *     <button>Sign in</button>
 *   </form>
 *
 * `data-proof-of-work-sending`, `-progress` (in which `{percent}` is put in), `-done` and `-failed` replace what the status
 * says. A form that is sent before the work is done waits, and goes by itself then. No worker: that would be a second address
 * for every policy to name. The hash is our own: `crypto.subtle` makes a promise for each.
 */

/** Milliseconds of one turn: under a frame, so that typing is not felt to hang. */
const TURN_MS = 10;
/** Tries between two looks at the clock. */
const TRIES = 500;

/** The first 32 bits of the fractional parts of the roots of the first primes (FIPS 180-4, 4.2.2 and 5.3.3). */
const PRIMES = primes(64);
const ROUND = Uint32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Uint32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const schedule = new Uint32Array(64);

if (typeof document !== 'undefined') {
  for (const form of document.querySelectorAll('form[data-proof-of-work]')) void start(form);
}

async function start(form) {
  const { proofOfWork, proofOfWorkBits, proofOfWorkPuzzles } = form.dataset;
  const {
    proofOfWorkSending = 'Sending as soon as this browser is checked.',
    proofOfWorkProgress = 'Checking this browser: {percent}.',
    proofOfWorkDone = 'This browser is checked.',
    proofOfWorkFailed = 'This browser could not be checked.',
  } = form.dataset;
  const percent = new Intl.NumberFormat(document.documentElement.lang || 'en', { style: 'percent' });
  let waiting;
  let done = false;
  const without = form.querySelector('[data-proof-of-work-without]');
  if (without !== null) without.hidden = true;
  form.addEventListener('submit', (event) => {
    if (done) return;
    event.preventDefault();
    waiting = { by: event.submitter };
    say(form, proofOfWorkSending);
  });
  const puzzles = Number(proofOfWorkPuzzles);
  let told = 0;
  try {
    const proof = await solve(proofOfWork, Number(proofOfWorkBits), puzzles, (solved) => {
      // By quarters: a screen reader reads each aloud.
      const quarter = Math.floor((4 * solved) / puzzles);
      if (quarter === told || waiting !== undefined) return;
      told = quarter;
      say(form, proofOfWorkProgress.replace('{percent}', percent.format(quarter / 4)));
    });
    form.elements.namedItem('proof').value = proof;
    say(form, proofOfWorkDone);
  } catch {
    // The server says what becomes of a form without an answer; nobody is held here for good.
    say(form, `${proofOfWorkFailed} ${without?.textContent ?? ''}`.trim());
  }
  done = true;
  if (waiting !== undefined) form.requestSubmit(waiting.by);
}

function say(form, text) {
  const status = form.querySelector('[data-proof-of-work-status]');
  if (status !== null) status.textContent = text;
}

/** Solves a challenge: for each puzzle a nonce, four bytes each, base64url. `onSolved` is told how many are done. */
export async function solve(challenge, bits, puzzles, onSolved = () => undefined) {
  const seed = sha256(new TextEncoder().encode(challenge));
  const block = new Uint32Array(16);
  block.set(seed);
  // The padding of a message of 40 bytes.
  block[10] = 0x80000000;
  block[15] = 320;
  const state = new Uint32Array(8);
  let text = '';
  let turnEnds = performance.now() + TURN_MS;
  for (let puzzle = 0; puzzle < puzzles; puzzle += 1) {
    block[8] = puzzle;
    block[9] = 0;
    for (;;) {
      state.set(START);
      compress(state, block);
      if (Math.clz32(state[0]) >= bits) break;
      block[9] += 1;
      if (block[9] % TRIES === 0 && performance.now() > turnEnds) {
        await nextTurn();
        turnEnds = performance.now() + TURN_MS;
      }
    }
    const nonce = block[9];
    text += String.fromCharCode(nonce >>> 24, (nonce >>> 16) & 255, (nonce >>> 8) & 255, nonce & 255);
    onSolved(puzzle + 1);
  }
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Behind all that waits: input, painting. Timers would be held to 4 ms each. */
function nextTurn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const arrived = () => {
      port1.close();
      resolve();
    };
    port1.addEventListener('message', arrived, { once: true });
    port1.start();
    port2.postMessage(undefined);
  });
}

/** SHA-256 (FIPS 180-4) of bytes, as eight words. */
export function sha256(bytes) {
  const padded = new Uint8Array(((bytes.length + 72) >> 6) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length << 3);
  const state = Uint32Array.from(START);
  const block = new Uint32Array(16);
  for (let at = 0; at < padded.length; at += 64) {
    for (let word = 0; word < 16; word += 1) block[word] = view.getUint32(at + 4 * word);
    compress(state, block);
  }
  return state;
}

function fraction(root) {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

function primes(count) {
  const found = [];
  for (let number = 2; found.length < count; number += 1) {
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  }
  return found;
}

function compress(state, block) {
  for (let at = 0; at < 16; at += 1) schedule[at] = block[at];
  for (let at = 16; at < 64; at += 1) {
    const early = schedule[at - 15];
    const late = schedule[at - 2];
    const s0 = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const s1 = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    schedule[at] = (schedule[at - 16] + s0 + schedule[at - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let at = 0; at < 64; at += 1) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[at] + schedule[at]) | 0;
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

function turn(word, bits) {
  return (word >>> bits) | (word << (32 - bits));
}
