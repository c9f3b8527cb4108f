/** What the pages of authenticator apps, recovery codes and passkeys say, in Arabic. */
import type { factorsEn } from './factors.en.ts';

export const factorsAr = (): Readonly<Record<keyof ReturnType<typeof factorsEn>, string>> => ({
  'app.title': 'إعداد تطبيق مصادقة',
  'app.scan': 'امسح هذا بتطبيق المصادقة:',
  'app.picture': 'رمز QR لتطبيق المصادقة',
  'app.type': 'لا يمكنك المسح؟ اكتب هذا بدلًا منه: {secret}',
  'app.onlyCode': 'لم يبق إلا رمز تطبيقك.',
  'app.hint': 'الأرقام الستة التي يعرضها التطبيق.',
  'app.turnOn': 'تفعيل',
  'app.notNow': 'ليس الآن',
  'app.wrong': 'هذا الرمز غير مطابق. اكتب ما يعرضه تطبيقك الآن، وتحقق من ساعة هاتفك.',
  'app.limited': 'جُرّبت رموز كثيرة جدًا. انتظر ساعة ثم ابدأ من جديد.',

  'codes.title': 'رموز الاسترداد الخاصة بك',
  'codes.text':
    'احفظها حيث تجدها من دون هاتفك. يصلح كل منها مرة واحدة. لا تُعرض إلا الآن، ولم تعد الرموز السابقة صالحة.',
  'codes.fileAbout': 'رموز الاسترداد للحساب {email} لدى {service}، تاريخ الإنشاء: {day}.',
  'codes.fileOnce': 'يصلح كل منها مرة واحدة. لم تعد الرموز السابقة صالحة.',
  'codes.fileName': 'رموز-الاسترداد.txt',
  'codes.copy': 'نسخ رموز الاسترداد',
  'codes.download': 'تنزيل رموز الاسترداد',
  'codes.print': 'طباعة رموز الاسترداد',
  'codes.kept': 'لقد حفظتها',

  'newPasskey.title': 'إضافة مفتاح مرور',
  'newPasskey.usual': 'مفتاح المرور الخاص بي',
  'newPasskey.hint': 'لتتعرّف عليه لاحقًا، مثل اسم الجهاز الذي هو عليه.',
  'newPasskey.script': 'تحتاج مفاتيح المرور إلى JavaScript في هذا المتصفح. كل ما عداها هنا يعمل من دونه.',
  'newPasskey.make': 'إنشاء مفتاح المرور',
});
