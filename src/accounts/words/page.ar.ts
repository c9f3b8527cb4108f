/** What several account pages say, in Arabic. */
import type { pageEn } from './page.en.ts';

export const pageAr = (): Readonly<Record<keyof ReturnType<typeof pageEn>, string>> => ({
  'page.error': 'خطأ: {title}',
  'page.signOut': 'تسجيل الخروج',
  'page.home': 'صفحة البداية',
  'page.continue': 'متابعة',
  'page.name': 'الاسم',
  'page.code': 'الرمز',
  'page.email': 'البريد الإلكتروني',
  'page.password': 'كلمة المرور',
  'page.sendLink': 'إرسال الرابط إليّ',
  'page.toAccount': 'الانتقال إلى حسابك',
  'page.backToAccount': 'العودة إلى حسابك',
  'page.emailUnfit': 'اكتب عنوان بريد إلكتروني كاملًا، مثل anna@example.com.',

  'busy.title': 'لحظة من فضلك',
  'busy.text': 'يسجّل الدخول الآن عدد أكبر مما يمكن خدمته في وقت واحد. حاول مرة أخرى بعد بضع ثوانٍ.',

  'keep.copied': 'تم النسخ.',
  'keep.selected': 'لا يسمح لنا هذا المتصفح بالنسخ. النص محدَّد: انسخه بنفسك.',
  'keep.copy': 'نسخ',
  'keep.download': 'تنزيل',
  'keep.print': 'طباعة',

  'time.justNow': 'الآن',

  'devMail.title': 'البريد',
  'devMail.why': 'يعمل هذا الخادم في وضع التطوير: تُعرض الرسائل هنا وفي نافذته الطرفية، ولا تُرسل إلى أحد.',
  'devMail.none': 'لا شيء بعد.',
  'devMail.to': 'إلى {email}، {time}',
});
