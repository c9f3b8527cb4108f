/** What strangers choose: parts of a request, by framework, and the address of a page. */

const EXPRESS =
  'query|body|params|headers|cookies|url|originalUrl|path|hostname|host|rawBody|raw\\.url|get\\(\\)|header\\(\\)|param\\(\\)|accepts\\(\\)|json\\(\\)|text\\(\\)|formData\\(\\)|nextUrl\\.searchParams';
const PATTERNS: readonly RegExp[] = [
  new RegExp(`^@_?(?:req|request|ctx\\.request|context\\.request|c\\.request)\\.(?<part>${EXPRESS})$`),
  // Hono. What a validator let through was asked for by a schema.
  /^@(?:c|ctx|context)\.req\.(?<part>query\(\)|queries\(\)|param\(\)|header\(\)|json\(\)|text\(\)|parseBody\(\)|formData\(\)|url|path|body)$/,
  // Koa.
  /^@(?:ctx|context)\.(?<part>query|params|headers|header|url|path|originalUrl|host|hostname|get\(\)|cookies\.get\(\))$/,
  // Pages.
  /^(?:window\.|document\.|self\.)?(?<part>location(?:\.(?:search|hash|href))?|document\.(?:URL|referrer|documentURI))$/,
];
/** The name that a file was sent with. Where it lies was chosen by the server. */
const UPLOAD =
  /^@(?:(?:req|request)\.(?:file|files(?:\[\]|\.\w+)*)\.(?<sent>originalname|originalFilename|name)|(?:file|upload|part)\.(?<part>originalname|originalFilename))$/;

/** What of a request a path is; undefined where it is none. Entries of these are input as they are. */
export function inputOf(path: string): string | undefined {
  for (const pattern of PATTERNS) {
    const part = pattern.exec(path)?.groups?.['part'];
    if (part === undefined) continue;
    if (path.includes('location') || part.startsWith('document')) return part;
    return `request.${part}`;
  }
  const upload = UPLOAD.exec(path)?.groups;
  const name = upload?.['sent'] ?? upload?.['part'];
  return name === undefined ? undefined : `the name of an uploaded file (${name})`;
}

/** Words without which a file has no input of its own. */
export const INPUT_WORDS =
  '\\breq(?:uest)?\\.(?:query|body|params|headers|cookies|files?|url|originalUrl|get\\(|nextUrl)|\\w\\.(?:query|body|params|originalUrl|req)\\b|\\bctx\\.(?:query|params|request|req)|\\bc(?:ontext)?\\.req\\.|\\{\\s*(?:query|body|params|headers)\\b|\\boriginal(?:n|Filen)ame\\b|\\blocation\\.|document\\.(?:URL|referrer)';
