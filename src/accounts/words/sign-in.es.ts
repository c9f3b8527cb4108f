/** What the pages say on which people sign in and out, in Spanish. */
import type { signInEn } from './sign-in.en.ts';

export const signInEs = (): Readonly<Record<keyof ReturnType<typeof signInEn>, string>> => ({
  'signIn.title': 'Iniciar sesión',
  'signIn.button': 'Iniciar sesión',
  'signIn.wrong': 'Ese correo y esa contraseña no van juntos. Compruebe ambos e inténtelo de nuevo.',
  'signIn.wait': 'Demasiados intentos para esta cuenta. Espere {wait} e inténtelo de nuevo.',
  'signIn.stay': 'Mantener la sesión aquí durante {time}',
  'signIn.passkey': 'Iniciar sesión con una llave de acceso',
  'signIn.forgot': '¿Ha olvidado la contraseña?',
  'signIn.noAccount': '¿Todavía no tiene cuenta? {create}',
  'signIn.create': 'Cree una',

  'code.title': 'Segundo paso',
  'code.hint': 'Las seis cifras de su aplicación de autenticación, o uno de sus códigos de recuperación.',
  'code.remember': 'No preguntar en este dispositivo durante {time}',
  'code.wrong': 'Ese código no funciona. Espere al siguiente, o use un código de recuperación.',
  'code.wait': 'Se han probado demasiados códigos. Espere {wait}, o use un código de recuperación.',
  'code.startAgain': 'Empezar de nuevo',

  'passkey.use': 'Usar una llave de acceso',
  'passkey.cancelled': 'No se ha hecho nada. Inténtelo de nuevo cuando quiera.',
  'passkey.failed': 'No ha funcionado. Inténtelo de nuevo, o use otro medio.',

  'again.title': '¿Sigue siendo usted?',
  'again.why':
    'Sesión iniciada como {email}. Lo que ha pedido exige iniciar sesión de nuevo. Después sigue donde estaba.',
  'again.wrong': 'Esa no es la contraseña de esta cuenta. Inténtelo de nuevo.',
  'again.wait': 'Demasiados intentos. Espere {wait} e inténtelo de nuevo.',
  'again.byMail': 'Elegir una contraseña por correo',

  'needsFactor.title': 'Esto necesita un segundo paso',
  'needsFactor.text':
    'Lo que ha pedido solo está abierto a cuentas con una llave de acceso o una aplicación de autenticación. Configure antes una.',

  'goOn.title': 'Gracias',
  'goOn.text': 'No se ha perdido nada de lo que escribió. Siga con lo que estaba haciendo:',
  'goOn.leave': 'Dejarlo',

  'signedOut.title': 'Se ha cerrado su sesión',
  'signedOut.text': 'Su sesión ha terminado, y este navegador la ha olvidado.',
  'signedOut.again': 'Iniciar sesión de nuevo',

  'challenge.asked':
    'Este formulario se comprueba antes de aceptarlo, porque últimamente ha habido muchos intentos. Envíelo de nuevo.',
  'challenge.stale':
    'Este formulario estuvo abierto demasiado tiempo, o ya se había enviado. Envíelo de nuevo.',
  'challenge.early': 'Este formulario se envió demasiado pronto. Espere {wait} antes de enviarlo de nuevo.',
  'challenge.withPassword': '{why} Hay que escribir de nuevo la contraseña.',

  'work.without':
    'Sin scripts, este formulario se acepta dentro de {wait}, y no antes. Rellénelo mientras tanto.',
  'work.progress': 'Comprobando este navegador: {percent}.',
  'work.sending': 'Se enviará en cuanto este navegador esté comprobado.',
  'work.done': 'Este navegador está comprobado.',
  'work.failed': 'No se ha podido comprobar este navegador.',
});
