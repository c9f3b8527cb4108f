/** Bodies in JSON, judged before anybody parses them: what readers take otherwise than each other is refused. */
import { promisify } from 'node:util';
import { type Body, type DeclaredBody } from '../../core/body.ts';
import { eventOf } from '../../core/events.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { cutForLog } from '../../core/log-text.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { showSize } from '../../core/readers.ts';
import { type Slot, slot } from '../../core/slot.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import { isJsonType, isReadAlike } from './json-type.ts';
import type { DocumentGuard } from './openapi-guard.ts';
import { type JsonFault, type JsonLimits, readStrictJson } from './strict-json.ts';
import { VALIDATION_EVENTS, VALIDATION_PROBLEMS } from './validation.events.ts';
import type { ValidationSettings } from './validation.options.ts';

/**
 * The guard. Last over the request: whoever may not ask has nothing parsed. Afterwards the body is whole for whichever parser
 * the application has.
 */
export function validationGuard(settings: ValidationSettings): Guard {
  const { depth, entries } = settings;
  // Which numbers a reader keeps is a matter of its language: Python has no largest one.
  const limits: JsonLimits = { depth, entries, bigIntegers: 'text' };
  const { openapi } = settings;
  return {
    name: 'validation',
    mode: settings.mode,
    onRequest(exchange) {
      const { body, rules } = exchange;
      const { declared } = body;
      // A parser that stands before the layer has read it: that is told elsewhere.
      const isJudged = declared.present && isJson(declared.type) && rules.anyJson !== true && !body.begun;
      const verdict = isJudged ? judge(exchange, body, limits, settings.size) : undefined;
      return openapi === undefined ? verdict : judgeByDocument(openapi, exchange, verdict, settings.size);
    },
  };
}

/** What its bytes are is judged first. */
async function judgeByDocument(
  document: DocumentGuard,
  exchange: Exchange,
  verdict: Verdict | Promise<Verdict>,
  most: number,
): Promise<Verdict> {
  const form = async (): Promise<string | undefined> => (await exchange.body.peek(most))?.toString();
  return (await verdict) ?? (await document.judge(exchange, exchange.get(JSON_BODY), form));
}

/** What a body in JSON was read as, for a schema. Whole numbers past 2^53 are the text that was sent. */
export const JSON_BODY: Slot<{ readonly value: unknown }> = slot();

/** Any type that readers take for JSON (RFC 6839), with whatever parameters: less of them passes for something else. */
export function isJson(type: string | undefined): boolean {
  return type !== undefined && isJsonType(type);
}

async function judge(exchange: Exchange, body: Body, limits: JsonLimits, most: number): Promise<Verdict> {
  const { length } = body.declared;
  if (length !== undefined && length > most) return tooLarge(most);
  const sent = await body.peek(most);
  if (sent === undefined) return exchange.signal.aborted ? undefined : tooLarge(most);
  const bytes = await unfolded(sent, body.declared, most);
  if (bytes === 'too-large') return tooLarge(most);
  if (bytes === undefined || !isReadAlike(body.declared.type ?? '', bytes)) return refusal('encoding', '');
  const reading = readStrictJson(bytes, limits);
  if (!reading.ok) return refusal(reading.fault, reading.at);
  exchange.set(JSON_BODY, reading);
  return undefined;
}

/** Where the policy takes compressed bodies: what readers will see. */
async function unfolded(
  bytes: Buffer,
  { codings: [coding, ...more] }: DeclaredBody,
  maxOutputLength: number,
): Promise<Buffer | 'too-large' | undefined> {
  if (coding === undefined) return bytes;
  // Loaded where one comes: hardly any layer takes them. By a name that anybody sends: no object, whose prototype has names too.
  const { brotliDecompress, gunzip, inflate } = await import('node:zlib');
  const unfold = new Map<string, typeof gunzip>([
    ['gzip', gunzip],
    ['deflate', inflate],
    ['br', brotliDecompress],
  ]).get(coding);
  if (unfold === undefined || more.length > 0) return undefined;
  try {
    return await promisify(unfold)(bytes, { maxOutputLength });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : undefined;
  }
}

function tooLarge(limit: number): Refusal {
  return {
    ...PROBLEMS.bodyTooLarge,
    detail: `This is larger than the ${showSize(limit)} of JSON that are taken here.`,
    event: eventOf(VALIDATION_EVENTS.ambiguous, { fault: 'size' }),
    close: true,
  };
}

/** Said to whoever sent it: what is wrong with it, and where, in words that have nothing of its values. */
const WORDS: Readonly<Record<JsonFault, string>> = {
  encoding: 'It is not in UTF-8, says that it is not, or is not compressed as it says.',
  syntax: 'It is not JSON (RFC 8259).',
  depth: 'Its objects and lists are too deep inside one another.',
  entries: 'It has too many members and entries.',
  duplicate: 'An object has one name twice.',
  'forbidden-name': 'A name in it is not taken: __proto__, constructor or prototype.',
  number: 'A number in it is too large.',
  surrogate: 'A text in it has half a character (an escape from \\ud800 to \\udfff that stands alone).',
  'escaped-name': 'A name in it has a quote, a backslash or a control character.',
};

function refusal(fault: JsonFault, at: string): Refusal {
  const where = at === '' ? '' : ` At ${cutForLog(at)}.`;
  return {
    ...VALIDATION_PROBLEMS.invalidJson,
    detail: `${WORDS[fault]}${where}`,
    event: eventOf(VALIDATION_EVENTS.ambiguous, { fault, ...(at !== '' && { at: cutForLog(at) }) }),
  };
}
