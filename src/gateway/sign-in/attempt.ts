/** What a request tries: on which accounts, whatever the form is called. */
import { foldAccountName } from '../../controls/rate-limit/account-name.ts';
import type { Exchange } from '../../core/exchange.ts';
import { MOST_FORM_BYTES } from '../../core/small-body.ts';
import { isAccountName, isPasswordName } from './field-names.ts';
import { type Field, fieldOf, readFields, readForm } from './fields.ts';
import { foldPath, type KnownForm } from './form-book.ts';

/** One try to sign in. */
export interface Attempt {
  /** Undefined: it looks like one, and no page has shown its form. */
  readonly form: KnownForm | undefined;
  readonly path: string;
  /**
   * The accounts it names, each in its one form. Several where nobody knows which field counts: each is counted, so that a
   * further field hides none.
   */
  readonly accounts: readonly string[];
  /** Whether the gateway and the application may read two different accounts of it, or only the application can read it. */
  readonly isUnclear: boolean;
  /** Names of the fields that were taken for account and password: for whoever names the form in the policy. */
  readonly fields: readonly string[];
}

const LONGEST_NAME = 320;
const MOST_ACCOUNTS = 4;
const CARRIES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** Whether a request can be one at all. */
export function mayBeAttempt({ request, body, query }: Exchange): boolean {
  return (body.declared.present || query !== '') && CARRIES.has(request.method);
}

/**
 * Reads an attempt. Of a form that is known by its page or by the policy, what cannot be read is unclear; of any other
 * request it is none.
 *
 * @param looksFor - whether what merely looks like an attempt is one
 */
export async function readAttempt(
  exchange: Exchange,
  form: KnownForm | undefined,
  looksFor: boolean,
): Promise<Attempt | undefined> {
  if (form === undefined && !looksFor) return undefined;
  const known = { form, path: foldPath(exchange.path) };
  const sent = await readSent(exchange);
  if (sent === undefined)
    return form === undefined ? undefined : { ...known, accounts: [], isUnclear: true, fields: [] };
  // Some frameworks look there as well.
  const fields = exchange.query === '' ? sent : [...sent, ...readForm(exchange.query)];
  const passwords = fields.filter(({ name }) => name === form?.password || isPasswordName(name));
  // Another form of the same address: a search, a sign-out.
  if (passwords.length === 0) return undefined;
  const names = accountFields(fields, form);
  if (names.length === 0 && form === undefined) return undefined;
  const read = names.map((name) => readName(fields, name));
  const accounts = read.filter((name) => name !== undefined);
  const isUnclear = accounts.length < read.length || names.length > MOST_ACCOUNTS;
  return {
    ...known,
    accounts: [...new Set(accounts)].slice(0, MOST_ACCOUNTS),
    isUnclear,
    fields: [...names.slice(0, MOST_ACCOUNTS), passwords[0]?.name ?? ''],
  };
}

/** Undefined: there is a body, and nobody can say what is in it. */
async function readSent({ body }: Exchange): Promise<readonly Field[] | undefined> {
  const { present, type, codings } = body.declared;
  if (!present) return [];
  if (type === undefined || codings.length > 0) return undefined;
  const bytes = await body.peek(MOST_FORM_BYTES);
  return bytes === undefined ? undefined : readFields(type, bytes);
}

/** The policy's word counts alone. A page shows what browsers send, and the application may look at more. */
function accountFields(fields: readonly Field[], form: KnownForm | undefined): readonly string[] {
  const named = form?.account;
  const isThere = named !== undefined && fieldOf(fields, named) !== 'absent';
  const own = isThere ? [named] : [];
  if (form?.by === 'policy') return own;
  const others = fields.map(({ name }) => name).filter((name) => name !== named && isAccountName(name));
  return [...new Set([...own, ...others])];
}

function readName(fields: readonly Field[], field: string): string | undefined {
  const found = fieldOf(fields, field);
  if (typeof found === 'string' || found.value.length > LONGEST_NAME) return undefined;
  return foldAccountName(found.value);
}
