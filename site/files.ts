/** Files of a folder, as it was at the start: what is not in the list is not there, whatever a path looks like. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { NodeHandler } from 'bulwark/node';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};
/** The name of an asset has the hash of what is in it. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'public, max-age=300, must-revalidate';

/** Named, whole and in any case, and not refused by a weight of nothing. */
const TAKES_GZIP = /(?:^|,)[ \t]*gzip[ \t]*(?:;[ \t]*q=(?!0(?:\.0*)?[ \t]*(?:,|$))[\d.]+[ \t]*)?(?:,|$)/i;

interface ServedFile {
  readonly type: string;
  readonly cache: string;
  readonly tag: string;
  readonly plain: Buffer;
  /** Where it is worth it. Nothing here is secret, so that its length tells nothing. */
  readonly packed: () => Buffer | undefined;
}

/** A handler that answers with the files of a folder. All of them are held in memory: some 20 MB. */
export function serveFiles(folder: string): NodeHandler {
  const files = readFiles(folder);
  return (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const file = files.get(path);
    if (file === undefined && files.has(`${path}/`))
      return response.writeHead(308, { Location: `${path}/` }).end();
    if (file === undefined)
      return response
        .writeHead(404, { 'Content-Type': 'text/html; charset=utf-8' })
        .end(files.get('/404.html')?.plain);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    const packed = TAKES_GZIP.test(request.headers['accept-encoding'] ?? '') ? file.packed() : undefined;
    response.setHeader('Cache-Control', file.cache);
    response.setHeader('ETag', packed === undefined ? `"${file.tag}"` : `"${file.tag}-gzip"`);
    response.setHeader('Vary', 'Accept-Encoding');
    if (request.headers['if-none-match'] === response.getHeader('ETag')) return response.writeHead(304).end();
    response.setHeader('Content-Type', file.type);
    if (packed !== undefined) response.setHeader('Content-Encoding', 'gzip');
    const body = packed ?? file.plain;
    response.setHeader('Content-Length', body.byteLength);
    return response.end(request.method === 'HEAD' ? undefined : body);
  };
}

function readFiles(folder: string): ReadonlyMap<string, ServedFile> {
  const files = new Map<string, ServedFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const type = TYPES[extname(entry.name)];
    if (type === undefined) continue;
    const path = encodeURI(file.slice(folder.length).split(sep).join('/'));
    const served = fileOf(readFileSync(file), type, path.startsWith('/assets/') ? FOR_EVER : ASK_AGAIN);
    files.set(path, served);
    if (path.endsWith('/index.html')) files.set(path.slice(0, -'index.html'.length), served);
  }
  return files;
}

function fileOf(plain: Buffer, type: string, cache: string): ServedFile {
  const tag = createHash('sha256').update(plain).digest('base64url').slice(0, 16);
  let packed: Buffer | undefined;
  const isText = type !== 'image/png' && plain.byteLength > 1000;
  return { type, cache, tag, plain, packed: () => (isText ? (packed ??= gzipSync(plain)) : undefined) };
}
