/** What the pages of sign-in with other services say, in French. */
import type { providersEn } from './providers.en.ts';

export const providersFr = (): Readonly<Record<keyof ReturnType<typeof providersEn>, string>> => ({
  'provider.signIn': 'Se connecter avec {name}',
  'provider.again': 'Se connecter à nouveau chez {name}',
  'provider.onTo': 'Vers {name}',
  'provider.onToText': 'Vous vous connectez là-bas, puis vous revenez ici.',
  'provider.goOn': 'Poursuivre',
  'provider.failed': 'Pas de connexion avec {name}',
  'provider.backToSignIn': 'Retour à la connexion',

  'identities.title': 'Connexion avec d’autres services',
  'identities.why': 'Associez un compte que vous avez ailleurs, et connectez-vous ici avec lui.',
  'identities.linked': 'associé le {day}',
  'identities.used': 'associé le {day}, dernière utilisation\u00a0: {ago}',
  'identities.link': 'Associer {name}',
  'identities.linkAnother': 'Associer un autre compte de {name}',
  'identities.unlink': 'Dissocier',
  'identities.last': 'Rien n’a été dissocié',
  'identities.lastText':
    'C’est le seul accès à votre compte. Définissez d’abord un mot de passe ou ajoutez une clé d’accès.',
  'identities.setPassword': 'Définir un mot de passe',

  'unlinked.title': 'Votre compte chez {name} n’est pas encore associé',
  'unlinked.text':
    'Si vous avez un compte ici, connectez-vous-y comme avant. Associez ensuite {name} sur la page de votre compte\u00a0: vous pourrez dès lors vous connecter avec.',
  'unlinked.signIn': 'Se connecter et l’associer',
  'unlinked.noAccount': 'Pas encore de compte ici\u00a0? {create}',
  'unlinked.create': 'Créez-en un',

  'identity.denied': 'Vous avez fait demi-tour chez {name}. Rien n’a changé ici.',
  'identity.expired':
    'Ceci a déjà servi, a pris trop de temps, ou quelque chose a changé entre-temps. Recommencez.',
  'identity.not-signed-in': 'Vous avez été déconnecté entre-temps. Connectez-vous et recommencez.',
  'identity.other-account': 'Quelqu’un d’autre s’est connecté ici entre-temps. Recommencez.',
  'identity.other-identity': 'C’est un autre compte chez {name} que celui qui est associé ici.',
  'identity.late':
    'Votre connexion ici est trop ancienne pour associer quoi que ce soit. Connectez-vous à nouveau et recommencez.',
  'identity.taken': 'Ce compte chez {name} est déjà associé, à ce compte-ci ou à un autre.',
  'identity.not-fresh':
    '{name} n’indique pas que vous venez de vous reconnecter, donc cela ne prouve rien. Utilisez une clé d’accès ou votre mot de passe. Si vous n’avez ni l’un ni l’autre, {byMail}.',
  'identity.byMail': 'choisissez un mot de passe par e-mail',
  'identity.unavailable': '{name} ne répond pas. Réessayez dans un moment, ou connectez-vous autrement.',
  'identity.misconfigured':
    '{name} et ce site ne se connaissent pas comme il faudrait. Connectez-vous autrement.',
  'identity.unfit': 'La réponse de {name} n’est pas valable. Recommencez.',
});
