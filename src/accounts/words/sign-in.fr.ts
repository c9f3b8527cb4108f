/** What the pages say on which people sign in and out, in French. */
import type { signInEn } from './sign-in.en.ts';

export const signInFr = (): Readonly<Record<keyof ReturnType<typeof signInEn>, string>> => ({
  'signIn.title': 'Se connecter',
  'signIn.button': 'Se connecter',
  'signIn.wrong': 'Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les deux et réessayez.',
  'signIn.wait': 'Trop d’essais pour ce compte. Attendez {wait} et réessayez.',
  'signIn.stay': 'Rester connecté ici pendant {time}',
  'signIn.passkey': 'Se connecter avec une clé d’accès',
  'signIn.forgot': 'Mot de passe oublié\u00a0?',
  'signIn.noAccount': 'Pas encore de compte\u00a0? {create}',
  'signIn.create': 'Créez-en un',

  'code.title': 'Deuxième étape',
  'code.hint':
    'Les six chiffres de votre application d’authentification, ou l’un de vos codes de récupération.',
  'code.remember': 'Ne pas demander sur cet appareil pendant {time}',
  'code.wrong': 'Ce code ne fonctionne pas. Attendez le suivant, ou utilisez un code de récupération.',
  'code.wait': 'Trop de codes ont été essayés. Attendez {wait}, ou utilisez un code de récupération.',
  'code.startAgain': 'Recommencer',

  'passkey.use': 'Utiliser une clé d’accès',
  'passkey.cancelled': 'Rien n’a été fait. Réessayez quand vous serez prêt.',
  'passkey.failed': 'Cela n’a pas fonctionné. Réessayez, ou utilisez un autre moyen.',

  'again.title': 'Est-ce toujours vous\u00a0?',
  'again.why':
    'Connecté en tant que {email}. Ce que vous demandez exige une nouvelle connexion. Vous reprendrez là où vous étiez.',
  'again.wrong': 'Ce n’est pas le mot de passe de ce compte. Réessayez.',
  'again.wait': 'Trop d’essais. Attendez {wait} et réessayez.',
  'again.byMail': 'Choisir un mot de passe par e-mail',

  'needsFactor.title': 'Ceci exige une deuxième étape',
  'needsFactor.text':
    'Ce que vous demandez est réservé aux comptes qui ont une clé d’accès ou une application d’authentification. Configurez-en une d’abord.',

  'goOn.title': 'Merci',
  'goOn.text': 'Rien de ce que vous avez saisi n’est perdu. Reprenez ce que vous faisiez\u00a0:',
  'goOn.leave': 'Abandonner',

  'signedOut.title': 'Vous êtes déconnecté',
  'signedOut.text': 'Votre session est terminée, et ce navigateur l’a oubliée.',
  'signedOut.again': 'Se reconnecter',

  'challenge.asked':
    'Ce formulaire est vérifié avant d’être accepté, car il y a eu beaucoup d’essais récemment. Envoyez-le à nouveau.',
  'challenge.stale':
    'Ce formulaire est resté ouvert trop longtemps, ou a déjà été envoyé. Envoyez-le à nouveau.',
  'challenge.early': 'Ce formulaire a été envoyé trop tôt. Attendez {wait} avant de l’envoyer à nouveau.',
  'challenge.withPassword': '{why} Le mot de passe doit être saisi à nouveau.',

  'work.without':
    'Sans script, ce formulaire est accepté dans {wait}, et pas avant. Remplissez-le en attendant.',
  'work.progress': 'Vérification de ce navigateur\u00a0: {percent}.',
  'work.sending': 'Envoi dès que ce navigateur est vérifié.',
  'work.done': 'Ce navigateur est vérifié.',
  'work.failed': 'Ce navigateur n’a pas pu être vérifié.',
});
