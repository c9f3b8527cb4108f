/** A certificate in files, which somebody else renews: looked at every two seconds, and taken once it fits. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { BulwarkError } from '../../core/errors.ts';
import type { TlsFilesOptions } from '../options/tls.options.ts';
import { type Certificate, readCertificate } from './certificate.ts';

/** What the files are looked at for. */
export interface CertificateFilesParts {
  readonly files: Readonly<TlsFilesOptions>;
  /** The host that visitors come to; undefined where none is named. */
  readonly host: string | undefined;
  /** Takes one that fits. */
  readonly take: (certificate: Certificate) => void;
  /** Tells the log of what does not, once. */
  readonly refuse: (reason: string) => void;
}

/**
 * The files. They are read and not watched: a certificate is put in place by a new link, a renamed folder or a mounted secret,
 * and a watch of Node.js follows none of the three.
 */
export class CertificateFiles {
  readonly #parts: CertificateFilesParts;
  #current: Certificate;
  /** What was read last, and whether it was told of: a key that is written after its certificate fits a moment later. */
  #seen: string;
  #isTold = false;
  #timer: NodeJS.Timeout | undefined;

  /** @throws BulwarkError ERR_BULWARK_CERTIFICATE where they cannot be used as they are */
  constructor(parts: CertificateFilesParts) {
    this.#parts = parts;
    const { cert, key } = parts.files;
    const read = { cert: readNow('cert', cert), key: readNow('key', key) };
    this.#current = readCertificate(read);
    this.#seen = read.cert + read.key;
    const reason = this.#flaw(this.#current);
    if (reason !== undefined) throw new BulwarkError('ERR_BULWARK_CERTIFICATE', `gateway.tls: ${reason}`);
    parts.take(this.#current);
  }

  /** The certificate that is in use. */
  get current(): Certificate {
    return this.#current;
  }

  /** Looks at them from now on. */
  watch(everyMs: number): void {
    this.#timer ??= setInterval(() => void this.look(), everyMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Looks once. What does not fit is told of where it is the same at the next look. */
  async look(): Promise<void> {
    const { cert, key } = this.#parts.files;
    let seen = '';
    try {
      const read = { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
      seen = read.cert + read.key;
      if (seen === this.#current.cert + this.#current.key) return;
      const next = readCertificate(read);
      const reason = this.#flaw(next);
      if (reason === undefined) this.#take(next);
      else this.#note(seen, reason);
    } catch (error) {
      this.#note(seen, error instanceof Error ? error.message : String(error));
    }
  }

  #take(next: Certificate): void {
    this.#parts.take(next);
    this.#current = next;
    this.#isTold = false;
  }

  #note(seen: string, reason: string): void {
    if (seen !== this.#seen) this.#isTold = false;
    else if (!this.#isTold) {
      this.#isTold = true;
      this.#parts.refuse(reason);
    }
    this.#seen = seen;
  }

  #flaw({ covers, notAfter }: Certificate): string | undefined {
    const { host } = this.#parts;
    if (host !== undefined && !covers(host))
      return 'the certificate is not for the host of the public origin';
    return notAfter <= Date.now() && notAfter < this.#current.notAfter
      ? 'the certificate is past its end'
      : undefined;
  }
}

function readNow(name: keyof TlsFilesOptions, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message = `gateway.tls.${name}: the file cannot be read (${code}): write its path, and let this user read it`;
    throw new BulwarkError('ERR_BULWARK_CERTIFICATE', message, { cause });
  }
}
