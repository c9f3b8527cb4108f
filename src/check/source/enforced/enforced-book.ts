/** What a tree shows of controls that are there, by requirement: the good half of a report. */
import type { AsvsId } from '../../../core/rule.ts';
import { isTest as isScriptTest, projectOf } from '../javascript/javascript-rule.ts';
import { isJavaScript } from '../javascript/project.ts';
import { isTest as isPythonTest } from '../python/python-rule.ts';
import { SourceFile } from '../source-file.ts';
import type { SourceTree } from '../source-tree.ts';
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
  readonly #tree: SourceTree;
  readonly #left = new Set<KnownControl>(KNOWN_CONTROLS);
  readonly #seen: Enforced[] = [];

  constructor(tree: SourceTree) {
    this.#tree = tree;
  }

  /** Right behind the rules, while what they have parsed is at hand. */
  look(file: SourceFile): void {
    const { path, text } = file;
    const kind = path.endsWith('.py') ? 'python' : isJavaScript(path) ? 'script' : 'config';
    if (kind === 'python' && !PYTHON_WORDS.test(text)) return;
    if (isPythonTest(path) || isScriptTest(path)) return;
    for (const control of this.#left) {
      if (control.kind !== kind || !control.words.test(text)) continue;
      const at = this.#begun(control, file);
      if (at === undefined) continue;
      const { line, file: shown } = file.where(at);
      this.#seen.push({ control: control.name, asvs: control.asvs, file: shown, line });
      this.#left.delete(control);
    }
  }

  get all(): readonly Enforced[] {
    return this.#seen;
  }

  #begun(control: KnownControl, file: SourceFile): number | undefined {
    switch (control.kind) {
      case 'python': {
        const parsed = this.#tree.python.parsed(file.path);
        return parsed === undefined ? undefined : control.begun(parsed);
      }
      case 'script': {
        const parsed = projectOf(this.#tree).look(file);
        return parsed === undefined ? undefined : control.begun(parsed);
      }
      case 'config':
        if (!control.files.test(file.path)) return undefined;
        return control.begun(
          file.text.length > MOST_LENGTH ? new SourceFile(file.path, file.text.slice(0, MOST_LENGTH)) : file,
        );
    }
  }
}

/** Without any of these, a file of Python begins nothing that is known: one look in the place of thirty. */
const PYTHON_WORDS =
  /flask_(?:wtf|seasurf|talisman|limiter|session|login)|slowapi|axes\.middleware|django_ratelimit|proxy_fix|werkzeug\.security|argon2|bcrypt|passlib|pydantic|marshmallow|wtforms|pyotp|webauthn|defusedxml|structlog|pythonjsonlogger|django\.(?:middleware|contrib\.(?:auth|sessions))|SESSION_|AUTH_PASSWORD|MAX_CONTENT|SECURE_HSTS/;
