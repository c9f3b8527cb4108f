/** What Strongroom asks of a new password, and how it says so. The rules themselves are Bulwark's. */
import { type LookUpContext, Passwords } from 'bulwark/passwords';

/** Characters of a password that stands alone: there is no second factor yet. */
export const MINIMUM_PASSWORD_LENGTH = 15;

/** Hashes and judges the passwords of this application. */
export function makePasswords(): Passwords {
  return Passwords.of({ minimumLength: MINIMUM_PASSWORD_LENGTH }, ['Strongroom']);
}

/** What to change about a new password. Undefined: it can be taken. */
export async function passwordProblem(
  passwords: Passwords,
  password: string,
  email: string,
  context: LookUpContext = {},
): Promise<string | undefined> {
  if (password === '') return 'Choose a password.';
  const problems = await passwords.check(password, { secondFactor: false, ownWords: [email] }, context);
  return problems.length === 0 ? undefined : problems.map((problem) => problem.message).join(' ');
}
