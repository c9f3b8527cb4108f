/** What the pages of authenticator apps, recovery codes and passkeys say, in English. */
export const factorsEn = () =>
  ({
    'app.title': 'Set up an authenticator app',
    'app.scan': 'Scan this with your authenticator app:',
    'app.picture': 'QR code for your authenticator app',
    'app.type': 'Cannot scan? Type this instead: {secret}',
    'app.onlyCode': 'Only the code of your app is missing.',
    'app.hint': 'The six digits that the app shows.',
    'app.turnOn': 'Turn it on',
    'app.notNow': 'Not now',
    'app.wrong': 'That code does not fit. Type the one your app shows now; check the clock of your phone.',
    'app.limited': 'Too many codes were tried. Wait an hour and begin again.',

    'codes.title': 'Your recovery codes',
    'codes.text':
      'Keep these where you will find them without your phone. Each works once. They are shown only now, and older ones do not work any more.',
    'codes.fileAbout': 'Recovery codes of {email} at {service}, made on {day}.',
    'codes.fileOnce': 'Each works once. Older ones do not work any more.',
    'codes.fileName': 'recovery-codes.txt',
    'codes.copy': 'Copy the recovery codes',
    'codes.download': 'Download the recovery codes',
    'codes.print': 'Print the recovery codes',
    'codes.kept': 'I have kept them',

    'newPasskey.title': 'Add a passkey',
    'newPasskey.usual': 'My passkey',
    'newPasskey.hint': 'So that you know it again, such as the device it is on.',
    'newPasskey.script': 'Passkeys need JavaScript in this browser. Everything else here works without.',
    'newPasskey.make': 'Make the passkey',
  }) as const;
