/** What the pages of authenticator apps, recovery codes and passkeys say, in French. */
import type { factorsEn } from './factors.en.ts';

export const factorsFr = (): Readonly<Record<keyof ReturnType<typeof factorsEn>, string>> => ({
  'app.title': 'Configurer une application d’authentification',
  'app.scan': 'Scannez ceci avec votre application d’authentification\u00a0:',
  'app.picture': 'Code QR pour votre application d’authentification',
  'app.type': 'Impossible de scanner\u00a0? Saisissez plutôt ceci\u00a0: {secret}',
  'app.onlyCode': 'Il ne manque que le code de votre application.',
  'app.hint': 'Les six chiffres que l’application affiche.',
  'app.turnOn': 'Activer',
  'app.notNow': 'Pas maintenant',
  'app.wrong':
    'Ce code ne convient pas. Saisissez celui que votre application affiche maintenant\u00a0; vérifiez l’heure de votre téléphone.',
  'app.limited': 'Trop de codes ont été essayés. Attendez une heure et recommencez.',

  'codes.title': 'Vos codes de récupération',
  'codes.text':
    'Gardez-les là où vous les trouverez sans votre téléphone. Chacun sert une seule fois. Ils ne sont affichés que maintenant, et les anciens ne fonctionnent plus.',
  'codes.fileAbout': 'Codes de récupération de {email} pour {service}, créés le {day}.',
  'codes.fileOnce': 'Chacun sert une seule fois. Les anciens ne fonctionnent plus.',
  'codes.fileName': 'codes-de-recuperation.txt',
  'codes.copy': 'Copier les codes de récupération',
  'codes.download': 'Télécharger les codes de récupération',
  'codes.print': 'Imprimer les codes de récupération',
  'codes.kept': 'Je les ai conservés',

  'newPasskey.title': 'Ajouter une clé d’accès',
  'newPasskey.usual': 'Ma clé d’accès',
  'newPasskey.hint': 'Pour que vous la reconnaissiez, par exemple l’appareil où elle se trouve.',
  'newPasskey.script':
    'Les clés d’accès ont besoin de JavaScript dans ce navigateur. Tout le reste fonctionne sans.',
  'newPasskey.make': 'Créer la clé d’accès',
});
