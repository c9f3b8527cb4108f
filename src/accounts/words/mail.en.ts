/** What mails say, in English. A name in braces is put in; each mail says why it comes and what to do about it. */
export const mailEn = () =>
  ({
    'mail.confirm.subject': 'Confirm your address for {service}',
    'mail.confirm.why': 'Someone, we hope you, wants to make an account at {service} with this address.',
    'mail.confirm.link': 'Open this link to choose a password. It works once, for {life}:',
    'mail.confirm.else': 'If it was not you, do nothing: without this link no account is made.',

    'mail.registered.subject': 'You have an account at {service}',
    'mail.registered.why':
      'Someone, we hope you, wanted to make an account at {service} with this address. It has one.',
    'mail.registered.signIn': 'Sign in here: {link}',
    'mail.registered.link': 'Or choose a new password. This link works once, for {life}:',
    'mail.registered.else': 'If it was not you, do nothing: your account is as it was.',

    'mail.reset.subject': 'Choose a new password for {service}',
    'mail.reset.why': 'Someone, we hope you, has forgotten the password of this account at {service}.',
    'mail.reset.link': 'Open this link to choose a new one. It works once, for {life}:',
    'mail.reset.else': 'If it was not you, do nothing: your password is as it was.',

    'mail.invite.subject': 'Choose a password for your new account at {service}',
    'mail.invite.why': 'The people who run {service} have made an account for you, with this address.',
    'mail.invite.link': 'Open this link to choose its password. It works once, for {life}:',
    'mail.invite.late': 'If it works no more, ask for another one here: {forgot}',
    'mail.invite.else':
      'If you do not expect an account there, do nothing: without a password nobody signs in to it with one.',

    'mail.newEmail.subject': 'Confirm your new address for {service}',
    'mail.newEmail.why':
      'Someone, we hope you, wants an account at {service} to have this address from now on.',
    'mail.newEmail.link': 'Open this link to confirm it. It works once, for {life}:',
    'mail.newEmail.else': 'If it was not you, do nothing: no account gets your address without it.',

    'mail.taken.subject': 'Your address at {service}',
    'mail.taken.why':
      'Someone with another account at {service} wanted it to have this address. It is yours, and stays so.',
    'mail.taken.else': 'If it was you, and you want to move it, sign in to this account first: {link}',

    'mail.emailAsked.subject': 'A new address for your account was asked for',
    'mail.emailAsked.what':
      'Once it is confirmed, your account at {service} has the address {email}, and this one is no longer used.',
    'mail.emailChanged.subject': 'The address of your account was changed',
    'mail.emailChanged.what':
      'Your account at {service} has the address {email} now. This is the last mail to this one.',

    'mail.news.what': '{news}: at {service}, for the account with this address.',
    'mail.news.passwordChanged': 'Your password was changed',
    'mail.news.factorAdded': 'A second factor was added',
    'mail.news.factorRemoved': 'A second factor was removed',
    'mail.news.codesMade': 'New recovery codes were made',
    'mail.news.linked': 'Another service was linked to sign in with',
    'mail.news.sessionMisused': 'Somebody tried to use your session on another device, and was kept out',
    'mail.news.stayCopied': 'A copy of what keeps you signed in was used, and that browser was signed out',
    'mail.news.deletionKept': 'Your account is kept, and not removed',
    'mail.news.unlinked': 'A service to sign in with was unlinked',

    'mail.token.subject': 'An API token was made',
    'mail.token.what':
      'An API token was made at {service}, for the account with this address. It begins with {hint}.',
    'mail.token.may': 'Until {day}, a program that has it may do this for you: {scopes}.',
    'mail.token.see': 'See and revoke your tokens here: {link}',

    'mail.passwordReset.what':
      'A new password was chosen by a mailed link: at {service}, for the account with this address.',
    'mail.passwordReset.stays':
      'Everyone is signed out, and tokens of programs work no more. Passkeys, authenticator apps and sign-in by other services are as they were:',
    'mail.passwordReset.look': 'look through them here, and remove what is not yours: {link}',

    'mail.newDevice.subject': 'A new sign-in to your account',
    'mail.newDevice.what':
      'Someone signed in to your account at {service} from a browser that it was not used from before.',

    'mail.guessed.subject': 'Someone is guessing your password',
    'mail.guessed.what':
      'So many wrong passwords were tried for your account at {service} that from now on no password is taken from a new browser.',
    'mail.guessed.else':
      'Browsers you have signed in from before still work. Everywhere else, choose a new password first:',

    'mail.deletion.subject': 'Your account is to be removed',
    'mail.deletion.what':
      'Your account at {service} is signed out everywhere and will be removed on {day}, as was asked for there.',
    'mail.deletion.keep':
      'If you want to keep it, or it was not you who asked, sign in before that day and press the button to keep it: {link}. If it was not you, change your password then.',
    'mail.removed.subject': 'Your account was removed',
    'mail.removed.what':
      'Your account at {service} was removed, and with it all that opened it. Nobody can sign in to it any more, and this is the last mail about it.',
    'mail.removed.else': 'If you did not expect this, ask the people who run {service}.',

    'mail.factorsAsked.subject': 'Your second factors are about to be removed',
    'mail.factorsAsked.what':
      'An operator of {service} asked to remove every second factor of your account: authenticator app, passkeys, recovery codes. It is done once another operator agrees.',
    'mail.factorsAsked.else':
      'If you did not ask them for this, tell the people who run {service} at once, and choose a new password: {link}',
    'mail.factorsReset.subject': 'Your second factors were removed',
    'mail.factorsReset.what':
      'Operators of {service} removed every second factor of your account, and everyone is signed out of it. Sign in with your password and add a second factor again: {account}',
    'mail.factorsReset.else':
      'If you did not ask for this, somebody else may be after your account: choose a new password at once, and tell the people who run {service}. {link}',

    'mail.notice.subject': '{news} ({service})',
    'mail.notice.when': 'When: {time}',
    'mail.notice.where': 'From: {address}, {device}',
    'mail.notice.else':
      'If it was you, all is well. If not, choose a new password by mail at once, which signs out everyone and ends the tokens of programs: {link}',
    'mail.notice.look':
      'Then look through the passkeys and other ways to sign in on the page of your account, and remove what is not yours.',

    'time.utc': '{time} UTC',
    'device.unknown': 'Unknown device',
    'device.unknownBrowser': 'Unknown browser on {system}',
    'device.both': '{browser} on {system}',
  }) as const;
