/** What a tree shows of controls that are there, by requirement: the good half of a report. */
import type { AsvsId } from '../../../core/rule.ts';
import { isTest as isScriptTest } from '../javascript/javascript-rule.ts';
import { isTest as isPythonTest } from '../python/python-rule.ts';
import type { SourceFile } from '../source-file.ts';
import { KNOWN_CONTROLS, type KnownControl } from './controls-seen.ts';

/** A control, and where it begins. */
export interface Enforced {
  readonly control: string;
  readonly asvs: readonly AsvsId[];
  readonly file: string;
  readonly line: number;
}

/** A lock of a large application is longer than anything that people write. */
const MOST_LENGTH = 400_000;

/** Notes the first place of each. */
export class EnforcedBook {
  readonly #left = new Set<KnownControl>(KNOWN_CONTROLS);
  readonly #seen: Enforced[] = [];

  look(file: SourceFile): void {
    const { path, text } = file;
    const words = path.endsWith('.py') ? PYTHON_WORDS : undefined;
    if (words?.test(text) === false || isPythonTest(path) || isScriptTest(path)) return;
    let code: string | undefined;
    for (const control of this.#left) {
      if (!control.files.test(path)) continue;
      // Of the same length, so that places stay.
      code ??= withoutComments(path, text.slice(0, MOST_LENGTH));
      if (control.brought?.test(code) === false) continue;
      const begun = control.begun.exec(code);
      if (begun === null) continue;
      const { line, file: shown } = file.where(begun.index);
      this.#seen.push({ control: control.name, asvs: control.asvs, file: shown, line });
      this.#left.delete(control);
    }
  }

  get all(): readonly Enforced[] {
    return this.#seen;
  }
}

/** Without any of these, a file of Python begins nothing that is known: one look in the place of thirty. */
const PYTHON_WORDS =
  /flask_(?:wtf|seasurf|talisman|limiter|session|login)|slowapi|axes\.middleware|django_ratelimit|proxy_fix|werkzeug\.security|argon2|bcrypt|passlib|pydantic|marshmallow|wtforms|pyotp|webauthn|defusedxml|structlog|pythonjsonlogger|django\.(?:middleware|contrib\.(?:auth|sessions))|SESSION_|AUTH_PASSWORD|MAX_CONTENT|SECURE_HSTS/;

function withoutComments(path: string, text: string): string {
  const comments = /\.py$|\.txt$|\.conf$|file/.test(path)
    ? /^[ \t]*#[^\n]*/gm
    : /^[ \t]*(?:\/\/|\*|\/\*)[^\n]*/gm;
  return text.replaceAll(comments, (comment) => ' '.repeat(comment.length));
}
