import type { Refusal } from '../core/verdict.ts';

/**
 * What to answer where Node's parser gave up, by the code of its error. Undefined: the client is gone, or never spoke
 * HTTP; there is nobody to answer.
 *
 * @param inBody - whether it was in the middle of a body: whoever ends there has called an upload off, which people do
 */
export function refusalOfParserError(code: string | undefined, inBody: boolean): Refusal | undefined {
  if (code === 'HPE_INVALID_EOF_STATE' && inBody) return undefined;
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return undefined;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: 408,
        type: 'request-timeout',
        detail: 'The request took too long to arrive.',
        event: 'malicious_slow_client',
        close: true,
      };
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        type: 'headers-too-large',
        detail: 'The headers of the request are too large.',
        event: 'malicious_extraneous',
        evidence: { code },
        close: true,
      };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return {
        status: 413,
        type: 'body-too-large',
        detail: 'The request body has too much in its chunk extensions.',
        event: 'malicious_extraneous',
        evidence: { code },
        close: true,
      };
    case undefined:
    default:
      return {
        status: 400,
        type: 'bad-request',
        detail: 'This is not a well-formed HTTP request.',
        event: 'input_validation_fail',
        evidence: { code },
        close: true,
      };
  }
}
