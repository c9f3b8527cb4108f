/** What mails say, in Spanish. */
import type { mailEn } from './mail.en.ts';

export const mailEs = (): Readonly<Record<keyof ReturnType<typeof mailEn>, string>> => ({
  'mail.confirm.subject': 'Confirme su dirección para {service}',
  'mail.confirm.why':
    'Alguien, esperamos que usted, quiere crear una cuenta en {service} con esta dirección.',
  'mail.confirm.link': 'Abra este enlace para elegir una contraseña. Sirve una sola vez, durante {life}:',
  'mail.confirm.else': 'Si no ha sido usted, no haga nada: sin este enlace no se crea ninguna cuenta.',

  'mail.registered.subject': 'Ya tiene una cuenta en {service}',
  'mail.registered.why':
    'Alguien, esperamos que usted, quería crear una cuenta en {service} con esta dirección. Ya tiene una.',
  'mail.registered.signIn': 'Inicie sesión aquí: {link}',
  'mail.registered.link': 'O elija una contraseña nueva. Este enlace sirve una sola vez, durante {life}:',
  'mail.registered.else': 'Si no ha sido usted, no haga nada: su cuenta sigue como estaba.',

  'mail.reset.subject': 'Elija una contraseña nueva para {service}',
  'mail.reset.why': 'Alguien, esperamos que usted, ha olvidado la contraseña de esta cuenta en {service}.',
  'mail.reset.link': 'Abra este enlace para elegir una nueva. Sirve una sola vez, durante {life}:',
  'mail.reset.else': 'Si no ha sido usted, no haga nada: su contraseña sigue como estaba.',

  'mail.invite.subject': 'Elija una contraseña para su nueva cuenta en {service}',
  'mail.invite.why': 'Los responsables de {service} han creado una cuenta para usted con esta dirección.',
  'mail.invite.link': 'Abra este enlace para elegir su contraseña. Sirve una sola vez, durante {life}:',
  'mail.invite.late': 'Si ya no sirve, pida otro aquí: {forgot}',
  'mail.invite.else':
    'Si no espera ninguna cuenta allí, no haga nada: mientras no se elija una contraseña, nadie entra con ella.',

  'mail.newEmail.subject': 'Confirme su nueva dirección para {service}',
  'mail.newEmail.why':
    'Alguien, esperamos que usted, quiere que una cuenta en {service} tenga esta dirección a partir de ahora.',
  'mail.newEmail.link': 'Abra este enlace para confirmarla. Sirve una sola vez, durante {life}:',
  'mail.newEmail.else':
    'Si no ha sido usted, no haga nada: sin este enlace ninguna cuenta recibe su dirección.',

  'mail.taken.subject': 'Su dirección en {service}',
  'mail.taken.why':
    'Alguien con otra cuenta en {service} quería darle esta dirección. Es de usted, y lo sigue siendo.',
  'mail.taken.else': 'Si ha sido usted y quiere trasladarla, inicie antes sesión en esta cuenta: {link}',

  'mail.emailAsked.subject': 'Se ha pedido una dirección nueva para su cuenta',
  'mail.emailAsked.what':
    'Cuando se confirme, su cuenta en {service} tendrá la dirección {email}, y esta ya no se usará.',
  'mail.emailChanged.subject': 'Se ha cambiado la dirección de su cuenta',
  'mail.emailChanged.what':
    'Su cuenta en {service} tiene ahora la dirección {email}. Este es el último correo a la anterior.',

  'mail.news.what': '{news}: en {service}, para la cuenta con esta dirección.',
  'mail.news.passwordChanged': 'Se ha cambiado su contraseña',
  'mail.news.factorAdded': 'Se ha añadido un segundo factor',
  'mail.news.factorRemoved': 'Se ha quitado un segundo factor',
  'mail.news.codesMade': 'Se han creado nuevos códigos de recuperación',
  'mail.news.linked': 'Se ha vinculado otro servicio de inicio de sesión',
  'mail.news.sessionMisused': 'Alguien intentó usar su sesión en otro dispositivo, y se le rechazó',
  'mail.news.stayCopied':
    'Se usó una copia de lo que mantiene su sesión, y se cerró la sesión de ese navegador',
  'mail.news.deletionKept': 'Su cuenta se conserva y no se elimina',
  'mail.news.unlinked': 'Se ha desvinculado un servicio de inicio de sesión',

  'mail.token.subject': 'Se ha creado un token de API',
  'mail.token.what':
    'Se ha creado un token de API en {service}, para la cuenta con esta dirección. Empieza por {hint}.',
  'mail.token.may': 'Hasta el {day}, un programa que lo tenga puede hacer esto por usted: {scopes}.',
  'mail.token.see': 'Vea y revoque sus tokens aquí: {link}',

  'mail.passwordReset.what':
    'Se ha elegido una contraseña nueva mediante un enlace enviado por correo: en {service}, para la cuenta con esta dirección.',
  'mail.passwordReset.stays':
    'Se han cerrado todas las sesiones, y los tokens de los programas ya no funcionan. Las llaves de acceso, las aplicaciones de autenticación y el inicio de sesión con otros servicios siguen como estaban:',
  'mail.passwordReset.look': 'revíselos aquí, y quite lo que no sea suyo: {link}',

  'mail.newDevice.subject': 'Un nuevo inicio de sesión en su cuenta',
  'mail.newDevice.what':
    'Alguien ha iniciado sesión en su cuenta en {service} con un navegador que no se había usado antes para ella.',

  'mail.guessed.subject': 'Alguien está adivinando su contraseña',
  'mail.guessed.what':
    'Se han probado tantas contraseñas erróneas para su cuenta en {service} que a partir de ahora no se acepta ninguna contraseña de un navegador nuevo.',
  'mail.guessed.else':
    'Los navegadores con los que ya ha iniciado sesión siguen funcionando. En todos los demás, elija antes una contraseña nueva:',

  'mail.deletion.subject': 'Su cuenta se va a eliminar',
  'mail.deletion.what':
    'Se ha cerrado la sesión de su cuenta en {service} en todas partes y se eliminará el {day}, como se solicitó allí.',
  'mail.deletion.keep':
    'Si quiere conservarla, o si no fue usted quien lo solicitó, inicie sesión antes de ese día y pulse el botón para conservarla: {link}. Si no fue usted, cambie entonces su contraseña.',
  'mail.removed.subject': 'Se ha eliminado su cuenta',
  'mail.removed.what':
    'Se ha eliminado su cuenta en {service}, y con ella todo lo que le daba acceso. Ya nadie puede iniciar sesión en ella, y este es el último correo al respecto.',
  'mail.removed.else': 'Si no lo esperaba, pregunte a los responsables de {service}.',

  'mail.factorsAsked.subject': 'Se van a quitar sus segundos factores',
  'mail.factorsAsked.what':
    'Un operador de {service} ha pedido quitar todos los segundos factores de su cuenta: aplicación de autenticación, llaves de acceso, códigos de recuperación. Se hará cuando otro operador esté de acuerdo.',
  'mail.factorsAsked.else':
    'Si no se lo ha pedido usted, avise enseguida a los responsables de {service}, y elija una contraseña nueva: {link}',
  'mail.factorsReset.subject': 'Se han quitado sus segundos factores',
  'mail.factorsReset.what':
    'Unos operadores de {service} han quitado todos los segundos factores de su cuenta, y se han cerrado todas sus sesiones. Inicie sesión con su contraseña y añada de nuevo un segundo factor: {account}',
  'mail.factorsReset.else':
    'Si no lo ha pedido usted, puede que otra persona quiera entrar en su cuenta: elija enseguida una contraseña nueva, y avise a los responsables de {service}. {link}',

  'mail.notice.subject': '{news} ({service})',
  'mail.notice.when': 'Cuándo: {time}',
  'mail.notice.where': 'Desde: {address}, {device}',
  'mail.notice.else':
    'Si ha sido usted, todo está bien. Si no, elija enseguida una contraseña nueva por correo; eso cierra todas las sesiones y anula los tokens de los programas: {link}',
  'mail.notice.look':
    'Después revise las llaves de acceso y las demás formas de iniciar sesión en la página de su cuenta, y quite lo que no sea suyo.',

  'time.utc': '{time} UTC',
  'device.unknown': 'Dispositivo desconocido',
  'device.unknownBrowser': 'Navegador desconocido en {system}',
  'device.both': '{browser} en {system}',
});
