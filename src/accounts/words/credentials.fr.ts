/** What the pages say on which accounts are made, passwords chosen and addresses changed, in French. */
import type { credentialsEn } from './credentials.en.ts';

export const credentialsFr = (): Readonly<Record<keyof ReturnType<typeof credentialsEn>, string>> => ({
  'register.title': 'Créer un compte',
  'register.hint': 'Nous y envoyons un lien. Il vous permet de choisir un mot de passe.',
  'register.closed': 'Ici, les comptes sont créés par notre équipe\u00a0: demandez-lui-en un.',
  'register.haveOne': 'Vous en avez déjà un\u00a0? {signIn}',
  'register.choose': 'Choisir un mot de passe',
  'register.create': 'Créer le compte',

  'reset.title': 'Mot de passe oublié\u00a0?',
  'reset.hint': 'Nous y envoyons un lien, s’il existe un compte avec cette adresse.',
  'reset.remembered': 'Il vous est revenu\u00a0? {signIn}',
  'reset.choose': 'Choisir un nouveau mot de passe',
  'reset.change': 'Modifier le mot de passe',
  'reset.done': 'Votre mot de passe est modifié',
  'reset.doneText': 'Toutes les personnes connectées à votre compte sont déconnectées, vous aussi.',

  'choose.for': 'Pour {email}.',
  'choose.hint':
    'Au moins {least} caractères. Quatre ou cinq mots à la suite sont faciles à retenir et difficiles à deviner.',
  'choose.not':
    'Ne sont pas acceptés\u00a0: les mots de passe volés ou courants, les suites comme 123456, le nom du service ou le vôtre.',

  'mailSent.title': 'Consultez votre messagerie',
  'mailSent.text':
    'Si l’adresse peut être utilisée, un e-mail contenant un lien est en route. Cela peut prendre une minute.',
  'mailSent.nothing': 'Rien reçu\u00a0? Regardez dans les courriers indésirables, ou {again}.',
  'mailSent.again': 'demandez-en un autre',

  'deadLink.title': 'Ce lien ne fonctionne plus',
  'deadLink.text': 'Il a déjà servi, il est trop ancien, ou quelque chose a changé depuis son envoi.',
  'deadLink.again': 'En demander un nouveau',

  'password.change': 'Modifier le mot de passe',
  'password.set': 'Définir un mot de passe',
  'password.present': 'Mot de passe actuel',
  'password.new': 'Nouveau mot de passe',
  'password.others': 'Tous les autres appareils sont déconnectés.',
  'password.wrong': 'Ce n’est pas le mot de passe actuel.',
  'password.wait': 'Trop d’essais. Attendez {wait}.',
  'password.stale': 'Votre compte a été modifié entre-temps. Réessayez.',

  'email.title': 'Modifier l’adresse e-mail',
  'email.new': 'Nouvelle adresse e-mail',
  'email.hint': 'Nous y envoyons un lien. Tant que vous ne l’avez pas ouvert, {email} reste valable.',
  'email.confirm': 'Confirmer votre nouvelle adresse e-mail',
  'email.confirmText':
    'Désormais, l’adresse de votre compte est {email}. Les autres appareils sont déconnectés.',
  'email.confirmButton': 'Confirmer',
  'email.changed': 'Votre adresse e-mail est modifiée',
  'email.changedText': 'Connectez-vous désormais avec la nouvelle.',

  'unfit.too-short': 'Utilisez au moins {least} caractères.',
  'unfit.too-long': 'Utilisez au plus {most} caractères.',
  'unfit.malformed': 'Il contient des caractères qui ne sont pas du texte. Saisissez-le à nouveau.',
  'unfit.breached':
    'Il figure dans une liste de mots de passe volés, qui est essayée en premier. Choisissez-en un autre, et changez-le partout où vous l’utilisez.',
  'unfit.unchecked':
    'Il est impossible pour le moment de le comparer aux mots de passe volés. Réessayez dans une minute.',
  'unfit.common':
    'Il est fait de mots qui sont essayés en premier. Ajoutez des mots à vous, ou laissez un gestionnaire de mots de passe choisir.',
  'unfit.own-words':
    'Il est surtout fait du nom du service ou du vôtre. Choisissez quelque chose qui ne concerne ni l’un ni l’autre.',
  'unfit.repeated': 'Il se répète. La répétition ne le rend pas plus difficile à deviner.',
  'unfit.sequence':
    'C’est surtout une suite, comme 123456 ou abcdef, ou une année. Elles sont essayées en premier.',
  'unfit.keyboard': 'C’est surtout un parcours sur le clavier. De tels parcours sont essayés en premier.',
});
