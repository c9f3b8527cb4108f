/** What the pages of authenticator apps, recovery codes and passkeys say, in Spanish. */
import type { factorsEn } from './factors.en.ts';

export const factorsEs = (): Readonly<Record<keyof ReturnType<typeof factorsEn>, string>> => ({
  'app.title': 'Configurar una aplicación de autenticación',
  'app.scan': 'Escanee esto con su aplicación de autenticación:',
  'app.picture': 'Código QR para su aplicación de autenticación',
  'app.type': '¿No puede escanear? Escriba esto en su lugar: {secret}',
  'app.onlyCode': 'Solo falta el código de su aplicación.',
  'app.hint': 'Las seis cifras que muestra la aplicación.',
  'app.turnOn': 'Activarla',
  'app.notNow': 'Ahora no',
  'app.wrong':
    'Ese código no vale. Escriba el que su aplicación muestra ahora; compruebe la hora de su teléfono.',
  'app.limited': 'Se han probado demasiados códigos. Espere una hora y empiece de nuevo.',

  'codes.title': 'Sus códigos de recuperación',
  'codes.text':
    'Guárdelos donde los encuentre sin su teléfono. Cada uno sirve una sola vez. Solo se muestran ahora, y los anteriores ya no funcionan.',
  'codes.fileAbout': 'Códigos de recuperación de {email} en {service}, creados el {day}.',
  'codes.fileOnce': 'Cada uno sirve una sola vez. Los anteriores ya no funcionan.',
  'codes.fileName': 'codigos-de-recuperacion.txt',
  'codes.copy': 'Copiar los códigos de recuperación',
  'codes.download': 'Descargar los códigos de recuperación',
  'codes.print': 'Imprimir los códigos de recuperación',
  'codes.kept': 'Ya los he guardado',

  'newPasskey.title': 'Añadir una llave de acceso',
  'newPasskey.usual': 'Mi llave de acceso',
  'newPasskey.hint': 'Para que la reconozca, por ejemplo el dispositivo en que está.',
  'newPasskey.script':
    'Las llaves de acceso necesitan JavaScript en este navegador. Todo lo demás funciona sin él.',
  'newPasskey.make': 'Crear la llave de acceso',
});
