/**
 * Uploads that go on where they broke off, by tus 1.0.0: creation, termination and expiration. What has to be decided is decided in
 * files/resumable; here it has the shape of HTTP.
 */
import { FileFault } from '../../controls/uploads/content/file-fault.ts';
import { fileRefusal } from '../../controls/uploads/content/file-refusal.ts';
import { BYTES_TO_STORE } from '../../controls/uploads/uploads.ts';
import { BulwarkError } from '../../core/errors.ts';
import { eventOf } from '../../core/events.ts';
import { type Exchange, header } from '../../core/exchange.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import type { UploadRule } from '../../core/route-rules.ts';
import type { Refusal } from '../../core/verdict.ts';
import type { FileRoom } from '../../files/file-room.ts';
import { FILES_EVENTS } from '../../files/files.events.ts';
import { type NotTaken, offsetIn } from '../../files/resumable/partial-files.ts';
import { View, viewOf } from '../../layer/view.ts';
import type { Handed } from '../../node/handed.ts';
import { refuse } from '../../node/response.ts';
import type { FileRecord } from '../../stores/ports/files.ts';
import { wordsOf } from '../take-files.ts';
import { uploadScript } from './upload-script.ts';
import { TusFault, tusMetadata, tusMetadataOf, tusNumber } from './tus-head.ts';

/** An answer that is no refusal. */
interface Done {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

type Answer = Done | Refusal | undefined;

/** A request, and whose it is. */
interface Asked {
  readonly view: View;
  readonly exchange: Exchange;
  readonly rule: UploadRule;
  readonly account: string;
}

const TUS = ['Tus-Resumable', '1.0.0'] as const;
/** Where an upload is belongs to nobody's cache (tus 1.0.0, HEAD). */
const UNCACHED = ['Cache-Control', 'no-store'] as const;

/** The script of a page that sends files so, below the path of uploads. */
const SCRIPT = 'upload.js';

/** Answers the requests of such uploads. What it does not answer it says, and the application answers as where there is no page. */
export class FileResumer {
  readonly #room: FileRoom;

  constructor(room: FileRoom) {
    this.#room = room;
  }

  /** False: there is no such upload, or it is not of whoever is signed in. */
  async resume(given: Handed): Promise<boolean> {
    const { response, answered } = given;
    if (response === undefined) throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', NO_RESPONSE);
    const view = viewOf(given.request, 'let the layer judge requests before the routes do');
    const answer = await this.#answer(view);
    if (answer === undefined) return false;
    answered();
    if ('type' in answer) {
      view.refuse('uploads', answer, false);
      refuse(response, { ...answer, headers: [...(answer.headers ?? []), TUS] });
      return true;
    }
    response.writeHead(answer.status, Object.fromEntries([TUS, UNCACHED, ...answer.headers]));
    response.end(answer.body);
    return true;
  }

  async #answer(view: View): Promise<Answer> {
    const exchange = View.exchangeOf(view);
    const { resumePath } = this.#room.settings;
    const { path, rules } = exchange;
    const { method } = exchange.request;
    const isRoot = path === resumePath;
    if (!isRoot && !path.startsWith(`${resumePath}/`)) return undefined;
    const id = isRoot ? undefined : path.slice(resumePath.length + 1);
    if (id === SCRIPT && (method === 'GET' || method === 'HEAD')) return scriptOf(method);
    const rule = rules.upload;
    if (rule?.store !== 'resumable') throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', NO_RULE);
    if (method === 'OPTIONS') return optionsOf(rule);
    const account = view.principal?.account;
    if (account === undefined) throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', NO_OWNER);
    if (header(exchange.request, 'tus-resumable') !== '1.0.0') return OTHER_VERSION;
    const asked: Asked = { view, exchange, rule, account };
    try {
      if (id === undefined) return method === 'POST' ? await this.#create(asked) : undefined;
      if (method === 'HEAD') return await this.#tell(asked, id);
      if (method === 'PATCH') return await this.#append(asked, id);
      return method === 'DELETE' ? await this.#end(asked, id) : undefined;
    } catch (error) {
      if (error instanceof FileFault) return fileRefusal(error.reason, rule);
      if (error instanceof TusFault) return malformed(error.header);
      throw error;
    }
  }

