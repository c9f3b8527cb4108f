/** What a browser sends of a passkey, read strictly: shapes and sizes first, so that nothing else reaches a parser. */
import { parseJson } from '../../core/parse-json.ts';

/** The part that both ceremonies have. Texts are base64url. */
interface ResponseBase {
  readonly id: string;
  /** Of the client data, which is the browser's own word and not the page's. */
  readonly client: ClientData;
  readonly clientDataJSON: string;
}

/** A passkey that was just made. */
export interface RegistrationResponse extends ResponseBase {
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

/** A passkey that was just used. */
export interface AssertionResponse extends ResponseBase {
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle: string | undefined;
}

/** What the browser says of the page that asked. */
export interface ClientData {
  readonly type: string;
  readonly challenge: string;
  readonly origin: string;
  /** The page was a frame within another site's. */
  readonly crossOrigin: boolean;
}

// Credential ids have at most 1023 bytes (WebAuthn 5.8.3 and 6.1), user handles 64.
const MAX_ID = 1364;
const MAX_HANDLE = 86;
const MAX_CLIENT_DATA = 8192;
const MAX_SIGNED = 16_384;
const MAX_TRANSPORTS = 8;

/** A response to `navigator.credentials.create()`, as `toJSON()` gives it. Undefined where it is none. */
export function readRegistration(value: unknown): RegistrationResponse | undefined {
  const base = readBase(value);
  if (base === undefined) return undefined;
  const attestationObject = base64url(base.response, 'attestationObject', MAX_SIGNED);
  if (attestationObject === undefined) return undefined;
  return { ...base.common, attestationObject, transports: readTransports(base.response['transports']) };
}

/** A response to `navigator.credentials.get()`, as `toJSON()` gives it. Undefined where it is none. */
export function readAssertion(value: unknown): AssertionResponse | undefined {
  const base = readBase(value);
  if (base === undefined) return undefined;
  const { common, response } = base;
  const authenticatorData = base64url(response, 'authenticatorData', MAX_SIGNED);
  const signature = base64url(response, 'signature', MAX_SIGNED);
  const userHandle = base64url(response, 'userHandle', MAX_HANDLE);
  // Absent, null and empty are one; anything else that cannot be read is no answer of a browser.
  const hasNone = response['userHandle'] === undefined || response['userHandle'] === null;
  if (authenticatorData === undefined || signature === undefined) return undefined;
  if (userHandle === undefined && !hasNone && response['userHandle'] !== '') return undefined;
  return { ...common, authenticatorData, signature, userHandle };
}

type Json = Readonly<Record<string, unknown>>;

function readBase(value: unknown): { common: ResponseBase; response: Json } | undefined {
  if (!isObject(value) || value['type'] !== 'public-key') return undefined;
  const { response } = value;
  if (!isObject(response)) return undefined;
  const id = base64url(value, 'id', MAX_ID);
  const clientDataJSON = base64url(response, 'clientDataJSON', MAX_CLIENT_DATA);
  if (id === undefined || clientDataJSON === undefined || value['rawId'] !== id) return undefined;
  const client = readClientData(clientDataJSON);
  return client === undefined ? undefined : { common: { id, client, clientDataJSON }, response };
}

function readClientData(base64: string): ClientData | undefined {
  let data: unknown;
  try {
    data = parseJson(Buffer.from(base64, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isObject(data)) return undefined;
  const { type, challenge, origin, crossOrigin, topOrigin } = data;
  if (typeof type !== 'string' || typeof challenge !== 'string' || typeof origin !== 'string')
    return undefined;
  // A `topOrigin` is only there in a frame within another site's page (WebAuthn 5.8.1).
  return { type, challenge, origin, crossOrigin: crossOrigin === true || topOrigin !== undefined };
}

function readTransports(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  const known = value.filter((one): one is string => typeof one === 'string' && /^[a-z-]{1,20}$/.test(one));
  return [...new Set(known)].slice(0, MAX_TRANSPORTS);
}

function base64url(object: Json, key: string, longest: number): string | undefined {
  const text = object[key];
  if (typeof text !== 'string' || text.length > longest || !/^[\w-]+$/.test(text)) return undefined;
  // One spelling for each value: of two, one could pass for a passkey that is not registered yet.
  return Buffer.from(text, 'base64url').toString('base64url') === text ? text : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
