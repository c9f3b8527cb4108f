/** A certificate in files, as whoever renews it puts it there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from './certificate.ts';

/** The paths of a certificate and its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  /** Puts another one there. */
  renew(): void;
  remove(): void;
}

/** Makes a certificate for these names, in a folder of its own. */
export function certificateFiles(name: string, ...further: readonly string[]): CertificateFiles {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-certificate-'));
  const [cert, key] = [join(folder, 'site.pem'), join(folder, 'site.key')];
  const renew = (): void => {
    const made = makeCertificate(name, 'ec', further);
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.key, { mode: 0o600 });
  };
  renew();
  return { cert, key, renew, remove: () => rmSync(folder, { recursive: true }) };
}