  async #create({ exchange, rule, account }: Asked): Promise<Answer> {
    const { request } = exchange;
    for (const name of ['Upload-Defer-Length', 'Upload-Concat'])
      if (header(request, name.toLowerCase()) !== undefined) return malformed(name);
    // Bytes that come along are an extension that is not offered.
    if (exchange.body.declared.present) return malformed('Content-Length');
    const size = tusNumber('Upload-Length', header(request, 'upload-length'));
    const { filename, filetype: type } = tusMetadata(header(request, 'upload-metadata'));
    if (!(await this.#room.mayCome(account)))
      return TOO_MANY(wordsOf({ reason: 'rate', note: '' }, rule, this.#room));
    const record = await this.#room.partials.begin({ owner: account, filename, type, size }, rule);
    if (record === undefined)
      return { ...PROBLEMS.bodyTooLarge, detail: wordsOf({ reason: 'quota', note: '' }, rule, this.#room) };
    const location = `${this.#room.settings.resumePath}/${record.id}`;
    return { status: 201, headers: [['Location', location], ...expiresOf(record)] };
  }

  async #tell(asked: Asked, id: string): Promise<Answer> {
    const { partials } = this.#room;
    const record = await partials.find(id, asked.account);
    if (record === undefined) return await this.#tellWhole(asked, id);
    // Whoever heard nothing of its last byte asks here, and would take it for done.
    if (offsetIn(record) === record.size) {
      const answer = await this.#finish(asked, record);
      return answer !== undefined && 'status' in answer && answer.status === 204
        ? told(record, record.size)
        : answer;
    }
    return told(record, offsetIn(record));
  }

  /** One that is whole is a file by now, and has its address still: its last answer may have been lost. */
  async #tellWhole({ view, account }: Asked, id: string): Promise<Answer> {
    const file = await this.#room.find(id, account);
    if (file?.owner !== account || file.state === 'refused') return this.#denied(view, id);
    return told(file, file.size);
  }

  async #append(asked: Asked, id: string): Promise<Answer> {
    const { exchange, account, view } = asked;
    const { partials } = this.#room;
    if (exchange.request.headers['content-type'] !== OFFSET_BYTES && exchange.body.declared.present)
      return malformed('Content-Type');
    const from = tusNumber('Upload-Offset', header(exchange.request, 'upload-offset'));
    const record = await partials.find(id, account);
    if (record === undefined) return this.#denied(view, id);
    const { length } = exchange.body.declared;
    const pieces = exchange.get(BYTES_TO_STORE) ?? exchange.body.take();
    exchange.set(BYTES_TO_STORE, undefined);
    const at = await partials.append(record, { from, length, pieces, signal: exchange.signal });
    if (typeof at !== 'number') return NOT_TAKEN[at];
    if (at < record.size)
      return { status: 204, headers: [['Upload-Offset', String(at)], ...expiresOf(record)] };
    const whole = await partials.find(id, account);
    return whole === undefined ? this.#denied(view, id) : await this.#finish(asked, whole);
  }

  async #finish({ rule, view }: Asked, record: FileRecord): Promise<Answer> {
    const { partials, quarantine } = this.#room;
    const file = await partials.finish(record, rule);
    if (file === 'held') return NOT_TAKEN.held;
    if (file === undefined) return this.#denied(view, record.id);
    const seen = (await quarantine?.look(file)) ?? file;
    // What looked at it has told of it.
    if (seen.state === 'refused') {
      const { event: _told, ...refusal } = fileRefusal('content', rule);
      return { ...refusal, detail: seen.note };
    }
    return { status: 204, headers: [['Upload-Offset', String(record.size)]] };
  }

  async #end({ view, account }: Asked, id: string): Promise<Answer> {
    const record = await this.#room.partials.find(id, account);
    if (record === undefined) return this.#denied(view, id);
    return (await this.#room.partials.end(record)) ? { status: 204, headers: [] } : NOT_TAKEN.held;
  }

  /** Unknown, ended and somebody else's are one answer. */
  #denied(view: View, file: string): undefined {
    View.layerOf(view).audit.writeGated(FILES_EVENTS.denied, { file }, View.exchangeOf(view));
    return undefined;
  }
}

