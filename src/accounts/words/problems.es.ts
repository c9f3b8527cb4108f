/** What pages of errors say, in Spanish. */
import type { problemsEn } from './problems.en.ts';

export const problemsEs = (): Readonly<Record<keyof ReturnType<typeof problemsEn>, string>> => ({
  'problem.bad-request.title': 'No se ha podido entender la petición',
  'problem.bad-request.detail':
    'La petición no se puede responder tal como está. Revísela e inténtelo de nuevo.',
  'problem.sign-in-required.title': 'Inicie sesión, por favor',
  'problem.sign-in-required.detail': 'Para esto tiene que haber iniciado sesión.',
  'problem.too-many-sessions.title': 'Tiene la sesión iniciada en demasiados navegadores',
  'problem.too-many-sessions.detail':
    'No se ha iniciado la sesión. Ciérrela primero en otro de sus navegadores y vuelva a intentarlo.',
  'problem.session-over.title': 'Su sesión ha terminado',
  'problem.session-over.detail': 'Inicie sesión de nuevo, por favor.',
  'problem.not-allowed.title': 'No tiene permiso para hacer esto',
  'problem.not-allowed.detail': 'No tiene acceso a esto.',
  'problem.not-found.title': 'Página no encontrada',
  'problem.not-found.detail':
    'No hay nada en esta dirección. Puede que se haya trasladado, o que el enlace tenga un error.',
  'problem.method-not-allowed.title': 'Esto no se puede hacer aquí',
  'problem.method-not-allowed.detail': 'Esta dirección no acepta ese tipo de petición.',
  'problem.request-timeout.title': 'La petición ha tardado demasiado',
  'problem.request-timeout.detail': 'La petición no llegó a tiempo. Inténtelo de nuevo.',
  'problem.conflict.title': 'Esto ha cambiado mientras tanto',
  'problem.conflict.detail': 'Alguien lo cambió antes que usted. Ábralo de nuevo y repita lo que hizo.',
  'problem.gone.title': 'Esta página ya no existe',
  'problem.gone.detail': 'Lo que había aquí se ha eliminado.',
  'problem.body-too-large.title': 'Es demasiado grande',
  'problem.body-too-large.detail': 'Lo que se ha enviado es más grande de lo que acepta esta dirección.',
  'problem.invalid-input.title': 'Algunos datos no son válidos',
  'problem.invalid-input.detail': 'Parte de lo que se ha enviado falta, o no es lo que se pide.',
  'problem.invalid-json.title': 'No se ha podido entender el contenido',
  'problem.invalid-json.detail': 'Lo que se ha enviado no es JSON que se pueda leer de una sola manera.',
  'problem.invalid-form.title': 'No se ha podido leer el formulario',
  'problem.invalid-form.detail':
    'Lo que se ha enviado no es un formulario que se pueda leer de una sola manera.',
  'problem.file-refused.title': 'Aquí no se aceptan archivos de este tipo',
  'problem.file-refused.detail':
    'Un archivo es de un tipo que aquí no se acepta, o no es lo que dice su nombre.',
  'problem.file-waits.title': 'Este archivo todavía se está examinando',
  'problem.file-waits.detail':
    'El archivo ha llegado y todavía se está examinando. Inténtelo de nuevo dentro de un minuto.',
  'problem.not-signed.title': 'La firma no es válida',
  'problem.not-signed.detail': 'Aquí se acepta lo que ha firmado su remitente.',
  'problem.body-not-supported.title': 'No se acepta este tipo de contenido',
  'problem.body-not-supported.detail': 'Lo que se ha enviado no es de un tipo que acepte esta dirección.',
  'problem.expectation-failed.title': 'La petición espera algo que no se ofrece',
  'problem.expectation-failed.detail': 'Lo que la petición exige primero no se hace aquí.',
  'problem.too-many-requests.title': 'Demasiadas peticiones',
  'problem.too-many-requests.detail':
    'Ha habido demasiadas peticiones. Espere un momento e inténtelo de nuevo.',
  'problem.headers-too-large.title': 'La petición es demasiado larga',
  'problem.headers-too-large.detail':
    'La dirección o las cookies de la petición son demasiado largas. Borre las cookies de este sitio e inténtelo de nuevo.',
  'problem.redirect.title': 'Esta página está en otro lugar',
  'problem.redirect.detail': 'Siga hasta donde está.',
  'problem.internal-error.title': 'Algo ha salido mal',
  'problem.internal-error.detail':
    'El error ha sido nuestro y ha quedado registrado. Inténtelo de nuevo más tarde.',
  'problem.unavailable.title': 'No disponible por el momento',
  'problem.unavailable.detail':
    'El servicio no puede responder ahora. Inténtelo de nuevo dentro de un momento.',
  'problem.host-not-allowed.title': 'Esta dirección no se atiende aquí',
  'problem.host-not-allowed.detail': 'Compruebe el nombre del sitio en la dirección.',
  'problem.https-required.title': 'Hace falta una conexión segura',
  'problem.https-required.detail': 'Abra esta dirección con https:// delante.',
  'problem.token-not-proved.title': 'Este token llegó sin la prueba de su clave',
  'problem.token-not-proved.detail':
    'Está unido a una clave, o debe estarlo. Envíe con él una prueba de esa clave.',
  'problem.invalid-token.title': 'Este token no funciona',
  'problem.invalid-token.detail': 'Ha caducado, se ha revocado, o nunca fue de este servicio.',
  'problem.origin-not-allowed.title': 'Las páginas de este origen no pueden preguntar aquí',
  'problem.origin-not-allowed.detail': 'Las páginas de este origen no pueden enviar peticiones aquí.',
  'problem.cross-site-request.title': 'La petición venía de otro sitio',
  'problem.cross-site-request.detail':
    'La envió una página de otro sitio, o una que estuvo abierta demasiado tiempo. Abra la página de nuevo y repita lo que hizo.',
  'problem.stronger-sign-in-required.title': 'Confirme que es usted',
  'problem.stronger-sign-in-required.detail':
    'Lo que ha pedido exige iniciar sesión de nuevo o un segundo paso.',
  'problem.device-needed.title': 'Esto necesita una sesión vinculada a su dispositivo',
  'problem.device-needed.detail':
    'Si acaba de iniciar sesión, la página se vuelve a cargar sola. Si no, inicie sesión de nuevo con un navegador que vincule las sesiones a su dispositivo.',
  'problem.device-one-moment.title': 'Un momento',
  'problem.device-one-moment.detail':
    'Se pide a su navegador que demuestre que es el suyo. La página se vuelve a cargar sola.',
  'problem.device-not-proved.title': 'Su navegador no ha podido demostrar que es el suyo',
  'problem.device-not-proved.detail':
    'Esta sesión pertenece a un solo dispositivo. Vuelva a cargar la página dentro de un minuto, o inicie sesión de nuevo.',
  'problem.device-challenge.title': 'Se pide al dispositivo su prueba',
  'problem.device-challenge.detail': 'Su navegador responde a esto por sí solo.',
  'problem.device-ended.title': 'Este dispositivo no está vinculado aquí a ninguna sesión',
  'problem.device-ended.detail': 'Inicie sesión de nuevo.',
  'problem.bad-answer.title': 'La aplicación no ha respondido como debía',
  'problem.bad-answer.detail':
    'El servicio no puede responder ahora. Inténtelo de nuevo dentro de un momento.',
  'problem.late-answer.title': 'La aplicación ha tardado demasiado',
  'problem.late-answer.detail':
    'El servicio no puede responder ahora. Inténtelo de nuevo dentro de un momento.',
  'problem.no-room.title': 'En este momento no hay sitio para esto',
  'problem.no-room.detail': 'Inténtelo de nuevo más tarde.',

  'problem.goOn': 'Continuar',
  'problem.start': 'Ir a la página de inicio',
  'problem.request': 'Petición {id}',
  'problem.development': 'Se muestra en desarrollo, solo en esta máquina.',
});
