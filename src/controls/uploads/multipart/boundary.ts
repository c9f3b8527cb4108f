import { MultipartFault } from './multipart-fault.ts';

/**
 * The boundary of a form, out of its Content-Type: once, since readers take the first of two, or the last, and some know no type
 * but a lower-case one. Beside it there may be the charset that all of them read forms in: Apache HttpClient writes it.
 *
 * @param type - the header line
 * @throws MultipartFault `boundary`
 */
export function boundaryOf(type: string): string {
  const match = MULTIPART.exec(type);
  if (match === null) throw new MultipartFault('boundary');
  return match[1] ?? match[2] ?? '';
}

// Characters that need no quotes in any reader, up to the 70 of RFC 2046.
const MULTIPART =
  /^multipart\/form-data(?:; ?charset=utf-8)?; ?boundary=(?:([\w'+.-]{1,70})|"([\w'+.-]{1,70})")(?:; ?charset=utf-8)?$/i;