const OFFSET_BYTES = 'application/offset+octet-stream';
const NO_RESPONSE =
  'uploads.resume: there is no response to answer by. Write uploads.resume(request, response), and in Hono uploads.resume(c)';
const NO_RULE =
  "uploads.resume: the route takes no such uploads. Write routes: { '/uploads/**': { require: 'signed-in', upload: { types: ['image/png'], store: 'resumable' } } }";
const NO_OWNER =
  "uploads.resume: nobody is signed in, so that the upload would be nobody's. Let the route ask for it (require)";

const OTHER_VERSION: Refusal = {
  ...PROBLEMS.badRequest,
  status: 412,
  detail: 'Uploads that go on where they broke off are taken here by tus 1.0.0: send Tus-Resumable: 1.0.0.',
  headers: [['Tus-Version', '1.0.0']],
};

const NOT_TAKEN: Readonly<Record<NotTaken, Refusal>> = {
  held: {
    ...PROBLEMS.conflict,
    status: 423,
    detail: 'Another request brings this upload right now. Ask where it is, and go on from there.',
    headers: [['Retry-After', '2']],
  },
  offset: {
    ...PROBLEMS.conflict,
    detail: 'This upload is somewhere else. Ask where it is (HEAD), and go on from there.',
  },
  length: {
    ...PROBLEMS.bodyTooLarge,
    detail: 'These are more bytes than were announced for this upload.',
    event: eventOf(FILES_EVENTS.malformed, { fault: 'Upload-Length' }),
    close: true,
  },
  pieces: {
    ...PROBLEMS.bodyTooLarge,
    detail: 'This upload came in too many pieces. Begin it anew, with larger ones.',
    event: eventOf(FILES_EVENTS.malformed, { fault: 'pieces' }),
    close: true,
  },
};

const TOO_MANY = (detail: string): Refusal => ({
  ...PROBLEMS.tooManyRequests,
  detail,
  headers: [['Retry-After', '600']],
});

function malformed(name: string): Refusal {
  return {
    ...PROBLEMS.badRequest,
    detail: `The header ${name} is missing, or is none that is taken here (tus 1.0.0: creation, termination, expiration).`,
    event: eventOf(FILES_EVENTS.malformed, { fault: name }),
  };
}

function told(record: FileRecord, offset: number): Done {
  return {
    status: 200,
    headers: [
      ['Upload-Offset', String(offset)],
      ['Upload-Length', String(record.size)],
      ['Upload-Metadata', tusMetadataOf(record.name, record.type)],
      ...expiresOf(record),
    ],
  };
}

function expiresOf({ state, expiresAt }: FileRecord): readonly (readonly [string, string])[] {
  return state === 'partial' && expiresAt !== undefined
    ? [['Upload-Expires', new Date(expiresAt).toUTCString()]]
    : [];
}

function optionsOf({ size }: UploadRule): Done {
  return {
    status: 204,
    headers: [
      ['Tus-Version', '1.0.0'],
      ['Tus-Extension', 'creation,termination,expiration'],
      ['Tus-Max-Size', String(size)],
    ],
  };
}

function scriptOf(method: string): Done {
  const script = uploadScript();
  const headers = [
    ['Content-Type', 'text/javascript; charset=utf-8'],
    ['Content-Length', String(Buffer.byteLength(script))],
  ] as const;
  return { status: 200, headers, ...(method === 'GET' && { body: script }) };
}
