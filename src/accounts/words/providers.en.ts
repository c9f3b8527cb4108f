/** What the pages of sign-in with other services say, in English. */
export const providersEn = () =>
  ({
    'provider.signIn': 'Sign in with {name}',
    'provider.again': 'Sign in at {name} again',
    'provider.onTo': 'On to {name}',
    'provider.onToText': 'You sign in there, and come back here.',
    'provider.goOn': 'Go on',
    'provider.failed': 'No sign-in with {name}',
    'provider.backToSignIn': 'Back to sign-in',

    'identities.title': 'Sign-in with other services',
    'identities.why': 'Link an account you have elsewhere, and sign in here with it.',
    'identities.linked': 'linked {day}',
    'identities.used': 'linked {day}, last used {ago}',
    'identities.link': 'Link {name}',
    'identities.linkAnother': 'Link another account of {name}',
    'identities.unlink': 'Unlink',
    'identities.last': 'Nothing was unlinked',
    'identities.lastText': 'It is the only way into your account. Set a password or add a passkey first.',
    'identities.setPassword': 'Set a password',

    'unlinked.title': 'Your account at {name} is not linked yet',
    'unlinked.text':
      'If you have an account here, sign in to it as before. Then link {name} on the page of your account: from then on you can sign in with it.',
    'unlinked.signIn': 'Sign in and link it',
    'unlinked.noAccount': 'No account here yet? {create}',
    'unlinked.create': 'Create one',

    'identity.denied': 'You turned back at {name}. Nothing has changed here.',
    'identity.expired': 'This was used before, took too long, or something changed meanwhile. Begin again.',
    'identity.not-signed-in': 'You were signed out meanwhile. Sign in and begin again.',
    'identity.other-account': 'Someone else signed in here meanwhile. Begin again.',
    'identity.other-identity': 'That is another account at {name} than the one that is linked here.',
    'identity.late': 'You signed in here too long ago to link anything. Sign in again and begin anew.',
    'identity.taken': 'That account at {name} is linked already, to this account here or to another one.',
    'identity.not-fresh':
      '{name} does not say that you signed in anew, so it proves nothing. Use a passkey or your password. If you have neither, {byMail}.',
    'identity.byMail': 'choose a password by mail',
    'identity.unavailable': '{name} does not answer. Try again in a while, or sign in another way.',
    'identity.misconfigured':
      '{name} and this site do not know each other as they should. Sign in another way.',
    'identity.unfit': 'What came back from {name} does not hold. Begin again.',
  }) as const;
