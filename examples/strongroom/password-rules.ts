/** What Strongroom asks of a new password, and how it says so. The rules themselves are Bulwark's. */
import { Passwords } from 'bulwark/passwords';

/** Characters of a password that stands alone: there is no second factor yet. */
export const MINIMUM_PASSWORD_LENGTH = 15;

/** Hashes and judges the passwords of this application. */
export function makePasswords(): Passwords {
  return Passwords.of({ minimumLength: MINIMUM_PASSWORD_LENGTH }, ['Strongroom']);
}

/** What to change about a new password. Undefined: it can be taken. */
export function passwordProblem(passwords: Passwords, password: string, email: string): string | undefined {
  if (password === '') return 'Choose a password.';
  const problems = passwords.check(password, { secondFactor: false, ownWords: [email] });
  return problems.length === 0 ? undefined : problems.map((problem) => problem.message).join(' ');
}
