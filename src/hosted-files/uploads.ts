/** Files that accounts keep, on a layer. */
import { BulwarkError, PolicyError, type PolicyProblem } from '../core/errors.ts';
import type { Audit } from '../core/events.ts';
import { LAYER_PARTS } from '../core/layer-parts.ts';
import { tendMethods } from '../core/tended.ts';
import { FileRoom, type NotShared, rowsOf, type ShareWish } from '../files/file-room.ts';
import { viewOf } from '../layer/view.ts';
import { handed, type HandedContext } from '../node/handed.ts';
import type { Policy } from '../policy/policy.ts';
import type { FilePlace, FileQuota, FileShareRecord } from '../stores/ports/files.ts';
import { FileResumer } from './resumable/resume-files.ts';
import { FileSender } from './send-files.ts';
import { type StoredFile, storedFile } from './stored-file.ts';
import { takeFiles, type TakenForm } from './take-files.ts';
import { UPLOADS_CALLS } from './uploads.calls.ts';

/** What files need of a layer: what `bulwark(policy)` gives back has it. */
export interface UploadsLayer {
  readonly [LAYER_PARTS]: UploadsGround;
}

/** What files stand on. */
export interface UploadsGround {
  readonly policy: Pick<Policy, 'state' | 'keys' | 'files' | 'origin' | 'firewall'>;
  readonly audit: Audit;
  /** Has something done when the layer is closed, before its stores are. */
  onClose(close: () => Promise<void>): void;
}

/** How a form is taken. */
export interface TakeOptions {
  /** Whose the files are. Default: the account that is signed in. */
  readonly owner?: string;
  /** How long they are kept, in milliseconds. Default: until they are removed. */
  readonly keepFor?: number;
}

/** Which page of a list. */
export interface PageOptions {
  /** What the page before it gave as `next`. */
  readonly behind?: FilePlace | undefined;
  /** How many at most: 1 to 1,000. Default 50. */
  readonly limit?: number;
}

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; undefined where this is the last one. */
  readonly next: FilePlace | undefined;
}

/** A file that somebody else may have. */
export interface FileShare {
  readonly id: string;
  readonly file: string;
  /** With whom; undefined for a link that anybody may bring. */
  readonly account: string | undefined;
  /** Whether it is good for one download. */
  readonly once: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number | undefined;
  /** When a link was used last, in milliseconds since 1970. */
  readonly usedAt: number | undefined;
}

/** A share that was made. */
export interface MadeShare {
  readonly ok: true;
  readonly share: FileShare;
  /** The address of the link, whole; of a share with an account too, which that account alone may use. */
  readonly url: string;
}

/** Why there is none. */
export interface NoShare {
  readonly ok: false;
  /** `unknown`: no such file of this account, or it is not ready. `full`: it is shared with as many as it may be. `too-long`: its end. */
  readonly reason: NotShared;
}

/** A file of somebody else, and how it is shared. */
export interface GivenFile {
  readonly file: StoredFile;
  readonly share: FileShare;
}

const DEFAULT_PAGE = 50;

/** The files of one application. */
export class Uploads {
  readonly #room: FileRoom;
  readonly #ground: UploadsGround;
  readonly #clock: () => number;
  readonly #sender: FileSender;
  readonly #resumer: FileResumer;

