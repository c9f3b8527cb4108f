/** What is kept between two runs: the key of the account, the certificate and its key. For nobody else on the machine. */
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyPair } from '../certificate.ts';

/** An account at an authority. Each has one of its own: a key that two know is one by which each could be asked for the other. */
export interface AcmeAccount {
  readonly key: string;
  readonly url: string;
}

const CERTIFICATE = 'certificate.json';

/** A folder of mode 0700, whose files have 0600. */
export class AcmeFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The account at an authority; undefined where there is none yet. */
  account(directory: string): Promise<AcmeAccount | undefined> {
    return this.#read<AcmeAccount>(accountFile(directory));
  }

  keepAccount(directory: string, account: AcmeAccount): Promise<void> {
    return this.#write(accountFile(directory), account);
  }

  certificate(): Promise<KeyPair | undefined> {
    return this.#read<KeyPair>(CERTIFICATE);
  }

  /** In one file: a certificate beside the key of another one is none. */
  keepCertificate({ cert, key }: KeyPair): Promise<void> {
    return this.#write(CERTIFICATE, { cert, key });
  }

  async #read<T>(name: string): Promise<T | undefined> {
    try {
      return JSON.parse(await readFile(join(this.#path, name), 'utf8')) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Whole or not at all: it is on the disk before it has its name. */
  async #write(name: string, value: object): Promise<void> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    await chmod(this.#path, 0o700);
    const path = join(this.#path, name);
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(`${JSON.stringify(value, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }
}

function accountFile(directory: string): string {
  return `account-${new URL(directory).host.replaceAll(/[^\w.-]/g, '_')}.json`;
}
