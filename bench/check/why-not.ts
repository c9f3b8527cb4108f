/** Why the check does not say what another scanner says of the tests' applications, by what that calls it. */
const IMPORT = 'an import does nothing; what is done with it is said where it is done';
const SQL =
  'what is put in is a number, a name of a list, or a constant: no text of a request reaches it, and the values are bound';
const CONSTANT = 'a constant is evaluated or marked: nobody chooses it';
const COMMAND = 'a list of arguments without a shell, or a constant: nothing of a request becomes a command';

export const WHY_NOT: Readonly<Record<string, string>> = {
  B403: IMPORT,
  B404: IMPORT,
  B405: IMPORT,
  B608: SQL,
  S608: SQL,
  B307: CONSTANT,
  S307: CONSTANT,
  B704: CONSTANT,
  S704: CONSTANT,
  B603: COMMAND,
  S603: COMMAND,
  B605: COMMAND,
  S605: COMMAND,
  B607: 'a program by its name is found by the PATH of whoever starts the application, who could start anything',
  S607: 'as B607',
  'invalid-syntax': 'said, too: a file that could not be read is a warning of `source.scanned`',
  'security/detect-possible-timing-attacks': 'a secret is compared with undefined, at the start',
  'security/detect-object-injection': 'the key is one of a list',
};
