/** The parts that forms are made of: labels that belong to fields, errors that lead to them. */
import { html, type Html } from './html.ts';

/** What is wrong with one field of a form; `field` is its name. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** A field a person fills in. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password';
  /** What browsers and password managers fill it with (WCAG 2.2, 1.3.5). */
  readonly autocomplete: string;
  readonly value?: string;
  readonly hint?: string;
  readonly inputmode?: 'numeric';
  /** The longest that it takes, in UTF-16 units as browsers count. */
  readonly most?: number;
  /** Nothing is an answer too. */
  readonly mayBeEmpty?: boolean;
  readonly errors?: readonly FieldError[];
}

/** A field with its label, its hint, and what is wrong with it. Addresses and codes run from the left in every language. */
export function field({
  name,
  label,
  type = 'text',
  autocomplete,
  value,
  hint,
  inputmode,
  most,
  mayBeEmpty = false,
  errors,
}: Field): Html {
  const isCode = autocomplete === 'one-time-code';
  const wrong = errors?.some((error) => error.field === name) ?? false;
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${hint !== undefined && html`<p class="hint soft small" id="${name}-hint">${hint}</p>`}
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      autocomplete="${autocomplete}"
      ${!mayBeEmpty && html`required`}${type === 'email' && html` autocapitalize="none" spellcheck="false"`}${
        type !== 'password' && html` dir="${isCode || type === 'email' ? 'ltr' : 'auto'}"`
      }${inputmode !== undefined && html` inputmode="${inputmode}"`}${most !== undefined && html` maxlength="${most}"`}${value !== undefined && html` value="${value}"`}${
        hint !== undefined && html` aria-describedby="${name}-hint"`
      }${wrong && html` aria-invalid="true"`}
    />
  </div>`;
}

/** What is wrong with a form, before it, where a screen reader begins. */
export function errorList(errors: readonly FieldError[]): Html | undefined {
  if (errors.length === 0) return undefined;
  return html`<div class="errors" role="alert" tabindex="-1" autofocus>
    <ul>
      ${errors.map((error) => html`<li><a href="#${error.field}">${error.message}</a></li>`)}
    </ul>
  </div>`;
}

/** A form that posts. Its token is worth nothing in another session. */
export function form(
  action: string,
  csrfToken: string,
  body: Html,
  className = 'card',
  attributes?: Html,
): Html {
  return html`<form class="${className}" method="post" action="${action}" ${attributes}>
    ${hidden('_csrf', csrfToken)} ${body}
  </form>`;
}

/** A field nobody sees. */
export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}" />`;
}

/**
 * Whose password a form is about, for password managers: a field that they find, and that nobody sees or comes to. With
 * type=hidden some do not find it, and keep a new password under no name.
 */
export function usernameField(email: string): Html {
  return html`<div class="visually-hidden" aria-hidden="true">
    <input type="text" name="username" autocomplete="username" value="${email}" readonly tabindex="-1" />
  </div>`;
}

/** A button. `more` is for those who do not see what it stands beside. */
export function button(label: string, className = 'button full', more?: string): Html {
  return html`<button class="${className}">
    ${label}${more !== undefined && html`<span class="visually-hidden"> ${more}</span>`}
  </button>`;
}
