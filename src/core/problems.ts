import { type ErrorCode, PolicyError, type PolicyProblem } from './errors.ts';

/** Where the application runs. Nothing is switched off in development: some refusals become warnings. */
export type Environment = 'production' | 'development';

/** Collects everything wrong with a policy, so that one start shows it all. */
export class Problems {
  readonly environment: Environment;
  readonly errors: PolicyProblem[] = [];
  readonly warnings: PolicyProblem[] = [];

  constructor(environment: Environment) {
    this.environment = environment;
  }

  /** Refused everywhere. */
  refuse(code: ErrorCode, option: string, reason: string, fix: string): void {
    this.errors.push({ code, option, reason, fix });
  }

  /** Refused in production, a warning in development. */
  refuseInProduction(code: ErrorCode, option: string, reason: string, fix: string): void {
    const list = this.environment === 'production' ? this.errors : this.warnings;
    list.push({ code, option, reason, fix });
  }

  /** Told at start-up, refused nowhere. */
  warn(code: ErrorCode, option: string, reason: string, fix: string): void {
    this.warnings.push({ code, option, reason, fix });
  }

  /** Whether an option was refused by now: it is as if it were left out, and telling so would be a second problem that is none. */
  isRefused(option: string): boolean {
    return this.errors.some((error) => error.option === option);
  }

  /** @throws PolicyError with every error collected so far, if there is one. */
  throwIfAny(): void {
    if (this.errors.length > 0) throw new PolicyError(this.errors);
  }
}
