/** The policy's `state`: one store, or one for what every request asks for and one for what must never be lost. */
import { BulwarkError } from '../core/errors.ts';
import { isPlainObject, refuseUnknown } from '../core/options.ts';
import type { Problems } from '../core/problems.ts';
import { checked } from '../stores/checked.ts';
import { joinStates } from '../stores/joined.ts';
import type { State } from '../stores/ports/state.ts';

/**
 * Reads it. It opens nothing: stores are handed in open.
 *
 * @param isWorker - whether other processes serve the same application
 * @returns undefined where the policy says nothing, or something that was refused
 */
export function readState(given: unknown, isWorker: boolean, problems: Problems): State | undefined {
  if (given === undefined) return undefined;
  if (!isInPlaces(given)) return readPlace('state', given, isWorker, problems);
  for (const key of Object.keys(given)) {
    if (!PLACES.includes(key)) refuseUnknown('state', key, PLACES, problems);
  }
  const shared = readPlace('state.shared', given['shared'], isWorker, problems);
  const records = readRecords(given['records'], isWorker, problems);
  return shared === undefined || records === undefined ? undefined : joinStates({ shared, records });
}

const PLACES: readonly string[] = ['shared', 'records'];

/** The line to write for each, and what processes lose that do not share it. */
const LINES = {
  state: {
    store: "state: sqlite('data/')",
    apart: 'keep its own sessions and count its own sign-ins',
  },
  'state.shared': {
    store: 'shared: await redis(client)',
    apart: 'keep its own sessions and count its own sign-ins',
  },
  'state.records': {
    store: 'records: await postgres(pool)',
    apart: 'keep second factors and accounts that the others do not know',
  },
} as const;

// A name of one of the places is enough: with the other one misspelt it is still no store.
function isInPlaces(given: unknown): given is Record<string, unknown> {
  return isPlainObject(given) && PLACES.some((key) => Object.hasOwn(given, key));
}

function readRecords(given: unknown, isWorker: boolean, problems: Problems): State | undefined {
  const option = 'state.records';
  const records = readPlace(option, given, isWorker, problems);
  if (records === undefined || records.factors !== undefined || records.accounts !== undefined)
    return records;
  problems.refuse(
    'ERR_BULWARK_INVALID_OPTION',
    option,
    'it keeps neither second factors nor accounts, which are all that is asked of it.',
    LINES[option].store,
  );
  return undefined;
}

function readPlace(
  option: keyof typeof LINES,
  given: unknown,
  isWorker: boolean,
  problems: Problems,
): State | undefined {
  const { store, apart } = LINES[option];
  if (!isStore(given)) {
    const reason = isPromise(given)
      ? 'it is the promise of a store, which has to be awaited.'
      : 'it must be a store.';
    problems.refuse('ERR_BULWARK_INVALID_OPTION', option, reason, store);
    return undefined;
  }
  if (given.reach === 'process' && isWorker) {
    const reason = `this is one of several processes, and each would ${apart}.`;
    problems.refuse('ERR_BULWARK_STATE_NOT_SHARED', option, reason, store);
  }
  try {
    return checked(given);
  } catch (error) {
    if (!(error instanceof BulwarkError)) throw error;
    problems.refuse('ERR_BULWARK_INVALID_OPTION', option, `it is no whole store: ${error.message}`, store);
    return undefined;
  }
}

function isStore(given: unknown): given is State {
  return typeof given === 'object' && given !== null && 'sessions' in given && 'counters' in given;
}

function isPromise(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'then' in given;
}
