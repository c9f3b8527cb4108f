/** What several account pages say, in German. */
import type { pageEn } from './page.en.ts';

export const pageDe = (): Readonly<Record<keyof ReturnType<typeof pageEn>, string>> => ({
  'page.error': 'Fehler: {title}',
  'page.signOut': 'Abmelden',
  'page.home': 'Startseite',
  'page.continue': 'Weiter',
  'page.name': 'Bezeichnung',
  'page.code': 'Code',
  'page.email': 'E-Mail-Adresse',
  'page.password': 'Passwort',
  'page.sendLink': 'Link anfordern',
  'page.toAccount': 'Zu Ihrem Konto',
  'page.backToAccount': 'Zurück zu Ihrem Konto',
  'page.emailUnfit': 'Geben Sie eine vollständige E-Mail-Adresse ein, etwa anna@example.com.',

  'busy.title': 'Einen Moment bitte',
  'busy.text':
    'Gerade melden sich mehr Menschen an, als auf einmal bedient werden können. Versuchen Sie es in einigen Sekunden noch einmal.',

  'keep.copied': 'Kopiert.',
  'keep.selected':
    'Dieser Browser lässt uns nicht kopieren. Der Text ist ausgewählt: Kopieren Sie ihn selbst.',
  'keep.copy': 'Kopieren',
  'keep.download': 'Herunterladen',
  'keep.print': 'Drucken',

  'time.justNow': 'gerade eben',

  'devMail.title': 'Nachrichten',
  'devMail.why':
    'Dieser Server läuft in der Entwicklung: Mails stehen hier und in seinem Terminal, und niemand bekommt sie.',
  'devMail.none': 'Noch keine.',
  'devMail.to': 'An {email}, {time}',
});
