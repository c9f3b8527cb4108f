/** What the pages of API tokens say, in German. */
import type { tokensEn } from './tokens.en.ts';

export const tokensDe = (): Readonly<Record<keyof ReturnType<typeof tokensEn>, string>> => ({
  'tokens.title': 'API-Token',
  'tokens.about': 'Mit einem Token handelt ein Programm für Sie, in den Grenzen, die Sie ihm setzen.',
  'tokens.live.one': 'Eines gilt gerade.',
  'tokens.live.other': '{count} gelten gerade.',
  'tokens.manage': 'API-Token verwalten',
  'tokens.why':
    'Wer ein Token hat, darf damit, was es erlaubt, als wären es Sie. Widerrufen Sie, was nicht mehr gebraucht wird.',
  'tokens.none': 'Noch keine Token.',
  'tokens.make': 'Token erzeugen',
  'tokens.revokeAll': 'Alle widerrufen',
  'tokens.revokeAllWhy':
    'Jedes Programm, das eines benutzt, hört sofort auf. Keines davon lässt sich zurückholen.',
  'tokens.revokeAllButton': 'Alle Token widerrufen',
  'tokens.revoke': 'Widerrufen',
  'tokens.expired': 'Abgelaufen',
  'tokens.may': 'Darf: {scopes}',
  'tokens.bound': 'Gilt nur mit dem Schlüssel seines Programms.',
  'tokens.boundFirst': 'Gilt nur mit dem Schlüssel, mit dem es zuerst benutzt wird.',
  'tokens.unused': 'erzeugt: {made}, nie benutzt, läuft ab: {end}',
  'tokens.unusedOver': 'erzeugt: {made}, nie benutzt, abgelaufen: {end}',
  'tokens.used': 'erzeugt: {made}, zuletzt benutzt: {used} von {address}, läuft ab: {end}',
  'tokens.usedOver': 'erzeugt: {made}, zuletzt benutzt: {used} von {address}, abgelaufen: {end}',

  'newToken.title': 'Token erzeugen',
  'newToken.hint': 'Wofür es ist, damit Sie es wiedererkennen. Höchstens {most} Zeichen.',
  'newToken.scopes': 'Was es darf',
  'newToken.life': 'Wie lange es gilt',
  'newToken.bind': 'An einen Schlüssel des Programms binden (DPoP)',
  'newToken.bindWhy':
    'Es wird an den Schlüssel gebunden, mit dem es zuerst benutzt wird. Wer das Token später findet, kann nichts damit tun.',
  'newToken.until': '{life}, bis {day}',
  'newToken.make': 'Dieses Token erzeugen',
  'newToken.back': 'Zurück zu Ihren Token',
  'newToken.noName': 'Geben Sie dem Token eine Bezeichnung.',
  'newToken.longName': 'Eine Bezeichnung hat höchstens {most} Zeichen.',
  'newToken.noScope': 'Wählen Sie wenigstens eines, das es darf.',
  'newToken.noLife': 'Wählen Sie eine der Zeiten in der Liste.',
  'newToken.sentBefore':
    'Dieses Formular wurde schon einmal gesendet oder lag zu lange. Sehen Sie zuerst nach Ihren Token; wenn keines davon da ist, drücken Sie noch einmal.',
  'newToken.tooMany': 'Sie haben {most} Token, mehr dürfen es nicht sein. Widerrufen Sie zuerst eines.',
  'newToken.failed': 'Es wurde kein Token erzeugt. Gehen Sie zu Ihrem Konto, und fangen Sie neu an.',

  'token.title': 'Ihr neues Token',
  'token.text':
    'Kopieren Sie es jetzt. Es steht nur dieses eine Mal hier, und später kann es Ihnen niemand mehr sagen.',
  'token.may': 'Darf: {scopes}. Gilt bis {day}.',
  'token.header': 'Ein Programm sendet es im Kopf {header} und nirgends sonst.',
  'token.proof': 'Mit ihm geht der Kopf {header}: der Nachweis seines Schlüssels, für jede Anfrage neu.',
  'token.fileName': 'api-token.txt',
  'token.copy': 'Token kopieren',
  'token.download': 'Token herunterladen',
  'token.print': 'Token drucken',
  'token.kept': 'Ich habe es aufbewahrt',
});
