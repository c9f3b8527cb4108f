/** What the pages of sign-in with other services say, in German. */
import type { providersEn } from './providers.en.ts';

export const providersDe = (): Readonly<Record<keyof ReturnType<typeof providersEn>, string>> => ({
  'provider.signIn': 'Mit {name} anmelden',
  'provider.again': 'Noch einmal bei {name} anmelden',
  'provider.onTo': 'Weiter zu {name}',
  'provider.onToText': 'Dort melden Sie sich an und kommen dann hierher zurück.',
  'provider.goOn': 'Weiter',
  'provider.failed': 'Keine Anmeldung mit {name}',
  'provider.backToSignIn': 'Zurück zur Anmeldung',

  'identities.title': 'Anmeldung über andere Dienste',
  'identities.why': 'Verknüpfen Sie ein Konto, das Sie anderswo haben, und melden Sie sich hier damit an.',
  'identities.linked': 'verknüpft: {day}',
  'identities.used': 'verknüpft: {day}, zuletzt benutzt: {ago}',
  'identities.link': '{name} verknüpfen',
  'identities.linkAnother': 'Weiteres Konto bei {name} verknüpfen',
  'identities.unlink': 'Verknüpfung aufheben',
  'identities.last': 'Die Verknüpfung besteht weiter',
  'identities.lastText':
    'Sie ist der einzige Weg in Ihr Konto. Legen Sie zuerst ein Passwort fest, oder fügen Sie einen Passkey hinzu.',
  'identities.setPassword': 'Passwort festlegen',

  'unlinked.title': 'Ihr Konto bei {name} ist noch nicht verknüpft',
  'unlinked.text':
    'Wenn Sie hier ein Konto haben, melden Sie sich wie bisher an. Verknüpfen Sie {name} dann auf der Seite Ihres Kontos: Ab da können Sie sich damit anmelden.',
  'unlinked.signIn': 'Anmelden und verknüpfen',
  'unlinked.noAccount': 'Noch kein Konto hier? {create}',
  'unlinked.create': 'Konto anlegen',

  'identity.denied': 'Sie sind bei {name} umgekehrt. Hier hat sich nichts geändert.',
  'identity.expired':
    'Das wurde schon benutzt, hat zu lange gedauert, oder inzwischen hat sich etwas geändert. Fangen Sie neu an.',
  'identity.not-signed-in': 'Inzwischen wurden Sie abgemeldet. Melden Sie sich an, und fangen Sie neu an.',
  'identity.other-account': 'Inzwischen hat sich hier jemand anderes angemeldet. Fangen Sie neu an.',
  'identity.other-identity': 'Das ist ein anderes Konto bei {name} als das, das hier verknüpft ist.',
  'identity.late':
    'Ihre Anmeldung hier ist zu lange her, um etwas zu verknüpfen. Melden Sie sich noch einmal an, und fangen Sie neu an.',
  'identity.taken':
    'Dieses Konto bei {name} ist schon verknüpft, mit diesem Konto hier oder mit einem anderen.',
  'identity.not-fresh':
    '{name} sagt nicht, dass Sie sich neu angemeldet haben, und beweist damit nichts. Nehmen Sie einen Passkey oder Ihr Passwort. Wenn Sie keines von beiden haben, {byMail}.',
  'identity.byMail': 'wählen Sie per Mail ein Passwort',
  'identity.unavailable':
    '{name} antwortet nicht. Versuchen Sie es später noch einmal, oder melden Sie sich anders an.',
  'identity.misconfigured':
    '{name} und diese Website kennen einander nicht so, wie sie sollten. Melden Sie sich anders an.',
  'identity.unfit': 'Was von {name} zurückkam, stimmt nicht. Fangen Sie neu an.',
});
