/** Files on their way to somebody who may have them. */
import { BulwarkError } from '../core/errors.ts';
import { type Exchange, header } from '../core/exchange.ts';
import type { OriginParts } from '../core/origin.ts';
import { PROBLEMS } from '../core/problem-types.ts';
import type { Refusal } from '../core/verdict.ts';
import { FILES_EVENTS, FILES_PROBLEMS } from '../files/files.events.ts';
import type { FileRoom } from '../files/file-room.ts';
import { attachment } from '../files/serving/disposition.ts';
import { answerFile } from '../files/serving/file-answer.ts';
import { View, viewOf } from '../layer/view.ts';
import type { Handed } from '../node/handed.ts';
import { refuse } from '../node/response.ts';
import { sendFile } from '../node/send-file.ts';
import type { FileRecord } from '../stores/ports/files.ts';

/** How long somebody has who was let in here to fetch a file from the other origin. */
const TICKET_MS = 30_000;

/** Sends files of a room. What it does not answer it says, and the application answers as where there is no page. */
export class FileSender {
  readonly #room: FileRoom;
  readonly #clock: () => number;

  constructor(room: FileRoom, clock: () => number) {
    this.#room = room;
    this.#clock = clock;
  }

  /** Sends a file to whoever is signed in. False: there is none of this id, or not for them. */
  async send(id: string, given: Handed): Promise<boolean> {
    const view = viewOf(given.request, FIX);
    const exchange = View.exchangeOf(view);
    const account = view.principal?.account;
    // No link, and nobody is known there: one way in is enough.
    const file =
      account === undefined || this.#isElsewhere(exchange) ? undefined : await this.#room.find(id, account);
    if (file === undefined) return this.#denied(view, id);
    if (account === undefined) return false;
    if (file.state !== 'ready')
      return file.owner === account && file.state === 'quarantine'
        ? waits(view, given)
        : this.#denied(view, id);
    const { origin } = this.#room.settings;
    if (origin === undefined) return await this.#write(view, file, given, false);
    const ticket = this.#room.links.ofVisit(id, account, this.#clock() + TICKET_MS);
    return redirect(given, this.#addressOf(ticket, origin));
  }

  /** Sends a file to whoever brings a link. False: it was not made here, has ended, was taken back, or is for another account. */
  async sendLink(token: string, given: Handed): Promise<boolean> {
    const view = viewOf(given.request, FIX);
    const exchange = View.exchangeOf(view);
    const now = this.#clock();
    const link = this.#room.links.read(token, now);
    if (link === undefined) return this.#denied(view, '');
    const { origin } = this.#room.settings;
    if (link.kind === 'ticket') {
      const here = origin === undefined || this.#isElsewhere(exchange);
      const file = here ? await this.#room.find(link.file, link.account) : undefined;
      return file?.state === 'ready'
        ? await this.#write(view, file, given, false)
        : this.#denied(view, link.file);
    }
    const { shares } = this.#room.vault.rows;
    const found = await shares.find(link.share, now);
    if (found === undefined || !isThere(found.file, now)) return this.#denied(view, link.share);
    const { file, share } = found;
    if (share.account !== '') {
      // Whose link this is only the origin knows that has the session.
      if (this.#isElsewhere(exchange) || view.principal?.account !== share.account)
        return this.#denied(view, file.id);
      return await this.send(file.id, given);
    }
    if (origin !== undefined && !this.#isElsewhere(exchange))
      return redirect(given, this.#addressOf(token, origin));
    // A look at the head, as programs take that preview a link, uses nothing up.
    const uses = exchange.request.method !== 'HEAD';
    if (uses && !(await shares.use(share.id, now))) return this.#denied(view, file.id);
    return await this.#write(view, file, given, share.once);
  }

  /** Whether a request came to the other origin, where no cookie of this site goes. */
  #isElsewhere(exchange: Exchange): boolean {
    const { origin } = this.#room.settings;
    return origin !== undefined && exchange.host === origin.host;
  }

  #addressOf(token: string, origin: OriginParts): string {
    return `${origin.origin}${this.#room.settings.linkPath}/${token}`;
  }

  async #write(view: View, file: FileRecord, given: Handed, whole: boolean): Promise<boolean> {
    const { request: asked } = View.exchangeOf(view);
    const { response, answered } = given;
    if (response === undefined) throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', NO_RESPONSE);
    const wanted = {
      method: asked.method,
      range: header(asked, 'range'),
      ifRange: header(asked, 'if-range'),
      ifNoneMatch: header(asked, 'if-none-match'),
    };
    const answer = answerFile(file, wanted, attachment(file.name), whole);
    const read = (from: number, to: number): AsyncIterable<Uint8Array> =>
      this.#room.vault.read(file, from, to);
    try {
      const failure = await sendFile(response, answer, read, answered);
      if (failure !== undefined) this.#tellDamaged(view, file, failure);
      return true;
    } catch (error) {
      this.#tellDamaged(view, file, error);
      throw error;
    }
  }

  #tellDamaged(view: View, { id }: FileRecord, error: unknown): void {
    if (error instanceof BulwarkError && error.code === 'ERR_BULWARK_FILE_DAMAGED')
      view.audit(FILES_EVENTS.damaged, { file: id });
  }

  /** Unknown and forbidden are one answer: who guesses learns nothing by it. */
  #denied(view: View, file: string): false {
    View.layerOf(view).audit.writeGated(FILES_EVENTS.denied, { file }, View.exchangeOf(view));
    return false;
  }
}

const FIX = 'let the layer judge requests before the routes do';
const NO_RESPONSE =
  'uploads.send: there is no response to send a file by. Write uploads.send(id, request, response), and in Hono uploads.send(id, c)';

const WAITS: Refusal = {
  ...FILES_PROBLEMS.fileWaits,
  detail: 'This file is there, and is still being looked at. Try again in a minute.',
  headers: [['Retry-After', '60']],
};

function waits(view: View, { response, answered }: Handed): boolean {
  if (response === undefined) throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', NO_RESPONSE);
  view.refuse('uploads', WAITS, false);
  answered();
  refuse(response, WAITS);
  return true;
}

function isThere({ state, expiresAt }: FileRecord, now: number): boolean {
  return state === 'ready' && (expiresAt ?? Infinity) > now;
}

function redirect({ response, answered }: Handed, to: string): boolean {
  if (response === undefined) throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', NO_RESPONSE);
  answered();
  response.writeHead(PROBLEMS.redirect.status, { Location: to, 'Cache-Control': 'no-store' }).end();
  return true;
}
