/** What pages of errors say, in French. */
import type { problemsEn } from './problems.en.ts';

export const problemsFr = (): Readonly<Record<keyof ReturnType<typeof problemsEn>, string>> => ({
  'problem.bad-request.title': 'La demande n’a pas pu être comprise',
  'problem.bad-request.detail': 'Il est impossible de répondre à cette demande. Vérifiez-la et réessayez.',
  'problem.sign-in-required.title': 'Connectez-vous, s’il vous plaît',
  'problem.sign-in-required.detail': 'Vous devez être connecté pour cela.',
  'problem.too-many-sessions.title': 'Vous êtes connecté dans trop de navigateurs',
  'problem.too-many-sessions.detail':
    "Vous n'avez pas été connecté. Déconnectez-vous d'abord dans l'un de vos autres navigateurs, puis réessayez.",
  'problem.session-over.title': 'Votre session est terminée',
  'problem.session-over.detail': 'Connectez-vous à nouveau.',
  'problem.not-allowed.title': 'Vous n’avez pas le droit de faire cela',
  'problem.not-allowed.detail': 'Vous n’y avez pas accès.',
  'problem.not-found.title': 'Page introuvable',
  'problem.not-found.detail':
    'Il n’y a rien à cette adresse. La page a peut-être été déplacée, ou le lien contient une erreur.',
  'problem.method-not-allowed.title': 'Cela n’est pas possible ici',
  'problem.method-not-allowed.detail': 'Cette adresse n’accepte pas ce type de demande.',
  'problem.request-timeout.title': 'La demande a pris trop de temps',
  'problem.request-timeout.detail': 'La demande n’est pas arrivée à temps. Réessayez.',
  'problem.conflict.title': 'Cela a changé entre-temps',
  'problem.conflict.detail':
    'Quelqu’un l’a modifié avant vous. Ouvrez-le à nouveau et refaites ce que vous aviez fait.',
  'problem.gone.title': 'Cette page n’existe plus',
  'problem.gone.detail': 'Ce qui se trouvait ici a été supprimé.',
  'problem.body-too-large.title': 'C’est trop volumineux',
  'problem.body-too-large.detail': 'Ce qui a été envoyé dépasse la taille que cette adresse accepte.',
  'problem.invalid-input.title': 'Certaines données ne sont pas valables',
  'problem.invalid-input.detail':
    'Une partie de ce qui a été envoyé manque, ou n’est pas ce qui est demandé.',
  'problem.invalid-json.title': 'Le contenu n’a pas pu être compris',
  'problem.invalid-json.detail': 'Ce qui a été envoyé n’est pas du JSON qui se lise d’une seule façon.',
  'problem.invalid-form.title': 'Le formulaire n’a pas pu être lu',
  'problem.invalid-form.detail': 'Ce qui a été envoyé n’est pas un formulaire qui se lise d’une seule façon.',
  'problem.file-refused.title': 'Les fichiers de ce type ne sont pas acceptés ici',
  'problem.file-refused.detail':
    'Un fichier est d’un type qui n’est pas accepté ici, ou n’est pas ce que son nom indique.',
  'problem.file-waits.title': 'Ce fichier est encore en cours d’examen',
  'problem.file-waits.detail':
    'Le fichier est bien arrivé et il est encore en cours d’examen. Réessayez dans une minute.',
  'problem.not-signed.title': 'La signature n’est pas valable',
  'problem.not-signed.detail': 'Cette adresse accepte ce que son expéditeur a signé.',
  'problem.body-not-supported.title': 'Ce type de contenu n’est pas accepté',
  'problem.body-not-supported.detail': 'Ce qui a été envoyé n’est pas d’un type que cette adresse accepte.',
  'problem.expectation-failed.title': 'La demande attend ce qui n’est pas proposé',
  'problem.expectation-failed.detail': 'Ce que la demande réclame d’abord ne se fait pas ici.',
  'problem.too-many-requests.title': 'Trop de demandes',
  'problem.too-many-requests.detail': 'Il y a eu trop de demandes. Attendez un instant et réessayez.',
  'problem.headers-too-large.title': 'La demande est trop longue',
  'problem.headers-too-large.detail':
    'L’adresse ou les cookies de la demande sont trop longs. Supprimez les cookies de ce site et réessayez.',
  'problem.redirect.title': 'Cette page est ailleurs',
  'problem.redirect.detail': 'Poursuivez vers sa nouvelle adresse.',
  'problem.internal-error.title': 'Une erreur s’est produite',
  'problem.internal-error.detail': 'L’erreur venait de chez nous et a été enregistrée. Réessayez plus tard.',
  'problem.unavailable.title': 'Indisponible pour le moment',
  'problem.unavailable.detail': 'Le service ne peut pas répondre en ce moment. Réessayez dans un instant.',
  'problem.host-not-allowed.title': 'Cette adresse n’est pas servie ici',
  'problem.host-not-allowed.detail': 'Vérifiez le nom du site dans l’adresse.',
  'problem.https-required.title': 'Une connexion sécurisée est nécessaire',
  'problem.https-required.detail': 'Ouvrez cette adresse en la faisant précéder de https://.',
  'problem.token-not-proved.title': 'Ce jeton est arrivé sans la preuve de sa clé',
  'problem.token-not-proved.detail':
    'Il est lié à une clé, ou doit l’être. Envoyez avec lui une preuve de cette clé.',
  'problem.invalid-token.title': 'Ce jeton ne fonctionne pas',
  'problem.invalid-token.detail': 'Il a expiré, a été révoqué, ou n’a jamais appartenu à ce service.',
  'problem.origin-not-allowed.title': 'Les pages de cette origine n’ont pas accès ici',
  'problem.origin-not-allowed.detail':
    'Les pages de cette origine n’ont pas le droit d’envoyer des demandes ici.',
  'problem.cross-site-request.title': 'La demande venait d’un autre site',
  'problem.cross-site-request.detail':
    'Elle a été envoyée par une page d’un autre site, ou par une page restée ouverte trop longtemps. Ouvrez la page à nouveau et refaites ce que vous aviez fait.',
  'problem.stronger-sign-in-required.title': 'Confirmez que c’est bien vous',
  'problem.stronger-sign-in-required.detail':
    'Ce que vous demandez exige une nouvelle connexion ou une deuxième étape.',
  'problem.device-needed.title': 'Ceci exige une session liée à votre appareil',
  'problem.device-needed.detail':
    'Si vous venez de vous connecter, la page se recharge toute seule. Sinon, connectez-vous à nouveau avec un navigateur qui lie les sessions à son appareil.',
  'problem.device-one-moment.title': 'Un instant',
  'problem.device-one-moment.detail':
    'Votre navigateur doit montrer qu’il est bien le vôtre. La page se recharge toute seule.',
  'problem.device-not-proved.title': 'Votre navigateur n’a pas pu montrer qu’il est bien le vôtre',
  'problem.device-not-proved.detail':
    'Cette session appartient à un seul appareil. Rechargez la page dans une minute, ou connectez-vous à nouveau.',
  'problem.device-challenge.title': 'L’appareil doit fournir sa preuve',
  'problem.device-challenge.detail': 'Votre navigateur y répond tout seul.',
  'problem.device-ended.title': 'Cet appareil n’est lié à aucune session ici',
  'problem.device-ended.detail': 'Connectez-vous à nouveau.',
  'problem.bad-answer.title': 'L’application n’a pas répondu comme il fallait',
  'problem.bad-answer.detail': 'Le service ne peut pas répondre en ce moment. Réessayez dans un instant.',
  'problem.late-answer.title': 'L’application a mis trop de temps',
  'problem.late-answer.detail': 'Le service ne peut pas répondre en ce moment. Réessayez dans un instant.',
  'problem.no-room.title': 'Il n’y a pas de place pour cela en ce moment',
  'problem.no-room.detail': 'Réessayez plus tard.',

  'problem.goOn': 'Continuer',
  'problem.start': 'Aller à la page d’accueil',
  'problem.request': 'Demande {id}',
  'problem.development': 'Affiché en développement, sur cette machine seulement.',
});
