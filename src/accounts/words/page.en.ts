/** What several account pages say, in English. A name in braces is put in. */
export const pageEn = () =>
  ({
    'page.error': 'Error: {title}',
    'page.signOut': 'Sign out',
    'page.home': 'Start page',
    'page.continue': 'Continue',
    'page.name': 'Name',
    'page.code': 'Code',
    'page.email': 'Email',
    'page.password': 'Password',
    'page.sendLink': 'Send me the link',
    'page.toAccount': 'Go to your account',
    'page.backToAccount': 'Back to your account',
    'page.emailUnfit': 'Enter an email address in full, such as anna@example.com.',

    'busy.title': 'One moment, please',
    'busy.text':
      'More people are signing in right now than can be served at once. Try again in a few seconds.',

    'keep.copied': 'Copied.',
    'keep.selected': 'This browser does not let us copy. It is selected: copy it yourself.',
    'keep.copy': 'Copy',
    'keep.download': 'Download',
    'keep.print': 'Print',

    'time.justNow': 'just now',

    'devMail.title': 'Mail',
    'devMail.why':
      'This server runs in development: mails are shown here and in its terminal, and sent to nobody.',
    'devMail.none': 'None yet.',
    'devMail.to': 'To {email}, {time}',
  }) as const;
