/** What the gateway finds out about sign-in forms, from pages and from what is sent; and tells the log, once for each. */
import type { SessionAudit } from '../../controls/sessions/sessions.ts';
import type { Exchange } from '../../core/exchange.ts';
import { cutForLog } from '../../core/log-text.ts';
import type { SignInFormSettings } from '../options/sign-in.options.ts';
import type { Attempt } from './attempt.ts';
import { FormBook, foldPath } from './form-book.ts';
import { signInForms } from './page-forms.ts';
import { SIGN_IN_EVENTS } from './sign-in.events.ts';

/** A page is not read again for so long. Milliseconds. */
const READ_EVERY = 60_000;
const MOST_PATHS = 1024;

/** Finds forms. */
export class SeenForms {
  readonly book: FormBook;
  readonly #audit: SessionAudit;
  /** When pages were read last, by path. */
  readonly #read = new Map<string, number>();

  constructor(named: readonly SignInFormSettings[], audit: SessionAudit) {
    this.book = new FormBook(named);
    this.#audit = audit;
  }

  /** Whether what is at a path is worth reading: not again within a minute. */
  isDue(path: string, now: number): boolean {
    const before = this.#read.get(path);
    return before === undefined || Math.abs(now - before) >= READ_EVERY;
  }

  /** What is at a path is being read, or is no page. */
  isRead(path: string, now: number): void {
    this.#read.delete(path);
    this.#read.set(path, now);
    const [oldest] = this.#read.keys();
    if (this.#read.size > MOST_PATHS && oldest !== undefined) this.#read.delete(oldest);
  }

  /** Reads a page. A form that is sent to another site is no business of this one. */
  notePage(exchange: Exchange, html: string): void {
    if (!html.toLowerCase().includes('password')) return;
    const base = `http://${exchange.host === '' ? 'localhost' : exchange.host}${exchange.rawPath}`;
    for (const form of signInForms(html)) {
      const action = form.action.trim();
      if (!URL.canParse(action, base)) continue;
      const target = new URL(action, base);
      if (target.host !== new URL(base).host) continue;
      const found = this.book.notePage(exchange.path, decoded(target.pathname), form);
      if (found === undefined) continue;
      const fields = [...(form.account === undefined ? [] : [form.account]), form.password];
      this.#tell(exchange, `${found.method} ${found.path}`, 'page', fields);
    }
  }

  /** Notes what somebody signed in by. */
  noteSuccess(exchange: Exchange, { path, fields }: Attempt): void {
    const [account, password] = [fields[0] ?? '', fields.at(-1) ?? ''];
    const found = this.book.noteSuccess(exchange.request.method, path, account, password);
    if (found !== undefined) this.#tell(exchange, `${found.method} ${path}`, 'what was sent', fields);
  }

  #tell(exchange: Exchange, form: string, by: string, fields: readonly string[]): void {
    const details = { form: cutForLog(form), by, fields: fields.map((field) => cutForLog(field)) };
    this.#audit(SIGN_IN_EVENTS.formFound, details, exchange);
  }
}

/** As requests are compared: `exchange.path` is decoded too. */
function decoded(path: string): string {
  try {
    return foldPath(decodeURIComponent(path));
  } catch {
    return foldPath(path);
  }
}
