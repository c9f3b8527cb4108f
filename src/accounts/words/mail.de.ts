/** What mails say, in German. */
import type { mailEn } from './mail.en.ts';

export const mailDe = (): Readonly<Record<keyof ReturnType<typeof mailEn>, string>> => ({
  'mail.confirm.subject': 'Bestätigen Sie Ihre Adresse für {service}',
  'mail.confirm.why':
    'Jemand, hoffentlich Sie selbst, möchte mit dieser Adresse ein Konto bei {service} anlegen.',
  'mail.confirm.link': 'Öffnen Sie diesen Link, um ein Passwort zu wählen. Er gilt einmal und {life} lang:',
  'mail.confirm.else': 'Wenn Sie das nicht waren, tun Sie nichts: Ohne diesen Link entsteht kein Konto.',

  'mail.registered.subject': 'Sie haben bereits ein Konto bei {service}',
  'mail.registered.why':
    'Jemand, hoffentlich Sie selbst, wollte mit dieser Adresse ein Konto bei {service} anlegen. Es gibt schon eines.',
  'mail.registered.signIn': 'Melden Sie sich hier an: {link}',
  'mail.registered.link': 'Oder wählen Sie ein neues Passwort. Dieser Link gilt einmal und {life} lang:',
  'mail.registered.else':
    'Wenn Sie das nicht waren, tun Sie nichts: An Ihrem Konto hat sich nichts geändert.',

  'mail.reset.subject': 'Wählen Sie ein neues Passwort für {service}',
  'mail.reset.why':
    'Jemand, hoffentlich Sie selbst, hat das Passwort für dieses Konto bei {service} vergessen.',
  'mail.reset.link': 'Öffnen Sie diesen Link, um ein neues zu wählen. Er gilt einmal und {life} lang:',
  'mail.reset.else': 'Wenn Sie das nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist.',

  'mail.invite.subject': 'Wählen Sie ein Passwort für Ihr neues Konto bei {service}',
  'mail.invite.why': 'Die Betreiber von {service} haben mit dieser Adresse ein Konto für Sie angelegt.',
  'mail.invite.link':
    'Öffnen Sie diesen Link, um das Passwort dafür zu wählen. Er gilt einmal und {life} lang:',
  'mail.invite.late': 'Wenn er nicht mehr gilt, fordern Sie hier einen neuen an: {forgot}',
  'mail.invite.else':
    'Wenn Sie dort kein Konto erwarten, tun Sie nichts: Solange kein Passwort gewählt ist, meldet sich niemand mit einem an.',

  'mail.newEmail.subject': 'Bestätigen Sie Ihre neue Adresse für {service}',
  'mail.newEmail.why':
    'Jemand, hoffentlich Sie selbst, möchte, dass ein Konto bei {service} künftig diese Adresse hat.',
  'mail.newEmail.link': 'Öffnen Sie diesen Link, um sie zu bestätigen. Er gilt einmal und {life} lang:',
  'mail.newEmail.else': 'Wenn Sie das nicht waren, tun Sie nichts: Ohne Sie bekommt kein Konto Ihre Adresse.',

  'mail.taken.subject': 'Ihre Adresse bei {service}',
  'mail.taken.why':
    'Jemand mit einem anderen Konto bei {service} wollte diesem Ihre Adresse geben. Sie gehört weiterhin Ihnen.',
  'mail.taken.else':
    'Wenn Sie das waren und die Adresse umziehen soll, melden Sie sich zuerst bei diesem Konto an: {link}',

  'mail.emailAsked.subject': 'Für Ihr Konto wurde eine neue Adresse gewünscht',
  'mail.emailAsked.what':
    'Sobald sie bestätigt ist, hat Ihr Konto bei {service} die Adresse {email}, und diese hier wird nicht mehr benutzt.',
  'mail.emailChanged.subject': 'Die Adresse Ihres Kontos wurde geändert',
  'mail.emailChanged.what':
    'Ihr Konto bei {service} hat jetzt die Adresse {email}. Dies ist die letzte Mail an die bisherige.',

  'mail.news.what': '{news}: bei {service}, für das Konto mit dieser Adresse.',
  'mail.news.passwordChanged': 'Ihr Passwort wurde geändert',
  'mail.news.factorAdded': 'Ein zweiter Faktor wurde hinzugefügt',
  'mail.news.factorRemoved': 'Ein zweiter Faktor wurde entfernt',
  'mail.news.codesMade': 'Neue Wiederherstellungscodes wurden erzeugt',
  'mail.news.linked': 'Ein weiterer Dienst zur Anmeldung wurde verknüpft',
  'mail.news.sessionMisused':
    'Jemand wollte Ihre Sitzung auf einem anderen Gerät benutzen und wurde abgewiesen',
  'mail.news.stayCopied':
    'Eine Kopie dessen, was Sie angemeldet hält, wurde benutzt, und der Browser wurde abgemeldet',
  'mail.news.deletionKept': 'Ihr Konto bleibt und wird nicht entfernt',
  'mail.news.unlinked': 'Die Verknüpfung mit einem Dienst zur Anmeldung wurde aufgehoben',

  'mail.token.subject': 'Ein API-Token wurde erzeugt',
  'mail.token.what':
    'Bei {service} wurde für das Konto mit dieser Adresse ein API-Token erzeugt. Es beginnt mit {hint}.',
  'mail.token.may': 'Bis zum {day} darf ein Programm, das es hat, dies für Sie tun: {scopes}.',
  'mail.token.see': 'Hier sehen Sie Ihre Token und können sie widerrufen: {link}',

  'mail.passwordReset.what':
    'Über einen Link in einer Mail wurde ein neues Passwort gewählt: bei {service}, für das Konto mit dieser Adresse.',
  'mail.passwordReset.stays':
    'Alle Geräte sind abgemeldet, und Token von Programmen gelten nicht mehr. Passkeys, Authenticator-Apps und die Anmeldung über andere Dienste sind, wie sie waren:',
  'mail.passwordReset.look': 'Sehen Sie sie hier durch, und entfernen Sie, was nicht von Ihnen ist: {link}',

  'mail.newDevice.subject': 'Eine neue Anmeldung bei Ihrem Konto',
  'mail.newDevice.what':
    'Jemand hat sich bei Ihrem Konto bei {service} mit einem Browser angemeldet, der dafür noch nie benutzt wurde.',

  'mail.guessed.subject': 'Jemand versucht, Ihr Passwort zu erraten',
  'mail.guessed.what':
    'Für Ihr Konto bei {service} wurden so viele falsche Passwörter versucht, dass neue Browser ab jetzt mit keinem Passwort mehr hineinkommen.',
  'mail.guessed.else':
    'Browser, mit denen Sie sich schon angemeldet haben, funktionieren weiter. Überall sonst wählen Sie zuerst ein neues Passwort:',

  'mail.deletion.subject': 'Ihr Konto soll entfernt werden',
  'mail.deletion.what':
    'Ihr Konto bei {service} wurde überall abgemeldet und wird am {day} entfernt, wie es dort verlangt wurde.',
  'mail.deletion.keep':
    'Wenn Sie es behalten möchten, oder wenn nicht Sie das verlangt haben, melden Sie sich vor diesem Tag an und drücken Sie den Knopf, um es zu behalten: {link}. Waren Sie es nicht, ändern Sie dann Ihr Passwort.',
  'mail.removed.subject': 'Ihr Konto wurde entfernt',
  'mail.removed.what':
    'Ihr Konto bei {service} wurde entfernt, und mit ihm alles, was den Zugang öffnete. Niemand kann sich dort mehr anmelden, und dies ist die letzte Mail dazu.',
  'mail.removed.else': 'Wenn Sie damit nicht gerechnet haben, fragen Sie die Betreiber von {service}.',

  'mail.factorsAsked.subject': 'Ihre zweiten Faktoren sollen entfernt werden',
  'mail.factorsAsked.what':
    'Ein Betreiber von {service} will alle zweiten Faktoren Ihres Kontos entfernen: Authenticator-App, Passkeys, Wiederherstellungscodes. Das geschieht, sobald ein zweiter Betreiber zustimmt.',
  'mail.factorsAsked.else':
    'Wenn Sie nicht darum gebeten haben, sagen Sie es sofort den Betreibern von {service}, und wählen Sie ein neues Passwort: {link}',
  'mail.factorsReset.subject': 'Ihre zweiten Faktoren wurden entfernt',
  'mail.factorsReset.what':
    'Betreiber von {service} haben alle zweiten Faktoren Ihres Kontos entfernt und alle Geräte abgemeldet. Melden Sie sich mit Ihrem Passwort an, und richten Sie wieder einen zweiten Faktor ein: {account}',
  'mail.factorsReset.else':
    'Wenn Sie nicht darum gebeten haben, will vielleicht jemand anders an Ihr Konto: Wählen Sie sofort ein neues Passwort, und sagen Sie es den Betreibern von {service}. {link}',

  'mail.notice.subject': '{news} ({service})',
  'mail.notice.when': 'Wann: {time}',
  'mail.notice.where': 'Von: {address}, {device}',
  'mail.notice.else':
    'Wenn Sie das waren, ist alles in Ordnung. Wenn nicht, wählen Sie sofort über eine Mail ein neues Passwort; das meldet alle Geräte ab und beendet die Token von Programmen: {link}',
  'mail.notice.look':
    'Sehen Sie danach auf der Seite Ihres Kontos die Passkeys und die anderen Wege zur Anmeldung durch, und entfernen Sie, was nicht von Ihnen ist.',

  'time.utc': '{time} UTC',
  'device.unknown': 'Unbekanntes Gerät',
  'device.unknownBrowser': 'Unbekannter Browser unter {system}',
  'device.both': '{browser} unter {system}',
});
