import { MultipartFault } from './multipart-fault.ts';

/**
 * The boundary of a form, out of its Content-Type: one parameter and no other, since readers take the first of two, or the
 * last, and some know no type but a lower-case one.
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
const MULTIPART = /^multipart\/form-data; ?boundary=(?:([\w'+.-]{1,70})|"([\w'+.-]{1,70})")$/i;
