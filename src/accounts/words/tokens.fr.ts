/** What the pages of API tokens say, in French. */
import type { tokensEn } from './tokens.en.ts';

export const tokensFr = (): Readonly<Record<keyof ReturnType<typeof tokensEn>, string>> => ({
  'tokens.title': 'Jetons d’API',
  'tokens.about': 'Avec un jeton, un programme agit pour vous, dans les limites que vous fixez.',
  'tokens.live.one': 'Un jeton est valable.',
  'tokens.live.other': '{count} jetons sont valables.',
  'tokens.manage': 'Gérer les jetons d’API',
  'tokens.why':
    'Qui possède un jeton fait en votre nom ce que ce jeton permet. Révoquez ceux que rien n’utilise plus.',
  'tokens.none': 'Pas encore de jetons.',
  'tokens.make': 'Créer un jeton',
  'tokens.revokeAll': 'Les révoquer tous',
  'tokens.revokeAllWhy': 'Chaque programme qui en utilise un s’arrête aussitôt. Aucun ne peut être rétabli.',
  'tokens.revokeAllButton': 'Révoquer tous les jetons',
  'tokens.revoke': 'Révoquer',
  'tokens.expired': 'Expiré',
  'tokens.may': 'Autorise\u00a0: {scopes}',
  'tokens.bound': 'Ne fonctionne qu’avec la clé de son programme.',
  'tokens.boundFirst': 'Ne fonctionnera qu’avec la clé de sa première utilisation.',
  'tokens.unused': 'créé le {made}, jamais utilisé, expire le {end}',
  'tokens.unusedOver': 'créé le {made}, jamais utilisé, expiré le {end}',
  'tokens.used': 'créé le {made}, dernière utilisation\u00a0: {used} depuis {address}, expire le {end}',
  'tokens.usedOver': 'créé le {made}, dernière utilisation\u00a0: {used} depuis {address}, expiré le {end}',

  'newToken.title': 'Créer un jeton',
  'newToken.hint': 'À quoi il sert, pour que vous le reconnaissiez. Au plus {most} caractères.',
  'newToken.scopes': 'Ce qu’il autorise',
  'newToken.life': 'Durée de validité',
  'newToken.bind': 'Le lier à une clé de son programme (DPoP)',
  'newToken.bindWhy':
    'Il est lié à la clé de sa première utilisation. Qui trouve le jeton plus tard ne peut rien en faire.',
  'newToken.until': '{life}, jusqu’au {day}',
  'newToken.make': 'Créer le jeton',
  'newToken.back': 'Retour à vos jetons',
  'newToken.noName': 'Donnez un nom au jeton.',
  'newToken.longName': 'Un nom a au plus {most} caractères.',
  'newToken.noScope': 'Choisissez au moins une chose qu’il autorise.',
  'newToken.noLife': 'Choisissez l’une des durées de la liste.',
  'newToken.sentBefore':
    'Ce formulaire a déjà été envoyé, ou est resté ouvert trop longtemps. Regardez d’abord vos jetons\u00a0; s’il n’y en a aucun de tel, appuyez encore une fois sur le bouton.',
  'newToken.tooMany': 'Vous avez {most} jetons, et il ne peut y en avoir plus. Révoquez-en un d’abord.',
  'newToken.failed': 'Aucun jeton n’a été créé. Retournez à votre compte et recommencez.',

  'token.title': 'Votre nouveau jeton',
  'token.text':
    'Copiez-le maintenant. Il n’est affiché que cette fois, et personne ne pourra vous le redire plus tard.',
  'token.may': 'Autorise\u00a0: {scopes}. Valable jusqu’au {day}.',
  'token.header': 'Un programme l’envoie dans l’en-tête {header}, et nulle part ailleurs.',
  'token.proof': 'L’en-tête {header} l’accompagne\u00a0: la preuve de sa clé, refaite à chaque requête.',
  'token.fileName': 'jeton-api.txt',
  'token.copy': 'Copier le jeton',
  'token.download': 'Télécharger le jeton',
  'token.print': 'Imprimer le jeton',
  'token.kept': 'Je l’ai conservé',
});
