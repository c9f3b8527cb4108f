/** QR codes as images that a strict content security policy lets through: SVG in a data: URI, without styles. */
import { loadQr } from './optional-types.ts';

/** Modules of quiet zone around the code, without which cameras do not find it (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/**
 * A QR code for `<img src>`. Black on white in dark mode too, sharp at any size.
 *
 * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING where the package `qr` is not installed
 */
export async function qrCodeImage(text: string): Promise<string> {
  const { encodeQR } = await loadQr();
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET_ZONE });
  return `data:image/svg+xml;base64,${Buffer.from(toSvg(rows)).toString('base64')}`;
}

function toSvg(rows: readonly (readonly boolean[])[]): string {
  const size = rows.length;
  const path = rows.map(runsOf).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`
  );
}

/** One row as dark runs, each a rectangle of one module's height. */
function runsOf(row: readonly boolean[], y: number): string {
  let path = '';
  for (let x = 0; x < row.length; x += 1) {
    if (row[x] !== true) continue;
    const end = row.indexOf(false, x);
    const width = (end === -1 ? row.length : end) - x;
    path += `M${x} ${y}h${width}v1h-${width}z`;
    x += width;
  }
  return path;
}
