/**
 * The sign-in forms that are known: those that the policy names, those that the application's own pages have, and what somebody
 * signed in by. What was merely tried makes none known: whoever tries it could have uploads counted as sign-ins.
 */
import type { SignInFormSettings } from '../options/sign-in.options.ts';
import type { PageForm } from './page-forms.ts';

/** A form that is known. */
export interface KnownForm {
  readonly by: 'policy' | 'page' | 'success';
  readonly method: string;
  /** In the one spelling that forms are compared by. */
  readonly path: string;
  /** Undefined: the page asks for the password alone. */
  readonly account: string | undefined;
  readonly password: string;
  /** How its answers are told apart, where the policy says so. */
  readonly told: Pick<SignInFormSettings, 'success' | 'failure'> | undefined;
}

/** An application has a few; one that makes an address for each visitor must not fill the memory. */
const MOST_FORMS = 256;

/** Knows forms by method and path. */
export class FormBook {
  readonly #named: ReadonlyMap<string, KnownForm>;
  /** From pages; the one that was seen last at the end. */
  readonly #seen = new Map<string, KnownForm>();
  /** Where a page with such a form is, and where one is sent to. */
  readonly #pages = new Set<string>();

  constructor(named: readonly SignInFormSettings[]) {
    this.#named = new Map(
      named.map((form) => {
        const path = foldPath(form.path);
        const { method, account, password, success, failure } = form;
        return [
          `${method} ${path}`,
          { by: 'policy', method, path, account, password, told: { success, failure } },
        ];
      }),
    );
  }

  /** The form that a request may be of. */
  find(method: string, path: string): KnownForm | undefined {
    const key = `${method} ${foldPath(path)}`;
    return this.#named.get(key) ?? this.#seen.get(key);
  }

  /** Whether somebody who is sent to this path is asked to sign in. */
  isSignInPage(path: string): boolean {
    const folded = foldPath(path);
    return this.#pages.has(folded) || this.#named.has(`POST ${folded}`) || this.#seen.has(`POST ${folded}`);
  }

  /** Notes the form of a page. Returns it where it was not known before. */
  notePage(page: string, path: string, { method, account, password }: PageForm): KnownForm | undefined {
    bounded(this.#pages, foldPath(page));
    return this.#note({ by: 'page', method, path: foldPath(path), account, password, told: undefined });
  }

  /** Notes what somebody signed in by. Returns it where it was not known before. */
  noteSuccess(method: string, path: string, account: string, password: string): KnownForm | undefined {
    if (this.find(method, path) !== undefined) return undefined;
    return this.#note({ by: 'success', method, path: foldPath(path), account, password, told: undefined });
  }

  #note(form: KnownForm): KnownForm | undefined {
    const key = `${form.method} ${form.path}`;
    const before = this.#seen.get(key);
    this.#seen.delete(key);
    this.#seen.set(key, form);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MOST_FORMS && oldest !== undefined) this.#seen.delete(oldest);
    return before === undefined && !this.#named.has(key) ? form : undefined;
  }
}

function bounded(pages: Set<string>, page: string): void {
  pages.delete(page);
  pages.add(page);
  const [oldest] = pages;
  if (pages.size > MOST_FORMS && oldest !== undefined) pages.delete(oldest);
}

/** A path as the most lenient router reads it: without case, empty segments and a slash at the end. */
export function foldPath(path: string): string {
  const folded = path.toLowerCase().replaceAll(/\/{2,}/g, '/');
  return folded.length > 1 && folded.endsWith('/') ? folded.slice(0, -1) : folded;
}
