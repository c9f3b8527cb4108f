/** Reasons beside the fields of a form, in the markup that screen readers say them by (WCAG 2.2, 3.3.1 and 3.3.3). */
import type { InputFault } from '../../core/input-fault.ts';
import { call } from '../../core/call.ts';
import { escapeHtml } from '../../ui/escape-html.ts';

const checkFaults = call('formFaults(faults), with what `invalid` is given', {
  faults: (value) => (Array.isArray(value) ? undefined : { path: '', reason: 'it must be a list of faults' }),
});

/** What a template asks for. Texts are HTML, escaped. */
export interface FormFaults {
  /** For the tag of a field: `aria-invalid` and `aria-describedby`, or nothing. */
  attributes(name: string): string;
  /** For beside the field: its reasons in an element with the id that the attributes name, or nothing. */
  reasons(name: string): string;
}

/**
 * The reasons by the names of fields.
 *
 * @example
 * ```ts
 * const faults = formFaults(found);
 * `<input name="email" value="${escape(email)}" ${faults.attributes('email')}>${faults.reasons('email')}`;
 * ```
 */
export function formFaults(faults: readonly InputFault[]): FormFaults {
  checkFaults(faults);
  const of = (name: string): readonly InputFault[] =>
    faults.filter((fault) => fault.in === 'body' && fault.pointer.split('/')[1] === name);
  const idOf = (name: string): string => `${name.replaceAll(/[^\w-]/g, '-')}-fault`;
  return {
    attributes: (name) =>
      of(name).length === 0 ? '' : `aria-invalid="true" aria-describedby="${idOf(name)}"`,
    reasons: (name) => {
      const details = of(name).map(({ detail }) => escapeHtml(detail));
      return details.length === 0 ? '' : `<span id="${idOf(name)}">${details.join(' ')}</span>`;
    },
  };
}
