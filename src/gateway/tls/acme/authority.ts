/** One authority, spoken to by `acme-client`, and by RFC 9773 beside it, which that does not know. */
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import type * as acmeClient from 'acme-client';
import { loadPackage } from '../../../core/optional-package.ts';
import type { AcmeSettings } from '../../options/tls.options.ts';
import type { KeyPair } from '../certificate.ts';
import type { Challenges } from './challenges.ts';
import type { AcmeFolder } from './folder.ts';
import { readWindow, renewalId, type RenewalWindow } from './renewal.ts';

type Acme = typeof acmeClient;

/** An authority, and the account there. */
export class Authority {
  readonly #acme: Acme;
  readonly #settings: AcmeSettings;
  readonly #folder: AcmeFolder;
  readonly #challenges: Challenges;

  private constructor(acme: Acme, settings: AcmeSettings, folder: AcmeFolder, challenges: Challenges) {
    this.#acme = acme;
    this.#settings = settings;
    this.#folder = folder;
    this.#challenges = challenges;
  }

  /** @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING where `acme-client` is not installed */
  static async open(settings: AcmeSettings, folder: AcmeFolder, challenges: Challenges): Promise<Authority> {
    const acme = await loadPackage('acme-client', () => import('acme-client'));
    const { ca } = settings;
    if (ca !== undefined) acme.axios.defaults.httpsAgent = new Agent({ ca: await readFile(ca) });
    acme.axios.defaults.timeout = 30_000;
    // Its own retries take over a minute, longer where an authority says so, and end for one that cannot be reached in a TypeError.
    // Why it failed and when it is tried again is for the log.
    acme.axios.interceptors.request.clear();
    acme.axios.interceptors.response.clear();
    return new Authority(acme, settings, folder, challenges);
  }

  /**
   * Orders a certificate and proves each of its names.
   *
   * @param replaces - the certificate that it takes the place of, which an authority may let past its limits for that
   */
  async order(names: readonly string[], replaces: string | undefined): Promise<KeyPair> {
    const client = await this.#client();
    const id = replaces === undefined ? undefined : renewalId(replaces);
    const identifiers = names.map((value) => ({ type: 'dns', value }));
    const order = await client.createOrder({ identifiers, ...(id !== undefined && { replaces: id }) });
    for (const authorization of await client.getAuthorizations(order))
      await this.#prove(client, authorization);
    const key = await this.#acme.crypto.createPrivateEcdsaKey();
    const [, csr] = await this.#acme.crypto.createCsr({ altNames: [...names] }, key);
    const done = await client.finalizeOrder(order, csr);
    return { cert: await client.getCertificate(done), key: String(key) };
  }

  /** When the authority wants a certificate renewed; undefined where it says nothing of that. */
  async window(cert: string): Promise<RenewalWindow | undefined> {
    const { axios } = this.#acme;
    const id = renewalId(cert);
    const { data } = await axios.get<{ renewalInfo?: string }>(this.#settings.directory);
    if (id === undefined || data.renewalInfo === undefined) return undefined;
    return readWindow((await axios.get<unknown>(`${data.renewalInfo}/${id}`)).data);
  }

  async #client(): Promise<acmeClient.Client> {
    const { directory, email } = this.#settings;
    const known = await this.#folder.account(directory);
    const accountKey = known?.key ?? String(await this.#acme.crypto.createPrivateEcdsaKey());
    const client = new this.#acme.Client({
      directoryUrl: directory,
      accountKey,
      ...(known !== undefined && { accountUrl: known.url }),
    });
    if (known !== undefined) return client;
    await client.createAccount({
      termsOfServiceAgreed: true,
      ...(email !== undefined && { contact: [`mailto:${email}`] }),
    });
    await this.#folder.keepAccount(directory, { key: accountKey, url: client.getAccountUrl() });
    return client;
  }

  async #prove(client: acmeClient.Client, authorization: acmeClient.Authorization): Promise<void> {
    if (authorization.status === 'valid') return;
    const { challenge: type } = this.#settings;
    const name = authorization.identifier.value;
    const challenge = authorization.challenges.find((one) => one.type === type);
    if (challenge === undefined) throw new Error(`the authority does not ask for ${name} by ${type}`);
    const text = await client.getChallengeKeyAuthorization(challenge);
    if (type === 'http-01') this.#challenges.addText(challenge.token, text);
    else {
      const [key, cert] = await this.#acme.crypto.createAlpnCertificate(authorization, text);
      this.#challenges.addPair(name, { key: String(key), cert: String(cert) });
    }
    try {
      await client.completeChallenge(challenge);
      await client.waitForValidStatus(challenge);
    } finally {
      this.#challenges.remove(type === 'http-01' ? challenge.token : name);
    }
  }
}
