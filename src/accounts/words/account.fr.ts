/** What the page of one's own account says, in French. */
import type { accountEn } from './account.en.ts';

export const accountFr: Readonly<Record<keyof typeof accountEn, string>> = {
  'account.title': 'Compte',
  'account.you': 'Vous',
  'account.since': 'Membre depuis',
  'account.roles': 'Rôles',

  'account.secondStep': 'Deuxième étape',
  'account.secondStepWhy': 'Avec une deuxième étape, un mot de passe volé ne suffit pas.',
  'account.noApp': 'Pas encore d’application d’authentification.',
  'account.appOn': 'Application d’authentification\u00a0: activée',
  'account.appSince': 'depuis le {day}, dernière utilisation\u00a0: {ago}',
  'account.removeApp': 'Retirer l’application',
  'account.codesLeft': 'Codes de récupération restants\u00a0: {count}',
  'account.codesReplace': 'De nouveaux codes de récupération remplacent ceux que vous avez.',
  'account.makeCodes': 'Créer de nouveaux codes de récupération',

  'account.passkeys': 'Clés d’accès',
  'account.passkeysWhy':
    'Connectez-vous avec votre empreinte, votre visage ou votre code PIN, sans mot de passe.',
  'account.passkeyMade': 'créée le {day}',
  'account.passkeyUsed': 'créée le {day}, dernière utilisation\u00a0: {ago}',
  'account.removePasskey': 'Retirer',

  'account.sessions': 'Où vous êtes connecté',
  'account.sessionsWhy': 'Si l’un de ces appareils n’est pas le vôtre, déconnectez-le. L’effet est immédiat.',
  'account.thisDevice': 'Cet appareil',
  'account.deviceBound': 'Liée à son appareil',
  'account.seen': '{address}, dernière activité\u00a0: {ago}',
  'account.staysSignedIn': 'Reste connecté',
  'account.stayUntil': '{address}, dernière activité\u00a0: {ago}. Se reconnecte tout seul jusqu’au {day}.',
  'account.signOutOne': 'Déconnecter',
  'account.signOutOthers': 'Déconnecter partout ailleurs',
  'account.nowhereElse': 'Vous n’êtes connecté nulle part ailleurs.',
  'account.remembered.one': 'Un appareil n’a pas besoin de deuxième étape pendant un certain temps.',
  'account.remembered.other':
    '{count} appareils n’ont pas besoin de deuxième étape pendant un certain temps.',
  'account.forget': 'La redemander partout',

  'account.export': 'Vos données',
  'account.exportWhy':
    'Tout ce qui est conservé ici de votre compte, dans un fichier : aucun mot de passe, ni rien qui permette de se connecter.',
  'account.exportButton': 'Télécharger',

  'account.history': 'Ce qui s’est passé récemment',
  'account.nothingYet': 'Rien pour l’instant.',
  'account.happened': '{ago}, {device}, {address}',

  'activity.account-created': 'Compte créé',
  'activity.signed-in': 'Connexion',
  'activity.signed-in-new-device': 'Connexion depuis un nouvel appareil',
  'activity.sign-in-blocked':
    'Trop de mots de passe erronés\u00a0: les nouveaux appareils sont refusés jusqu’à ce que le mot de passe soit réinitialisé',
  'activity.password-changed': 'Mot de passe modifié',
  'activity.password-reset': 'Mot de passe réinitialisé par e-mail',
  'activity.email-changed': 'Adresse e-mail modifiée',
  'activity.factor-added': 'Second facteur ajouté',
  'activity.factor-removed': 'Second facteur retiré',
  'activity.recovery-codes-made': 'Nouveaux codes de récupération créés',
  'activity.recovery-code-used': 'Code de récupération utilisé',
  'activity.data-exported': 'Données du compte téléchargées',
  'activity.sessions-ended': 'Autres appareils déconnectés',
  'activity.session-misused': 'Une session a été essayée sur un autre appareil, et refusée',
  'activity.stay-copied':
    'Une copie de ce qui vous garde connecté a été utilisée, et ce navigateur déconnecté',
  'activity.identity-linked': 'Autre service associé',
  'activity.identity-unlinked': 'Autre service dissocié',
  'activity.api-token-created': 'Jeton d’API créé',
  'activity.api-token-revoked': 'Jeton d’API révoqué',
  'activity.account-disabled': 'Compte désactivé',
  'activity.account-enabled': 'Compte réactivé',
  'activity.roles-changed': 'Rôles modifiés',
  'activity.signed-out-by-operator': 'Déconnecté partout par un opérateur',
  'activity.factors-reset-asked': 'Un opérateur a demandé le retrait de tous les seconds facteurs',
  'activity.factors-reset': 'Tous les seconds facteurs retirés par des opérateurs',

  'means.password': 'par mot de passe',
  'means.passwordAndFactor': 'par mot de passe et second facteur',
  'means.stay': 'resté connecté',
  'means.stayAndFactor': 'resté connecté, et second facteur',
  'means.passkey': 'clé d’accès',
  'means.passkeyNamed': 'clé d’accès {name}',
  'means.provider': 'par {name}',
  'means.providerAndFactor': 'par {name} et second facteur',
  'means.app': 'application d’authentification',
  'means.allTokens': 'tous, {count}',
};
