/** What the page of one's own account says, in Spanish. */
import type { accountEn } from './account.en.ts';

export const accountEs: Readonly<Record<keyof typeof accountEn, string>> = {
  'account.title': 'Cuenta',
  'account.you': 'Usted',
  'account.since': 'Miembro desde',
  'account.roles': 'Funciones',

  'account.secondStep': 'Segundo paso',
  'account.secondStepWhy': 'Con un segundo paso, una contraseña robada no basta.',
  'account.noApp': 'Todavía no hay ninguna aplicación de autenticación.',
  'account.appOn': 'Aplicación de autenticación: activada',
  'account.appSince': 'desde el {day}, último uso: {ago}',
  'account.removeApp': 'Quitar la aplicación',
  'account.codesLeft': 'Códigos de recuperación restantes: {count}',
  'account.codesReplace': 'Los nuevos códigos de recuperación sustituyen a los que tiene.',
  'account.makeCodes': 'Crear nuevos códigos de recuperación',

  'account.passkeys': 'Llaves de acceso',
  'account.passkeysWhy': 'Inicie sesión con su huella, su rostro o su PIN, sin contraseña.',
  'account.passkeyMade': 'creada el {day}',
  'account.passkeyUsed': 'creada el {day}, último uso: {ago}',
  'account.removePasskey': 'Quitar',

  'account.sessions': 'Dónde tiene la sesión iniciada',
  'account.sessionsWhy':
    'Si alguno de estos dispositivos no es suyo, cierre su sesión. Tiene efecto de inmediato.',
  'account.thisDevice': 'Este dispositivo',
  'account.deviceBound': 'Vinculada a su dispositivo',
  'account.seen': '{address}, última actividad: {ago}',
  'account.staysSignedIn': 'Mantiene la sesión',
  'account.stayUntil':
    '{address}, última actividad: {ago}. Vuelve a iniciar sesión por sí solo hasta el {day}.',
  'account.signOutOne': 'Cerrar sesión',
  'account.signOutOthers': 'Cerrar sesión en todos los demás',
  'account.nowhereElse': 'No tiene la sesión iniciada en ningún otro lugar.',
  'account.remembered.one': 'Un dispositivo no necesita el segundo paso durante un tiempo.',
  'account.remembered.other': '{count} dispositivos no necesitan el segundo paso durante un tiempo.',
  'account.forget': 'Volver a pedirlo en todos',

  'account.export': 'Sus datos',
  'account.exportWhy':
    'Todo lo que se guarda aquí de su cuenta, en un archivo: ninguna contraseña, ni nada con lo que se pueda iniciar sesión.',
  'account.exportButton': 'Descargar',

  'account.history': 'Lo que ha pasado últimamente',
  'account.nothingYet': 'Nada por ahora.',
  'account.happened': '{ago}, {device}, {address}',

  'activity.account-created': 'Cuenta creada',
  'activity.signed-in': 'Inicio de sesión',
  'activity.signed-in-new-device': 'Inicio de sesión desde un dispositivo nuevo',
  'activity.sign-in-blocked':
    'Demasiadas contraseñas erróneas: no se admiten dispositivos nuevos hasta que se restablezca la contraseña',
  'activity.password-changed': 'Contraseña cambiada',
  'activity.password-reset': 'Contraseña restablecida por correo',
  'activity.email-changed': 'Correo electrónico cambiado',
  'activity.factor-added': 'Segundo factor añadido',
  'activity.factor-removed': 'Segundo factor quitado',
  'activity.recovery-codes-made': 'Nuevos códigos de recuperación creados',
  'activity.recovery-code-used': 'Código de recuperación usado',
  'activity.data-exported': 'Datos de la cuenta descargados',
  'activity.sessions-ended': 'Sesiones cerradas en los demás dispositivos',
  'activity.session-misused': 'Se intentó usar una sesión en otro dispositivo y se rechazó',
  'activity.stay-copied':
    'Se usó una copia de lo que mantiene su sesión, y se cerró la sesión de ese navegador',
  'activity.identity-linked': 'Otro servicio vinculado',
  'activity.identity-unlinked': 'Otro servicio desvinculado',
  'activity.api-token-created': 'Token de API creado',
  'activity.api-token-revoked': 'Token de API revocado',
  'activity.account-disabled': 'Cuenta desactivada',
  'activity.account-enabled': 'Cuenta activada de nuevo',
  'activity.roles-changed': 'Funciones cambiadas',
  'activity.signed-out-by-operator': 'Un operador cerró todas las sesiones',
  'activity.factors-reset-asked': 'Un operador pidió quitar todos los segundos factores',
  'activity.factors-reset': 'Unos operadores quitaron todos los segundos factores',

  'means.password': 'con contraseña',
  'means.passwordAndFactor': 'con contraseña y segundo factor',
  'means.stay': 'sesión mantenida',
  'means.stayAndFactor': 'sesión mantenida y segundo factor',
  'means.passkey': 'llave de acceso',
  'means.passkeyNamed': 'llave de acceso {name}',
  'means.provider': 'con {name}',
  'means.providerAndFactor': 'con {name} y segundo factor',
  'means.app': 'aplicación de autenticación',
  'means.allTokens': 'todos, {count}',
};
