/** What pages of errors say, in German. */
import type { problemsEn } from './problems.en.ts';

export const problemsDe = (): Readonly<Record<keyof ReturnType<typeof problemsEn>, string>> => ({
  'problem.bad-request.title': 'Diese Anfrage war nicht zu verstehen',
  'problem.bad-request.detail':
    'So lässt sich die Anfrage nicht beantworten. Bitte prüfen Sie sie, und versuchen Sie es noch einmal.',
  'problem.sign-in-required.title': 'Bitte melden Sie sich an',
  'problem.sign-in-required.detail': 'Dafür müssen Sie angemeldet sein.',
  'problem.too-many-sessions.title': 'Sie sind in zu vielen Browsern angemeldet',
  'problem.too-many-sessions.detail':
    'Sie wurden nicht angemeldet. Melden Sie sich zuerst in einem Ihrer anderen Browser ab, und versuchen Sie es noch einmal.',
  'problem.session-over.title': 'Ihre Sitzung ist beendet',
  'problem.session-over.detail': 'Bitte melden Sie sich wieder an.',
  'problem.not-allowed.title': 'Das dürfen Sie nicht',
  'problem.not-allowed.detail': 'Darauf haben Sie keinen Zugriff.',
  'problem.not-found.title': 'Diese Seite gibt es nicht',
  'problem.not-found.detail':
    'An dieser Adresse ist nichts. Vielleicht ist es umgezogen, oder im Link ist ein Fehler.',
  'problem.method-not-allowed.title': 'Das geht hier nicht',
  'problem.method-not-allowed.detail': 'Diese Adresse nimmt keine Anfragen dieser Art an.',
  'problem.request-timeout.title': 'Die Anfrage hat zu lange gedauert',
  'problem.request-timeout.detail':
    'Die Anfrage kam nicht rechtzeitig an. Bitte versuchen Sie es noch einmal.',
  'problem.conflict.title': 'Inzwischen hat sich das geändert',
  'problem.conflict.detail':
    'Jemand hat das vor Ihnen geändert. Öffnen Sie es neu, und wiederholen Sie, was Sie getan haben.',
  'problem.gone.title': 'Diese Seite ist weg',
  'problem.gone.detail': 'Was hier war, wurde entfernt.',
  'problem.body-too-large.title': 'Das ist zu groß',
  'problem.body-too-large.detail': 'Was gesendet wurde, ist größer, als diese Adresse annimmt.',
  'problem.invalid-input.title': 'Einiges davon ist nicht gültig',
  'problem.invalid-input.detail':
    'Einiges von dem, was gesendet wurde, fehlt oder ist nicht, wonach gefragt wird.',
  'problem.invalid-json.title': 'Der Inhalt ist nicht lesbar',
  'problem.invalid-json.detail':
    'Was gesendet wurde, ist kein JSON, das sich auf nur eine Weise lesen lässt.',
  'problem.invalid-form.title': 'Das Formular ist nicht lesbar',
  'problem.invalid-form.detail':
    'Was gesendet wurde, ist kein Formular, das sich auf nur eine Weise lesen lässt.',
  'problem.file-refused.title': 'Dateien dieser Art werden hier nicht angenommen',
  'problem.file-refused.detail':
    'Eine Datei ist von einer Art, die hier nicht angenommen wird, oder nicht, was ihr Name sagt.',
  'problem.file-waits.title': 'Diese Datei wird noch geprüft',
  'problem.file-waits.detail':
    'Die Datei ist da und wird noch geprüft. Versuchen Sie es in einer Minute wieder.',
  'problem.not-signed.title': 'Die Unterschrift ist nicht gültig',
  'problem.not-signed.detail': 'Hier wird angenommen, was der Absender unterschrieben hat.',
  'problem.body-not-supported.title': 'Inhalte dieser Art werden nicht angenommen',
  'problem.body-not-supported.detail':
    'Was gesendet wurde, ist nicht von einer Art, die diese Adresse annimmt.',
  'problem.expectation-failed.title': 'Die Anfrage erwartet, was es hier nicht gibt',
  'problem.expectation-failed.detail': 'Was die Anfrage zuerst verlangt, geschieht hier nicht.',
  'problem.too-many-requests.title': 'Zu viele Anfragen',
  'problem.too-many-requests.detail':
    'Es waren zu viele Anfragen. Bitte warten Sie einen Moment, und versuchen Sie es noch einmal.',
  'problem.headers-too-large.title': 'Die Anfrage ist zu groß',
  'problem.headers-too-large.detail':
    'Die Adresse oder die Cookies der Anfrage sind zu lang. Löschen Sie die Cookies dieser Website, und versuchen Sie es noch einmal.',
  'problem.redirect.title': 'Diese Seite ist anderswo',
  'problem.redirect.detail': 'Gehen Sie weiter dorthin.',
  'problem.internal-error.title': 'Etwas ist schiefgegangen',
  'problem.internal-error.detail':
    'Der Fehler lag bei uns und ist festgehalten. Bitte versuchen Sie es später noch einmal.',
  'problem.unavailable.title': 'Im Moment nicht verfügbar',
  'problem.unavailable.detail':
    'Der Dienst kann gerade nicht antworten. Bitte versuchen Sie es gleich noch einmal.',
  'problem.host-not-allowed.title': 'Diese Adresse gibt es hier nicht',
  'problem.host-not-allowed.detail': 'Prüfen Sie den Namen der Website in der Adresse.',
  'problem.https-required.title': 'Das verlangt eine sichere Verbindung',
  'problem.https-required.detail': 'Öffnen Sie diese Adresse mit https:// davor.',
  'problem.token-not-proved.title': 'Dieses Token kam ohne den Nachweis seines Schlüssels',
  'problem.token-not-proved.detail':
    'Es gehört zu einem Schlüssel oder muss zu einem gehören. Schicken Sie einen Nachweis dieses Schlüssels mit.',
  'problem.invalid-token.title': 'Dieses Token gilt nicht',
  'problem.invalid-token.detail': 'Es ist abgelaufen, wurde widerrufen oder war nie eines dieses Dienstes.',
  'problem.origin-not-allowed.title': 'Seiten dieses Ursprungs dürfen hier nicht anfragen',
  'problem.origin-not-allowed.detail': 'Seiten dieses Ursprungs dürfen hier keine Anfragen stellen.',
  'problem.cross-site-request.title': 'Die Anfrage kam von einer anderen Website',
  'problem.cross-site-request.detail':
    'Eine Seite einer anderen Website hat sie gesendet, oder eine, die zu lange offen war. Öffnen Sie die Seite neu, und wiederholen Sie, was Sie getan haben.',
  'problem.stronger-sign-in-required.title': 'Bitte bestätigen Sie, dass Sie es sind',
  'problem.stronger-sign-in-required.detail':
    'Was Sie vorhaben, verlangt eine frische Anmeldung oder einen zweiten Schritt.',
  'problem.device-needed.title': 'Das verlangt eine Sitzung, die an Ihr Gerät gebunden ist',
  'problem.device-needed.detail':
    'Wenn Sie sich gerade angemeldet haben, lädt die Seite von selbst neu. Sonst melden Sie sich mit einem Browser an, der Sitzungen an sein Gerät bindet.',
  'problem.device-one-moment.title': 'Einen Moment',
  'problem.device-one-moment.detail':
    'Ihr Browser wird gebeten zu zeigen, dass er Ihrer ist. Die Seite lädt von selbst neu.',
  'problem.device-not-proved.title': 'Ihr Browser konnte nicht zeigen, dass er Ihrer ist',
  'problem.device-not-proved.detail':
    'Diese Sitzung gehört zu einem Gerät. Laden Sie die Seite in einer Minute neu, oder melden Sie sich wieder an.',
  'problem.device-challenge.title': 'Das Gerät wird um seinen Nachweis gebeten',
  'problem.device-challenge.detail': 'Ihr Browser beantwortet das von selbst.',
  'problem.device-ended.title': 'Dieses Gerät ist hier an keine Sitzung gebunden',
  'problem.device-ended.detail': 'Melden Sie sich wieder an.',
  'problem.bad-answer.title': 'Die Anwendung hat nicht geantwortet, wie sie sollte',
  'problem.bad-answer.detail':
    'Der Dienst kann gerade nicht antworten. Bitte versuchen Sie es gleich noch einmal.',
  'problem.late-answer.title': 'Die Anwendung hat zu lange gebraucht',
  'problem.late-answer.detail':
    'Der Dienst kann gerade nicht antworten. Bitte versuchen Sie es gleich noch einmal.',
  'problem.no-room.title': 'Dafür ist gerade kein Platz',
  'problem.no-room.detail': 'Bitte versuchen Sie es später noch einmal.',

  'problem.goOn': 'Weiter',
  'problem.start': 'Zur Startseite',
  'problem.request': 'Anfrage {id}',
  'problem.development': 'Steht nur in der Entwicklung hier, auf diesem Rechner.',
});
