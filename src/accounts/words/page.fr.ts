/** What several account pages say, in French. */
import type { pageEn } from './page.en.ts';

export const pageFr = (): Readonly<Record<keyof ReturnType<typeof pageEn>, string>> => ({
  'page.error': 'Erreur\u00a0: {title}',
  'page.signOut': 'Se déconnecter',
  'page.home': 'Page d’accueil',
  'page.continue': 'Continuer',
  'page.name': 'Nom',
  'page.code': 'Code',
  'page.email': 'Adresse e-mail',
  'page.password': 'Mot de passe',
  'page.sendLink': 'M’envoyer le lien',
  'page.toAccount': 'Aller à votre compte',
  'page.backToAccount': 'Retour à votre compte',
  'page.emailUnfit': 'Saisissez une adresse e-mail complète, comme anna@example.com.',

  'busy.title': 'Un instant, s’il vous plaît',
  'busy.text':
    'Trop de personnes se connectent en ce moment pour être servies toutes à la fois. Réessayez dans quelques secondes.',

  'keep.copied': 'Copié.',
  'keep.selected':
    'Ce navigateur ne nous laisse pas copier. Le texte est sélectionné\u00a0: copiez-le vous-même.',
  'keep.copy': 'Copier',
  'keep.download': 'Télécharger',
  'keep.print': 'Imprimer',

  'time.justNow': 'à l’instant',

  'devMail.title': 'Courrier',
  'devMail.why':
    'Ce serveur tourne en développement\u00a0: les e-mails s’affichent ici et dans son terminal, et ne sont envoyés à personne.',
  'devMail.none': 'Aucun pour l’instant.',
  'devMail.to': 'À {email}, {time}',
});
