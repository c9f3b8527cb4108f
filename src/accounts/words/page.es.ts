/** What several account pages say, in Spanish. */
import type { pageEn } from './page.en.ts';

export const pageEs = (): Readonly<Record<keyof ReturnType<typeof pageEn>, string>> => ({
  'page.error': 'Error: {title}',
  'page.signOut': 'Cerrar sesión',
  'page.home': 'Página de inicio',
  'page.continue': 'Continuar',
  'page.name': 'Nombre',
  'page.code': 'Código',
  'page.email': 'Correo electrónico',
  'page.password': 'Contraseña',
  'page.sendLink': 'Enviarme el enlace',
  'page.toAccount': 'Ir a su cuenta',
  'page.backToAccount': 'Volver a su cuenta',
  'page.emailUnfit': 'Escriba una dirección de correo completa, como anna@example.com.',

  'busy.title': 'Un momento, por favor',
  'busy.text':
    'En este momento inician sesión más personas de las que se pueden atender a la vez. Inténtelo de nuevo dentro de unos segundos.',

  'keep.copied': 'Copiado.',
  'keep.selected': 'Este navegador no nos deja copiar. El texto está seleccionado: cópielo usted.',
  'keep.copy': 'Copiar',
  'keep.download': 'Descargar',
  'keep.print': 'Imprimir',

  'time.justNow': 'ahora mismo',

  'devMail.title': 'Correo',
  'devMail.why':
    'Este servidor funciona en desarrollo: los correos se muestran aquí y en su terminal, y no se envían a nadie.',
  'devMail.none': 'Ninguno por ahora.',
  'devMail.to': 'Para {email}, {time}',
});