  private constructor(ground: UploadsGround, clock: () => number) {
    const { policy, audit } = ground;
    const { state, keys, files: settings } = policy;
    this.#ground = ground;
    this.#clock = clock;
    this.#room = new FileRoom({
      rows: rowsOf(state.files),
      counters: state.counters,
      keys,
      settings,
      audit,
      clock,
    });
    this.#sender = new FileSender(this.#room, clock);
    this.#resumer = new FileResumer(this.#room);
  }

  /**
   * The files of a layer, by the section `files` of its policy; the same ones whenever they are asked for.
   *
   * @example
   * ```ts
   * const layer = bulwark({ origin: 'https://files.example.com', files: { quota: '5GB' } });
   * const uploads = Uploads.of(layer);
   * ```
   * @param clock - milliseconds since 1970
   * @throws PolicyError where files are sent from another origin, and the policy does not answer for its host
   * @throws BulwarkError ERR_BULWARK_STORE where the store keeps no rows of files
   */
  static of(layer: UploadsLayer, clock: () => number = Date.now): Uploads {
    UPLOADS_CALLS.of(layer, clock);
    const ground = layer[LAYER_PARTS];
    const known = made.get(ground);
    if (known !== undefined) return known;
    checkOrigin(ground.policy);
    const uploads = new Uploads(ground, clock);
    made.set(ground, uploads);
    ground.onClose(() => uploads.#room.close());
    return uploads;
  }

  /**
   * Takes the files of a form, each through the checks of its route (`upload: { types, store: true }`) to where it lies. What it
   * returns is there for good: whole, synced, and with a row. A file that is not taken is left out and said why. Nothing is left of
   * a form whose client goes, whose session ends, or that is refused as a whole.
   *
   * @param request - what the handler was given first: a request, or Hono's context
   * @throws FormRefusedError where the form as a whole is not taken. Let it pass: a 500 that comes of it leaves as 400, 413 or 415
   * @throws BulwarkError ERR_BULWARK_CLIENT_GONE where its client left, ERR_BULWARK_STORE where it cannot be kept
   */
  async take(request: object, options: TakeOptions = {}): Promise<TakenForm> {
    UPLOADS_CALLS.take(request, options);
    const view = viewOf(handed(request).request, 'let the layer judge requests before the routes do');
    const owner = options.owner ?? view.principal?.account;
    if (owner === undefined) throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', NO_OWNER);
    const { keepFor } = options;
    const expiresAt = keepFor === undefined ? undefined : this.#clock() + keepFor;
    return await takeFiles(view, this.#room, owner, expiresAt);
  }

  /**
   * Answers uploads that go on where they broke off, by tus 1.0.0 (creation, termination, expiration), for all methods of
   * `files.resumePath` and what stands below it; its route has `upload: { types, store: 'resumable' }`. A part that is acknowledged is
   * synced; a file is judged and listed when its last byte is there, and has the id that its address ends with. `GET` of `upload.js`
   * below that path is the script of a page that sends files so.
   *
   * @returns what the handler has to return. Undefined, and nothing was sent: there is no such upload, or it is not theirs. Answer both
   * as where there is no such page
   * @throws BulwarkError ERR_BULWARK_CLIENT_GONE where its client left: what came is kept
   */
  resume(context: HandedContext): Promise<Response | undefined>;
  /** The same, on node:http, Express and Fastify. */
  resume(request: object, response: object): Promise<object | undefined>;
  /** As above: which of them it is, is told by what is handed over. */
  async resume(request: object, response?: object): Promise<object | undefined> {
    UPLOADS_CALLS.resume(request);
    const given = handed(request, response);
    return (await this.#resumer.resume(given)) ? returned(request, response, given.answered) : undefined;
  }

  /**
   * Sends a file to the account that is signed in, if it is its own or shared with it: to be saved, and never opened as a page.
   * Ranges, `If-Range`, `If-None-Match` and HEAD are answered.
   *
   * @returns what the handler has to return. Undefined, and nothing was sent: there is no such file, or not for them. Answer both
   * as where there is no such page
   * @throws BulwarkError ERR_BULWARK_FILE_DAMAGED where its bytes are not those that were stored
   */
  send(id: string, context: HandedContext): Promise<Response | undefined>;
  /** The same, on node:http, Express and Fastify. */
  send(id: string, request: object, response: object): Promise<object | undefined>;
  /** As above: which of them it is, is told by what is handed over. */
  async send(id: string, request: object, response?: object): Promise<object | undefined> {
    UPLOADS_CALLS.send(id, request);
    const given = handed(request, response);
    return (await this.#sender.send(id, given)) ? returned(request, response, given.answered) : undefined;
  }

  /**
   * As {@link send}, to whoever brings a link: for the route of `files.linkPath`.
   *
   * @param token - what stands behind the last slash
   */
  sendLink(token: string, context: HandedContext): Promise<Response | undefined>;
  /** The same, on node:http, Express and Fastify. */
  sendLink(token: string, request: object, response: object): Promise<object | undefined>;
  /** As above: which of them it is, is told by what is handed over. */
  async sendLink(token: string, request: object, response?: object): Promise<object | undefined> {
    UPLOADS_CALLS.sendLink(token, request);
    const given = handed(request, response);
    return (await this.#sender.sendLink(token, given))
      ? returned(request, response, given.answered)
      : undefined;
  }

  /** A file that an account may have: its own, or one that is shared with it. */
  async find(account: string, id: string): Promise<StoredFile | undefined> {
    UPLOADS_CALLS.find(account, id);
    const record = await this.#room.find(id, account);
    return record === undefined ? undefined : storedFile(record);
  }

  /** The files of an account, newest first. A page of a million costs what one of a thousand does. */
  async list(owner: string, options: PageOptions = {}): Promise<Page<StoredFile>> {
    UPLOADS_CALLS.list(owner, options);
    const { behind, limit = DEFAULT_PAGE } = options;
    const rows = await this.#room.vault.rows.list(owner, behind, limit);
    const now = this.#clock();
    const items = rows.filter(({ expiresAt }) => (expiresAt ?? Infinity) > now).map(storedFile);
    return { items, next: rows.length === limit ? placeOf(rows.at(-1)) : undefined };
  }

  /** What an account keeps, and how much it may. */
  async usage(owner: string): Promise<{ readonly used: FileQuota; readonly quota: FileQuota }> {
    UPLOADS_CALLS.usage(owner);
    return { used: await this.#room.vault.rows.usage(owner), quota: this.#room.quota };
  }

  /** Removes a file of an account: at once for everybody. False: it has no such file. */
  async remove(owner: string, id: string): Promise<boolean> {
    UPLOADS_CALLS.remove(owner, id);
    return await this.#room.remove(owner, id);
  }

  /** Removes all files of an account, for one that is removed itself. Returns how many. */
  async removeAll(owner: string): Promise<number> {
    UPLOADS_CALLS.removeAll(owner);
    return await this.#room.removeAll(owner);
  }

  /**
   * Shares a file of an account: with another account, or by a link that anybody may bring, once or until its end.
   *
   * @example
   * ```ts
   * await uploads.share(account, id, { with: other, endsAt: Date.now() + 7 * 86_400_000 });
   * await uploads.share(account, id, { link: 'once' });
   * ```
   */
  async share(owner: string, id: string, wish: ShareWish): Promise<MadeShare | NoShare> {
    UPLOADS_CALLS.share(owner, id, wish);
    const made = await this.#room.share(owner, id, wish);
    if (typeof made === 'string') return { ok: false, reason: made };
    const { links, settings } = this.#room;
    const token = links.ofShare(made.id, made.expiresAt ?? this.#clock() + settings.links);
    const elsewhere = made.account === '' ? settings.origin : undefined;
    const origin = (elsewhere ?? this.#ground.policy.origin)?.origin ?? '';
    return { ok: true, share: fileShare(made), url: `${origin}${settings.linkPath}/${token}` };
  }

  /** Who else may have a file of an account, newest first. */
  async shares(owner: string, id: string): Promise<readonly FileShare[]> {
    UPLOADS_CALLS.shares(owner, id);
    return (await this.#room.shares(owner, id)).map(fileShare);
  }

  /** Takes a share back, at once. False: the file has none of this id, or is not of this account. */
  async revoke(owner: string, id: string, share: string): Promise<boolean> {
    UPLOADS_CALLS.revoke(owner, id, share);
    return await this.#room.revoke(owner, id, share);
  }

  /** What others share with an account, newest first. */
  async sharedWith(account: string, options: PageOptions = {}): Promise<Page<GivenFile>> {
    UPLOADS_CALLS.sharedWith(account, options);
    const { behind, limit = DEFAULT_PAGE } = options;
    const rows = await this.#room.sharedWith(account, behind, limit);
    const now = this.#clock();
    const there = rows.filter(({ file }) => file.state === 'ready' && (file.expiresAt ?? Infinity) > now);
    const items = there.map(({ file, share }) => ({ file: storedFile(file), share: fileShare(share) }));
    return { items, next: rows.length === limit ? placeOf(rows.at(-1)?.share) : undefined };
  }

  /**
   * Seals the keys of files anew that an older secret has sealed, so that it can be taken away: after a rotation, and before the old
   * secret goes. No byte of a file is read or written.
   */
  async rekey(): Promise<{ readonly sealed: number; readonly lost: number }> {
    return await this.#room.vault.rekey();
  }

  /** Has those looked at again that wait in quarantine: after new signatures came. Returns how many wait no more. */
  async rescan(): Promise<number> {
    return (await this.#room.quarantine?.again()) ?? 0;
  }

  /** Sees to what dead processes and broken connections left. It is done by itself, twice a minute; never throws. */
  async sweep(): Promise<void> {
    await this.#room.sweep();
  }

  static {
    tendMethods(Uploads, (its) => its.#ground.audit);
  }
}

const made = new WeakMap<UploadsGround, Uploads>();

const NO_OWNER =
  "uploads.take: nobody is signed in, so that the files would be nobody's. Let the route ask for it (require), or write uploads.take(request, { owner })";

/** Hono's handlers return a response; the others what they were given. */
function returned(request: object, response: object | undefined, answered: () => object): object {
  return response ?? ('env' in request ? answered() : request);
}

function placeOf(last: FilePlace | undefined): FilePlace | undefined {
  return last === undefined ? undefined : { createdAt: last.createdAt, id: last.id };
}

function fileShare({ id, file, account, once, createdAt, expiresAt, usedAt }: FileShareRecord): FileShare {
  return { id, file, account: account === '' ? undefined : account, once, createdAt, expiresAt, usedAt };
}

/** Links to a host that nobody answers for would be dead, or lead to whoever takes the name. */
function checkOrigin({ files, origin, firewall }: UploadsGround['policy']): void {
  if (files.origin === undefined) return;
  const isOwn = files.origin.host === origin?.host;
  if (!isOwn && firewall.hosts.includes(files.origin.host)) return;
  const problem: PolicyProblem = {
    code: 'ERR_BULWARK_INVALID_OPTION',
    option: 'files.origin',
    reason: isOwn
      ? 'it is the origin of the pages, whose cookies go there.'
      : 'the policy does not answer for its host.',
    fix: isOwn
      ? "files: { origin: 'https://files.example.net' }"
      : `firewall: { hosts: ['${files.origin.host}'] }`,
  };
  throw new PolicyError([problem]);
}
