import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key and a certificate for a name or an address, made now: a key in the repository would be somebody's one day. */
export function makeCertificate(
  name = 'localhost',
  kind: 'ec' | 'rsa' = 'ec',
  furtherNames: readonly string[] = [],
): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    const keyKind =
      kind === 'rsa'
        ? ['-newkey', 'rsa:2048']
        : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    const output = ['-keyout', key, '-out', cert, '-days', '2', '-nodes', '-subj', `/CN=${name}`];
    const listed = [name, ...furtherNames].map((one) => `${isIP(one) === 0 ? 'DNS' : 'IP'}:${one}`);
    const names = ['-addext', `subjectAltName=${listed.join(',')}`];
    execFileSync('openssl', ['req', '-x509', ...keyKind, ...output, ...names], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
