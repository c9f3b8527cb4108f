/** What the pages say on which people sign in and out, in English. */
export const signInEn = () =>
  ({
    'signIn.title': 'Sign in',
    'signIn.button': 'Sign in',
    'signIn.wrong': 'That email and password do not go together. Check both and try again.',
    'signIn.wait': 'Too many tries for this account. Wait {wait} and try again.',
    'signIn.stay': 'Stay signed in here for {time}',
    'signIn.passkey': 'Sign in with a passkey',
    'signIn.forgot': 'Forgot your password?',
    'signIn.noAccount': 'No account yet? {create}',
    'signIn.create': 'Create one',

    'code.title': 'Second step',
    'code.hint': 'The six digits of your authenticator app, or one of your recovery codes.',
    'code.remember': 'Do not ask on this device for {time}',
    'code.wrong': 'That code does not work. Wait for the next one, or use a recovery code.',
    'code.wait': 'Too many codes were tried. Wait {wait}, or use a recovery code.',
    'code.startAgain': 'Start again',

    'passkey.use': 'Use a passkey',
    'passkey.cancelled': 'Nothing was done. Try again when you are ready.',
    'passkey.failed': 'That did not work. Try again, or use another way.',

    'again.title': 'Is it still you?',
    'again.why': 'Signed in as {email}. What you asked for needs a fresh sign-in. You go on where you were.',
    'again.wrong': 'That is not the password of this account. Try again.',
    'again.wait': 'Too many tries. Wait {wait} and try again.',
    'again.byMail': 'Choose a password by mail',

    'needsFactor.title': 'This needs a second step',
    'needsFactor.text':
      'What you asked for is open only to accounts with a passkey or an authenticator app. Set one up first.',

    'goOn.title': 'Thank you',
    'goOn.text': 'Nothing you typed is lost. Go on with what you were doing:',
    'goOn.leave': 'Leave it',

    'signedOut.title': 'You are signed out',
    'signedOut.text': 'Your session is over, and this browser has forgotten it.',
    'signedOut.again': 'Sign in again',

    'challenge.asked':
      'This form is checked before it is taken, as there were many tries lately. Send it again.',
    'challenge.stale': 'This form was open for too long, or was sent before. Send it again.',
    'challenge.early': 'This form was sent too early. Wait {wait} before you send it again.',
    'challenge.withPassword': '{why} The password has to be typed again.',

    'work.without':
      'Without script, this form is taken {wait} from now, and not earlier. Fill it in meanwhile.',
    'work.progress': 'Checking this browser: {percent}.',
    'work.sending': 'Sending as soon as this browser is checked.',
    'work.done': 'This browser is checked.',
    'work.failed': 'This browser could not be checked.',
  }) as const;
