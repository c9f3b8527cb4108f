/** What the pages say on which accounts are made, passwords chosen and addresses changed, in German. */
import type { credentialsEn } from './credentials.en.ts';

export const credentialsDe = (): Readonly<Record<keyof ReturnType<typeof credentialsEn>, string>> => ({
  'register.title': 'Konto anlegen',
  'register.hint': 'Dorthin schicken wir einen Link, mit dem Sie ein Passwort wählen.',
  'register.closed': 'Konten legt hier nur der Betreiber an: Fragen Sie dort nach einem.',
  'register.haveOne': 'Sie haben schon eines? {signIn}',
  'register.choose': 'Passwort wählen',
  'register.create': 'Konto anlegen',

  'reset.title': 'Passwort vergessen?',
  'reset.hint': 'Dorthin schicken wir einen Link, wenn es ein Konto mit dieser Adresse gibt.',
  'reset.remembered': 'Wieder eingefallen? {signIn}',
  'reset.choose': 'Neues Passwort wählen',
  'reset.change': 'Passwort ändern',
  'reset.done': 'Ihr Passwort ist geändert',
  'reset.doneText': 'Alle, die mit Ihrem Konto angemeldet waren, sind abgemeldet, auch Sie selbst.',

  'choose.for': 'Für {email}.',
  'choose.hint':
    'Mindestens {least} Zeichen. Vier oder fünf Wörter hintereinander sind leicht zu merken und schwer zu erraten.',
  'choose.not':
    'Nicht angenommen werden gestohlene und häufige Passwörter, Folgen wie 123456 und der Name des Dienstes oder Ihr eigener.',

  'mailSent.title': 'Sehen Sie nach Ihren Mails',
  'mailSent.text':
    'Wenn die Adresse benutzt werden kann, ist eine Mail mit einem Link dorthin unterwegs. Das kann eine Minute dauern.',
  'mailSent.nothing': 'Nichts angekommen? Sehen Sie bei den unerwünschten Mails nach, oder {again}.',
  'mailSent.again': 'fordern Sie eine neue an',

  'deadLink.title': 'Dieser Link funktioniert nicht mehr',
  'deadLink.text': 'Er wurde benutzt oder ist zu alt, oder seit der Mail hat sich etwas geändert.',
  'deadLink.again': 'Einen neuen anfordern',

  'password.change': 'Passwort ändern',
  'password.set': 'Passwort festlegen',
  'password.present': 'Bisheriges Passwort',
  'password.new': 'Neues Passwort',
  'password.others': 'Alle anderen Geräte werden abgemeldet.',
  'password.wrong': 'Das ist nicht das bisherige Passwort.',
  'password.wait': 'Zu viele Versuche. Warten Sie {wait}.',
  'password.stale': 'Inzwischen hat etwas anderes Ihr Konto geändert. Versuchen Sie es noch einmal.',

  'email.title': 'E-Mail-Adresse ändern',
  'email.new': 'Neue E-Mail-Adresse',
  'email.hint': 'Dorthin schicken wir einen Link. Bis Sie ihn öffnen, bleibt es bei {email}.',
  'email.confirm': 'Neue Adresse bestätigen',
  'email.confirmText': 'Ab jetzt hat Ihr Konto die Adresse {email}. Andere Geräte werden abgemeldet.',
  'email.confirmButton': 'Bestätigen',
  'email.changed': 'Ihre Adresse ist geändert',
  'email.changedText': 'Melden Sie sich ab jetzt mit der neuen an.',

  'unfit.too-short': 'Nehmen Sie mindestens {least} Zeichen.',
  'unfit.too-long': 'Nehmen Sie höchstens {most} Zeichen.',
  'unfit.malformed': 'Darin sind Zeichen, die kein Text sind. Geben Sie es noch einmal ein.',
  'unfit.breached':
    'Es steht in einer Liste gestohlener Passwörter, die zuerst versucht werden. Wählen Sie ein anderes, und ändern Sie es überall, wo Sie es benutzen.',
  'unfit.unchecked':
    'Im Moment lässt sich nicht prüfen, ob dieses Passwort gestohlen wurde. Versuchen Sie es in einer Minute noch einmal.',
  'unfit.common':
    'Es besteht aus Wörtern, die zuerst versucht werden. Nehmen Sie eigene Wörter dazu, oder lassen Sie einen Passwortmanager wählen.',
  'unfit.own-words':
    'Es besteht vor allem aus dem Namen des Dienstes oder Ihrem eigenen. Wählen Sie etwas, das mit beidem nichts zu tun hat.',
  'unfit.repeated': 'Es wiederholt sich. Davon wird es nicht schwerer zu erraten.',
  'unfit.sequence':
    'Es ist vor allem eine Reihe, etwa 123456 oder abcdef, oder ein Jahr. Das wird zuerst versucht.',
  'unfit.keyboard': 'Es ist vor allem ein Weg über die Tastatur. Das wird zuerst versucht.',
});
