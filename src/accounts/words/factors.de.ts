/** What the pages of authenticator apps, recovery codes and passkeys say, in German. */
import type { factorsEn } from './factors.en.ts';

export const factorsDe = (): Readonly<Record<keyof ReturnType<typeof factorsEn>, string>> => ({
  'app.title': 'Authenticator-App einrichten',
  'app.scan': 'Scannen Sie das mit Ihrer Authenticator-App:',
  'app.picture': 'QR-Code für Ihre Authenticator-App',
  'app.type': 'Das geht nicht? Geben Sie stattdessen das hier ein: {secret}',
  'app.onlyCode': 'Es fehlt nur noch der Code Ihrer App.',
  'app.hint': 'Die sechs Ziffern, die die App zeigt.',
  'app.turnOn': 'Einschalten',
  'app.notNow': 'Nicht jetzt',
  'app.wrong':
    'Dieser Code passt nicht. Geben Sie den ein, den Ihre App jetzt zeigt; prüfen Sie die Uhr Ihres Telefons.',
  'app.limited': 'Zu viele Codes wurden versucht. Warten Sie eine Stunde, und fangen Sie neu an.',

  'codes.title': 'Ihre Wiederherstellungs\u00adcodes',
  'codes.text':
    'Bewahren Sie sie da auf, wo Sie sie ohne Ihr Telefon finden. Jeder gilt einmal. Sie stehen nur jetzt hier, und ältere gelten nicht mehr.',
  'codes.fileAbout': 'Wiederherstellungscodes von {email} bei {service}, erzeugt am {day}.',
  'codes.fileOnce': 'Jeder gilt einmal. Ältere gelten nicht mehr.',
  'codes.fileName': 'wiederherstellungscodes.txt',
  'codes.copy': 'Wiederherstellungscodes kopieren',
  'codes.download': 'Wiederherstellungscodes herunterladen',
  'codes.print': 'Wiederherstellungscodes drucken',
  'codes.kept': 'Ich habe sie aufbewahrt',

  'newPasskey.title': 'Passkey hinzufügen',
  'newPasskey.usual': 'Mein Passkey',
  'newPasskey.hint': 'Damit Sie ihn wiedererkennen, etwa das Gerät, auf dem er ist.',
  'newPasskey.script': 'Passkeys brauchen JavaScript in diesem Browser. Alles andere hier geht ohne.',
  'newPasskey.make': 'Passkey anlegen',
});
