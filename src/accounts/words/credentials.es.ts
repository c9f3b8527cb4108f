/** What the pages say on which accounts are made, passwords chosen and addresses changed, in Spanish. */
import type { credentialsEn } from './credentials.en.ts';

export const credentialsEs = (): Readonly<Record<keyof ReturnType<typeof credentialsEn>, string>> => ({
  'register.title': 'Crear una cuenta',
  'register.hint': 'Le enviamos allí un enlace. Con él elige una contraseña.',
  'register.closed': 'Aquí las cuentas las crea nuestro personal: pídale una.',
  'register.haveOne': '¿Ya tiene una? {signIn}',
  'register.choose': 'Elegir una contraseña',
  'register.create': 'Crear la cuenta',

  'reset.title': '¿Ha olvidado la contraseña?',
  'reset.hint': 'Enviamos allí un enlace, si existe una cuenta con esta dirección.',
  'reset.remembered': '¿La ha recordado? {signIn}',
  'reset.choose': 'Elegir una contraseña nueva',
  'reset.change': 'Cambiar la contraseña',
  'reset.done': 'Su contraseña ha cambiado',
  'reset.doneText': 'Se han cerrado todas las sesiones de su cuenta, también la suya.',

  'choose.for': 'Para {email}.',
  'choose.hint':
    'Al menos {least} caracteres. Cuatro o cinco palabras seguidas son fáciles de recordar y difíciles de adivinar.',
  'choose.not':
    'No se aceptan contraseñas robadas o comunes, secuencias como 123456, ni el nombre del servicio o el suyo.',

  'mailSent.title': 'Mire su correo',
  'mailSent.text':
    'Si la dirección se puede usar, va en camino un correo con un enlace. Puede tardar un minuto.',
  'mailSent.nothing': '¿No ha llegado nada? Mire en el correo no deseado, o {again}.',
  'mailSent.again': 'pida otro',

  'deadLink.title': 'Este enlace ya no funciona',
  'deadLink.text': 'Ya se ha usado, es demasiado antiguo, o algo ha cambiado desde que se envió.',
  'deadLink.again': 'Pedir uno nuevo',

  'password.change': 'Cambiar la contraseña',
  'password.set': 'Establecer una contraseña',
  'password.present': 'Contraseña actual',
  'password.new': 'Contraseña nueva',
  'password.others': 'Se cierra la sesión en todos los demás dispositivos.',
  'password.wrong': 'Esa no es la contraseña actual.',
  'password.wait': 'Demasiados intentos. Espere {wait}.',
  'password.stale': 'Mientras tanto su cuenta ha cambiado por otra vía. Inténtelo de nuevo.',

  'email.title': 'Cambiar el correo electrónico',
  'email.new': 'Nuevo correo electrónico',
  'email.hint': 'Le enviamos allí un enlace. Hasta que lo abra, sigue valiendo {email}.',
  'email.confirm': 'Confirmar su nuevo correo electrónico',
  'email.confirmText':
    'A partir de ahora su cuenta tiene la dirección {email}. Se cierra la sesión en los demás dispositivos.',
  'email.confirmButton': 'Confirmar',
  'email.changed': 'Su correo electrónico ha cambiado',
  'email.changedText': 'Inicie sesión con el nuevo a partir de ahora.',

  'unfit.too-short': 'Use al menos {least} caracteres.',
  'unfit.too-long': 'Use como máximo {most} caracteres.',
  'unfit.malformed': 'Contiene caracteres que no son texto. Escríbala de nuevo.',
  'unfit.breached':
    'Está en una lista de contraseñas robadas, que es lo primero que se prueba. Elija otra y cámbiela dondequiera que la use.',
  'unfit.unchecked':
    'En este momento no se puede comparar con las contraseñas robadas. Inténtelo de nuevo dentro de un minuto.',
  'unfit.common':
    'Está hecha de palabras que se prueban primero. Añada palabras propias, o deje que elija un gestor de contraseñas.',
  'unfit.own-words':
    'Está hecha sobre todo del nombre del servicio o del suyo. Elija algo que no trate de ninguno de los dos.',
  'unfit.repeated': 'Se repite. Repetir no la hace más difícil de adivinar.',
  'unfit.sequence':
    'Es sobre todo una secuencia, como 123456 o abcdef, o un año. Es lo primero que se prueba.',
  'unfit.keyboard': 'Es sobre todo un recorrido por el teclado. Es lo primero que se prueba.',
});
