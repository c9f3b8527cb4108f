/** What the pages of sign-in with other services say, in Spanish. */
import type { providersEn } from './providers.en.ts';

export const providersEs = (): Readonly<Record<keyof ReturnType<typeof providersEn>, string>> => ({
  'provider.signIn': 'Iniciar sesión con {name}',
  'provider.again': 'Iniciar sesión de nuevo en {name}',
  'provider.onTo': 'Seguir a {name}',
  'provider.onToText': 'Allí inicia sesión, y luego vuelve aquí.',
  'provider.goOn': 'Seguir',
  'provider.failed': 'Sin inicio de sesión con {name}',
  'provider.backToSignIn': 'Volver al inicio de sesión',

  'identities.title': 'Inicio de sesión con otros servicios',
  'identities.why': 'Vincule una cuenta que tenga en otro sitio, e inicie sesión aquí con ella.',
  'identities.linked': 'vinculada el {day}',
  'identities.used': 'vinculada el {day}, último uso: {ago}',
  'identities.link': 'Vincular {name}',
  'identities.linkAnother': 'Vincular otra cuenta de {name}',
  'identities.unlink': 'Desvincular',
  'identities.last': 'No se ha desvinculado nada',
  'identities.lastText':
    'Es la única forma de entrar en su cuenta. Establezca antes una contraseña o añada una llave de acceso.',
  'identities.setPassword': 'Establecer una contraseña',

  'unlinked.title': 'Su cuenta de {name} todavía no está vinculada',
  'unlinked.text':
    'Si tiene una cuenta aquí, inicie sesión en ella como antes. Después vincule {name} en la página de su cuenta: a partir de entonces puede iniciar sesión con ella.',
  'unlinked.signIn': 'Iniciar sesión y vincularla',
  'unlinked.noAccount': '¿Todavía no tiene cuenta aquí? {create}',
  'unlinked.create': 'Cree una',

  'identity.denied': 'Usted dio marcha atrás en {name}. Aquí no ha cambiado nada.',
  'identity.expired':
    'Esto ya se había usado, tardó demasiado, o algo cambió mientras tanto. Empiece de nuevo.',
  'identity.not-signed-in': 'Mientras tanto se cerró su sesión. Inicie sesión y empiece de nuevo.',
  'identity.other-account': 'Mientras tanto otra persona inició sesión aquí. Empiece de nuevo.',
  'identity.other-identity': 'Esa es otra cuenta de {name}, y no la que está vinculada aquí.',
  'identity.late':
    'Hace demasiado tiempo que inició sesión aquí para vincular algo. Inicie sesión de nuevo y vuelva a empezar.',
  'identity.taken': 'Esa cuenta de {name} ya está vinculada, a esta cuenta o a otra.',
  'identity.not-fresh':
    '{name} no dice que usted acabe de iniciar sesión, así que no prueba nada. Use una llave de acceso o su contraseña. Si no tiene ninguna de las dos, {byMail}.',
  'identity.byMail': 'elija una contraseña por correo',
  'identity.unavailable':
    '{name} no responde. Inténtelo de nuevo dentro de un rato, o inicie sesión de otro modo.',
  'identity.misconfigured': '{name} y este sitio no se conocen como deberían. Inicie sesión de otro modo.',
  'identity.unfit': 'Lo que ha llegado de {name} no es válido. Empiece de nuevo.',
});
