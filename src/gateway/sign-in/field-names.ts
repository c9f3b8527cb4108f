/** What people call the fields of a sign-in form, in the languages that most of it is written in. */

const PASSWORD =
  /(?:password|passwd|passwort|pwd|passphrase|passcode|kennwort|motdepasse|mdp|contrasena|senha|wachtwoord|haslo|parola|^pass|userpass)$/;
/** Of a password that is chosen, repeated or replaced. */
const CHOSEN = /new|confirm|repeat|again|verif|retype|old|current|neu|wiederhol/;
const ACCOUNT =
  /(?:username|userid|usrname|^user|loginname|loginid|^login|signinname|email|emailaddress|^mail|^account|accountname|accountid|^identifier|^identity|^handle|^nick|nickname|benutzer|benutzername|kennung|^uid|^uname|^phone|phonenumber|^userlogin|userlogin|^log)$/;

/** Whether a name is what people give to the field of a password that signs in. */
export function isPasswordName(name: string): boolean {
  const word = lastWord(name);
  return PASSWORD.test(word) && !CHOSEN.test(word);
}

/** Whether a name is what people give to the field that says who signs in. */
export function isAccountName(name: string): boolean {
  return ACCOUNT.test(lastWord(name));
}

/** `user[email]`, `login.e-mail` and `Email` alike: the letters of the last part. `password1` and `password2` are a choice. */
function lastWord(name: string): string {
  const parts = name
    .slice(0, 256)
    .toLowerCase()
    .split(/[[\].]+/)
    .filter((part) => part !== '');
  return (parts.at(-1) ?? '').replaceAll(/[^a-z0-9]/g, '');
}
