/** What mails say, in French. */
import type { mailEn } from './mail.en.ts';

export const mailFr = (): Readonly<Record<keyof ReturnType<typeof mailEn>, string>> => ({
  'mail.confirm.subject': 'Confirmez votre adresse pour {service}',
  'mail.confirm.why':
    'Quelqu’un, vous-même nous l’espérons, veut créer un compte chez {service} avec cette adresse.',
  'mail.confirm.link':
    'Ouvrez ce lien pour choisir un mot de passe. Il sert une seule fois, pendant {life}\u00a0:',
  'mail.confirm.else': 'Si ce n’était pas vous, ne faites rien\u00a0: sans ce lien, aucun compte n’est créé.',

  'mail.registered.subject': 'Vous avez déjà un compte chez {service}',
  'mail.registered.why':
    'Quelqu’un, vous-même nous l’espérons, voulait créer un compte chez {service} avec cette adresse. Elle en a déjà un.',
  'mail.registered.signIn': 'Connectez-vous ici\u00a0: {link}',
  'mail.registered.link':
    'Ou choisissez un nouveau mot de passe. Ce lien sert une seule fois, pendant {life}\u00a0:',
  'mail.registered.else': 'Si ce n’était pas vous, ne faites rien\u00a0: votre compte est resté tel quel.',

  'mail.reset.subject': 'Choisissez un nouveau mot de passe pour {service}',
  'mail.reset.why':
    'Quelqu’un, vous-même nous l’espérons, a oublié le mot de passe de ce compte chez {service}.',
  'mail.reset.link':
    'Ouvrez ce lien pour en choisir un nouveau. Il sert une seule fois, pendant {life}\u00a0:',
  'mail.reset.else': 'Si ce n’était pas vous, ne faites rien\u00a0: votre mot de passe est resté tel quel.',

  'mail.invite.subject': 'Choisissez un mot de passe pour votre nouveau compte chez {service}',
  'mail.invite.why': 'Les responsables de {service} ont créé un compte pour vous avec cette adresse.',
  'mail.invite.link':
    'Ouvrez ce lien pour en choisir le mot de passe. Il sert une seule fois, pendant {life}\u00a0:',
  'mail.invite.late': 'S’il ne fonctionne plus, demandez-en un autre ici\u00a0: {forgot}',
  'mail.invite.else':
    'Si vous n’attendez pas de compte à cet endroit, ne faites rien\u00a0: tant qu’aucun mot de passe n’est choisi, personne ne se connecte avec.',

  'mail.newEmail.subject': 'Confirmez votre nouvelle adresse pour {service}',
  'mail.newEmail.why':
    'Quelqu’un, vous-même nous l’espérons, veut qu’un compte chez {service} ait désormais cette adresse.',
  'mail.newEmail.link': 'Ouvrez ce lien pour la confirmer. Il sert une seule fois, pendant {life}\u00a0:',
  'mail.newEmail.else':
    'Si ce n’était pas vous, ne faites rien\u00a0: sans ce lien, aucun compte ne reçoit votre adresse.',

  'mail.taken.subject': 'Votre adresse chez {service}',
  'mail.taken.why':
    'Quelqu’un qui a un autre compte chez {service} voulait lui donner cette adresse. Elle est à vous, et le reste.',
  'mail.taken.else':
    'Si c’était vous, et que vous voulez la déplacer, connectez-vous d’abord à ce compte\u00a0: {link}',

  'mail.emailAsked.subject': 'Une nouvelle adresse a été demandée pour votre compte',
  'mail.emailAsked.what':
    'Une fois confirmée, l’adresse de votre compte chez {service} sera {email}, et celle-ci ne servira plus.',
  'mail.emailChanged.subject': 'L’adresse de votre compte a été modifiée',
  'mail.emailChanged.what':
    'L’adresse de votre compte chez {service} est maintenant {email}. Ceci est le dernier e-mail envoyé à l’ancienne.',

  'mail.news.what': '{news}\u00a0: chez {service}, pour le compte qui a cette adresse.',
  'mail.news.passwordChanged': 'Votre mot de passe a été modifié',
  'mail.news.factorAdded': 'Un second facteur a été ajouté',
  'mail.news.factorRemoved': 'Un second facteur a été retiré',
  'mail.news.codesMade': 'De nouveaux codes de récupération ont été créés',
  'mail.news.linked': 'Un autre service de connexion a été associé',
  'mail.news.sessionMisused':
    'Quelqu’un a essayé d’utiliser votre session sur un autre appareil, et a été refusé',
  'mail.news.stayCopied':
    'Une copie de ce qui vous garde connecté a été utilisée, et ce navigateur a été déconnecté',
  'mail.news.deletionKept': 'Votre compte est gardé, et n’est pas supprimé',
  'mail.news.unlinked': 'Un service de connexion a été dissocié',

  'mail.token.subject': 'Un jeton d’API a été créé',
  'mail.token.what':
    'Un jeton d’API a été créé chez {service}, pour le compte qui a cette adresse. Il commence par {hint}.',
  'mail.token.may': 'Jusqu’au {day}, un programme qui le possède peut faire ceci pour vous\u00a0: {scopes}.',
  'mail.token.see': 'Consultez et révoquez vos jetons ici\u00a0: {link}',

  'mail.passwordReset.what':
    'Un nouveau mot de passe a été choisi par un lien envoyé par e-mail\u00a0: chez {service}, pour le compte qui a cette adresse.',
  'mail.passwordReset.stays':
    'Tout le monde est déconnecté, et les jetons des programmes ne fonctionnent plus. Les clés d’accès, les applications d’authentification et la connexion par d’autres services sont restées telles quelles\u00a0:',
  'mail.passwordReset.look': 'passez-les en revue ici, et retirez ce qui n’est pas à vous\u00a0: {link}',

  'mail.newDevice.subject': 'Une nouvelle connexion à votre compte',
  'mail.newDevice.what':
    'Quelqu’un s’est connecté à votre compte chez {service} avec un navigateur qui ne l’avait encore jamais utilisé.',

  'mail.guessed.subject': 'Quelqu’un essaie de deviner votre mot de passe',
  'mail.guessed.what':
    'Tant de mots de passe erronés ont été essayés pour votre compte chez {service} que désormais aucun mot de passe n’est accepté d’un nouveau navigateur.',
  'mail.guessed.else':
    'Les navigateurs avec lesquels vous vous êtes déjà connecté fonctionnent toujours. Partout ailleurs, choisissez d’abord un nouveau mot de passe\u00a0:',

  'mail.deletion.subject': 'Votre compte doit être supprimé',
  'mail.deletion.what':
    'Votre compte sur {service} a été déconnecté partout et sera supprimé le {day}, comme cela y a été demandé.',
  'mail.deletion.keep':
    'Si vous voulez le garder, ou si la demande ne vient pas de vous, connectez-vous avant ce jour et appuyez sur le bouton pour le garder\u00a0: {link}. Si ce n’était pas vous, changez alors de mot de passe.',
  'mail.removed.subject': 'Votre compte a été supprimé',
  'mail.removed.what':
    'Votre compte chez {service} a été supprimé, avec tout ce qui y donnait accès. Personne ne peut plus s’y connecter, et ceci est le dernier e-mail à son sujet.',
  'mail.removed.else': 'Si vous ne vous y attendiez pas, adressez-vous aux responsables de {service}.',

  'mail.factorsAsked.subject': 'Vos seconds facteurs vont être retirés',
  'mail.factorsAsked.what':
    'Un opérateur de {service} a demandé le retrait de tous les seconds facteurs de votre compte\u00a0: application d’authentification, clés d’accès, codes de récupération. Ce sera fait dès qu’un autre opérateur aura donné son accord.',
  'mail.factorsAsked.else':
    'Si vous ne l’avez pas demandé, prévenez tout de suite les responsables de {service}, et choisissez un nouveau mot de passe\u00a0: {link}',
  'mail.factorsReset.subject': 'Vos seconds facteurs ont été retirés',
  'mail.factorsReset.what':
    'Des opérateurs de {service} ont retiré tous les seconds facteurs de votre compte, et tout le monde en est déconnecté. Connectez-vous avec votre mot de passe et ajoutez à nouveau un second facteur\u00a0: {account}',
  'mail.factorsReset.else':
    'Si vous ne l’avez pas demandé, quelqu’un d’autre en veut peut-être à votre compte\u00a0: choisissez tout de suite un nouveau mot de passe, et prévenez les responsables de {service}. {link}',

  'mail.notice.subject': '{news} ({service})',
  'mail.notice.when': 'Quand\u00a0: {time}',
  'mail.notice.where': 'Depuis\u00a0: {address}, {device}',
  'mail.notice.else':
    'Si c’était vous, tout va bien. Sinon, choisissez tout de suite un nouveau mot de passe par e-mail\u00a0; cela déconnecte tout le monde et met fin aux jetons des programmes\u00a0: {link}',
  'mail.notice.look':
    'Passez ensuite en revue les clés d’accès et les autres moyens de connexion sur la page de votre compte, et retirez ce qui n’est pas à vous.',

  'time.utc': '{time} UTC',
  'device.unknown': 'Appareil inconnu',
  'device.unknownBrowser': 'Navigateur inconnu sur {system}',
  'device.both': '{browser} sur {system}',
});
