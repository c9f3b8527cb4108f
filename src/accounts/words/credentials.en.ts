/** What the pages say on which accounts are made, passwords chosen and addresses changed, in English. */
export const credentialsEn = () =>
  ({
    'register.title': 'Create an account',
    'register.hint': 'We send a link there. With it you choose a password.',
    'register.closed': 'Accounts are made by our staff here: ask them for one.',
    'register.haveOne': 'Have one already? {signIn}',
    'register.choose': 'Choose a password',
    'register.create': 'Create account',

    'reset.title': 'Forgot your password?',
    'reset.hint': 'We send a link there, if there is an account with this address.',
    'reset.remembered': 'Remembered it? {signIn}',
    'reset.choose': 'Choose a new password',
    'reset.change': 'Change password',
    'reset.done': 'Your password is changed',
    'reset.doneText': 'Everyone who was signed in to your account is signed out, you included.',

    'choose.for': 'For {email}.',
    'choose.hint':
      'At least {least} characters. Four or five words in a row are easy to keep in mind and hard to guess.',
    'choose.not':
      'Not taken: stolen and common passwords, sequences such as 123456, and the name of the service or your own.',

    'mailSent.title': 'Look into your mail',
    'mailSent.text':
      'If the address can be used, a mail with a link is on its way to it. It may take a minute.',
    'mailSent.nothing': 'Nothing there? Look among unwanted mail, or {again}.',
    'mailSent.again': 'ask again',

    'deadLink.title': 'This link does not work any more',
    'deadLink.text': 'It was used, is too old, or something has changed since it was mailed.',
    'deadLink.again': 'Ask for a new one',

    'password.change': 'Change password',
    'password.set': 'Set a password',
    'password.present': 'Present password',
    'password.new': 'New password',
    'password.others': 'Every other device is signed out.',
    'password.wrong': 'That is not the present password.',
    'password.wait': 'Too many tries. Wait {wait}.',
    'password.stale': 'Something else changed your account meanwhile. Try again.',

    'email.title': 'Change email',
    'email.new': 'New email',
    'email.hint': 'We send a link there. Until you open it, {email} stays.',
    'email.confirm': 'Confirm your new email',
    'email.confirmText': 'From now on your account has the address {email}. Other devices are signed out.',
    'email.confirmButton': 'Confirm',
    'email.changed': 'Your email is changed',
    'email.changedText': 'Sign in with the new one from now on.',

    'unfit.too-short': 'Use at least {least} characters.',
    'unfit.too-long': 'Use at most {most} characters.',
    'unfit.malformed': 'This holds characters that are not text. Type it again.',
    'unfit.breached':
      'This is in a list of stolen passwords, which is tried first. Choose another, and change it wherever you use it.',
    'unfit.unchecked':
      'This cannot be checked against stolen passwords at the moment. Try again in a minute.',
    'unfit.common':
      'This is made of words that are tried first. Add words of your own, or let a password manager choose.',
    'unfit.own-words':
      'This is mostly made of the name of the service or your own. Choose something that is about neither.',
    'unfit.repeated': 'This repeats itself. Repeating does not make it harder to guess.',
    'unfit.sequence':
      'This is mostly a sequence, such as 123456 or abcdef, or a year. Those are tried first.',
    'unfit.keyboard': 'This is mostly a walk over the keyboard. Those are tried first.',
  }) as const;
