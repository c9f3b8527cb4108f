/** What the pages say on which people sign in and out, in German. */
import type { signInEn } from './sign-in.en.ts';

export const signInDe = (): Readonly<Record<keyof ReturnType<typeof signInEn>, string>> => ({
  'signIn.title': 'Anmelden',
  'signIn.button': 'Anmelden',
  'signIn.wrong':
    'E-Mail-Adresse und Passwort passen nicht zusammen. Prüfen Sie beides, und versuchen Sie es noch einmal.',
  'signIn.wait': 'Zu viele Versuche für dieses Konto. Warten Sie {wait}, und versuchen Sie es noch einmal.',
  'signIn.stay': 'Hier {time} lang angemeldet bleiben',
  'signIn.passkey': 'Mit einem Passkey anmelden',
  'signIn.forgot': 'Passwort vergessen?',
  'signIn.noAccount': 'Noch kein Konto? {create}',
  'signIn.create': 'Konto anlegen',

  'code.title': 'Zweiter Schritt',
  'code.hint': 'Die sechs Ziffern Ihrer Authenticator-App oder einer Ihrer Wiederherstellungscodes.',
  'code.remember': 'Auf diesem Gerät {time} lang nicht mehr fragen',
  'code.wrong':
    'Dieser Code stimmt nicht. Warten Sie auf den nächsten, oder nehmen Sie einen Wiederherstellungscode.',
  'code.wait':
    'Zu viele Codes wurden versucht. Warten Sie {wait}, oder nehmen Sie einen Wiederherstellungscode.',
  'code.startAgain': 'Von vorn beginnen',

  'passkey.use': 'Passkey benutzen',
  'passkey.cancelled': 'Es ist nichts geschehen. Versuchen Sie es noch einmal, wenn Sie so weit sind.',
  'passkey.failed': 'Das hat nicht geklappt. Versuchen Sie es noch einmal oder auf einem anderen Weg.',

  'again.title': 'Sind Sie es noch?',
  'again.why':
    'Angemeldet als {email}. Was Sie vorhaben, verlangt eine frische Anmeldung. Danach geht es da weiter, wo Sie waren.',
  'again.wrong': 'Das ist nicht das Passwort dieses Kontos. Versuchen Sie es noch einmal.',
  'again.wait': 'Zu viele Versuche. Warten Sie {wait}, und versuchen Sie es noch einmal.',
  'again.byMail': 'Ein Passwort per Mail wählen',

  'needsFactor.title': 'Das verlangt einen zweiten Schritt',
  'needsFactor.text':
    'Was Sie vorhaben, steht nur Konten mit einem Passkey oder einer Authenticator-App offen. Richten Sie zuerst eines davon ein.',

  'goOn.title': 'Vielen Dank',
  'goOn.text': 'Was Sie eingegeben haben, ist noch da. Machen Sie weiter, wo Sie waren:',
  'goOn.leave': 'Nicht weitermachen',

  'signedOut.title': 'Sie sind abgemeldet',
  'signedOut.text': 'Ihre Sitzung ist beendet, und dieser Browser hat sie vergessen.',
  'signedOut.again': 'Wieder anmelden',

  'challenge.asked':
    'Dieses Formular wird erst geprüft, weil es zuletzt viele Versuche gab. Senden Sie es noch einmal.',
  'challenge.stale':
    'Dieses Formular war zu lange offen oder wurde schon einmal gesendet. Senden Sie es noch einmal.',
  'challenge.early':
    'Dieses Formular wurde zu früh gesendet. Warten Sie {wait}, bevor Sie es noch einmal senden.',
  'challenge.withPassword': '{why} Das Passwort müssen Sie neu eingeben.',

  'work.without':
    'Ohne Skripte wird dieses Formular in {wait} angenommen und nicht früher. Füllen Sie es inzwischen aus.',
  'work.progress': 'Dieser Browser wird geprüft: {percent}.',
  'work.sending': 'Wird gesendet, sobald dieser Browser geprüft ist.',
  'work.done': 'Dieser Browser ist geprüft.',
  'work.failed': 'Dieser Browser konnte nicht geprüft werden.',
});
