/** What mails say, in Arabic. */
import type { mailEn } from './mail.en.ts';

export const mailAr = (): Readonly<Record<keyof ReturnType<typeof mailEn>, string>> => ({
  'mail.confirm.subject': 'أكّد عنوانك لدى {service}',
  'mail.confirm.why': 'يريد شخص، نرجو أنه أنت، إنشاء حساب لدى {service} بهذا العنوان.',
  'mail.confirm.link': 'افتح هذا الرابط لاختيار كلمة مرور. يصلح مرة واحدة، ومدة صلاحيته: {life}:',
  'mail.confirm.else': 'إن لم تكن أنت، فلا تفعل شيئًا: من دون هذا الرابط لا يُنشأ أي حساب.',

  'mail.registered.subject': 'لديك حساب بالفعل لدى {service}',
  'mail.registered.why': 'أراد شخص، نرجو أنه أنت، إنشاء حساب لدى {service} بهذا العنوان. وله حساب بالفعل.',
  'mail.registered.signIn': 'سجّل الدخول من هنا: {link}',
  'mail.registered.link': 'أو اختر كلمة مرور جديدة. يصلح هذا الرابط مرة واحدة، ومدة صلاحيته: {life}:',
  'mail.registered.else': 'إن لم تكن أنت، فلا تفعل شيئًا: حسابك كما كان.',

  'mail.reset.subject': 'اختر كلمة مرور جديدة لحسابك لدى {service}',
  'mail.reset.why': 'نسي شخص، نرجو أنه أنت، كلمة مرور هذا الحساب لدى {service}.',
  'mail.reset.link': 'افتح هذا الرابط لاختيار كلمة مرور جديدة. يصلح مرة واحدة، ومدة صلاحيته: {life}:',
  'mail.reset.else': 'إن لم تكن أنت، فلا تفعل شيئًا: كلمة مرورك كما كانت.',

  'mail.invite.subject': 'اختر كلمة مرور لحسابك الجديد لدى {service}',
  'mail.invite.why': 'أنشأ القائمون على {service} حسابًا لك بهذا العنوان.',
  'mail.invite.link': 'افتح هذا الرابط لاختيار كلمة مروره. يصلح مرة واحدة، ومدة صلاحيته: {life}:',
  'mail.invite.late': 'إن لم يعد الرابط صالحًا، فاطلب غيره هنا: {forgot}',
  'mail.invite.else': 'إن لم تكن تتوقع حسابًا هناك، فلا تفعل شيئًا: ما لم تُختر كلمة مرور، لا يدخل أحد بها.',

  'mail.newEmail.subject': 'أكّد عنوانك الجديد لدى {service}',
  'mail.newEmail.why': 'يريد شخص، نرجو أنه أنت، أن يكون هذا العنوان من الآن لحساب لدى {service}.',
  'mail.newEmail.link': 'افتح هذا الرابط لتأكيده. يصلح مرة واحدة، ومدة صلاحيته: {life}:',
  'mail.newEmail.else': 'إن لم تكن أنت، فلا تفعل شيئًا: من دون هذا الرابط لا يأخذ أي حساب عنوانك.',

  'mail.taken.subject': 'عنوانك لدى {service}',
  'mail.taken.why': 'أراد شخص له حساب آخر لدى {service} أن يأخذ هذا العنوان. إنه لك ويبقى لك.',
  'mail.taken.else': 'إن كنت أنت، وأردت نقله، فسجّل الدخول إلى هذا الحساب أولًا: {link}',

  'mail.emailAsked.subject': 'طُلب عنوان جديد لحسابك',
  'mail.emailAsked.what':
    'بعد التأكيد يصبح عنوان حسابك لدى {service} هو {email}، ولا يُستخدم هذا العنوان بعد ذلك.',
  'mail.emailChanged.subject': 'تم تغيير عنوان حسابك',
  'mail.emailChanged.what': 'عنوان حسابك لدى {service} هو الآن {email}. هذه آخر رسالة إلى العنوان السابق.',

  'mail.news.what': '{news}: لدى {service}، للحساب الذي له هذا العنوان.',
  'mail.news.passwordChanged': 'تم تغيير كلمة مرورك',
  'mail.news.factorAdded': 'أُضيف عامل ثانٍ',
  'mail.news.factorRemoved': 'أُزيل عامل ثانٍ',
  'mail.news.codesMade': 'أُنشئت رموز استرداد جديدة',
  'mail.news.linked': 'رُبطت خدمة أخرى لتسجيل الدخول',
  'mail.news.sessionMisused': 'حاول شخص استخدام جلستك على جهاز آخر، ورُفض',
  'mail.news.stayCopied': 'استُخدمت نسخة مما يبقيك مسجّل الدخول، وسُجّل خروج ذلك المتصفح',
  'mail.news.deletionKept': 'حسابك باقٍ ولن يُزال',
  'mail.news.unlinked': 'أُلغي ربط خدمة لتسجيل الدخول',

  'mail.token.subject': 'أُنشئ رمز API',
  'mail.token.what': 'أُنشئ رمز API لدى {service}، للحساب الذي له هذا العنوان. بدايته {hint}.',
  'mail.token.may': 'حتى {day} يمكن لبرنامج لديه هذا الرمز أن يفعل ما يلي نيابة عنك: {scopes}.',
  'mail.token.see': 'راجع رموزك وأبطلها من هنا: {link}',

  'mail.passwordReset.what':
    'اختيرت كلمة مرور جديدة عبر رابط أُرسل بالبريد: لدى {service}، للحساب الذي له هذا العنوان.',
  'mail.passwordReset.stays':
    'سُجّل خروج الجميع، ولم تعد رموز البرامج صالحة. أما مفاتيح المرور وتطبيقات المصادقة وتسجيل الدخول بخدمات أخرى فبقيت كما كانت:',
  'mail.passwordReset.look': 'راجعها من هنا، وأزل ما ليس لك: {link}',

  'mail.newDevice.subject': 'تسجيل دخول جديد إلى حسابك',
  'mail.newDevice.what': 'سجّل شخص الدخول إلى حسابك لدى {service} من متصفح لم يُستخدم معه من قبل.',

  'mail.guessed.subject': 'يحاول شخص تخمين كلمة مرورك',
  'mail.guessed.what':
    'جُرّبت كلمات مرور خاطئة كثيرة لحسابك لدى {service}، فلن تُقبل من الآن أي كلمة مرور من متصفح جديد.',
  'mail.guessed.else':
    'المتصفحات التي سجّلت الدخول منها من قبل لا تزال تعمل. في كل مكان آخر، اختر كلمة مرور جديدة أولًا:',

  'mail.deletion.subject': 'سيُزال حسابك',
  'mail.deletion.what': 'سُجّل خروج حسابك في {service} من كل مكان، وسيُزال في {day} كما طُلب هناك.',
  'mail.deletion.keep':
    'إن أردت الاحتفاظ به، أو لم تكن أنت من طلب ذلك، فسجّل الدخول قبل ذلك اليوم واضغط على زر الاحتفاظ به: {link}. وإن لم تكن أنت، فغيّر كلمة مرورك حينها.',
  'mail.removed.subject': 'أُزيل حسابك',
  'mail.removed.what':
    'أُزيل حسابك لدى {service}، ومعه كل ما كان يفتحه. لم يعد بإمكان أحد تسجيل الدخول إليه، وهذه آخر رسالة بشأنه.',
  'mail.removed.else': 'إن لم تكن تتوقع ذلك، فاسأل القائمين على {service}.',

  'mail.factorsAsked.subject': 'ستُزال عواملك الثانية',
  'mail.factorsAsked.what':
    'طلب أحد مشغّلي {service} إزالة كل العوامل الثانية لحسابك: تطبيق المصادقة ومفاتيح المرور ورموز الاسترداد. ويتم ذلك حالما يوافق مشغّل آخر.',
  'mail.factorsAsked.else':
    'إن لم تطلب منهم ذلك، فأخبر القائمين على {service} فورًا، واختر كلمة مرور جديدة: {link}',
  'mail.factorsReset.subject': 'أُزيلت عواملك الثانية',
  'mail.factorsReset.what':
    'أزال مشغّلو {service} كل العوامل الثانية لحسابك، وسُجّل خروج الجميع منه. سجّل الدخول بكلمة مرورك وأضف عاملًا ثانيًا من جديد: {account}',
  'mail.factorsReset.else':
    'إن لم تطلب ذلك، فقد يكون شخص آخر يسعى إلى حسابك: اختر كلمة مرور جديدة فورًا، وأخبر القائمين على {service}. {link}',

  'mail.notice.subject': '{news} ({service})',
  'mail.notice.when': 'الوقت: {time}',
  'mail.notice.where': 'المصدر: {address}، {device}',
  'mail.notice.else':
    'إن كنت أنت، فكل شيء على ما يرام. وإلا فاختر فورًا كلمة مرور جديدة عبر البريد، فذلك يسجّل خروج الجميع ويُنهي رموز البرامج: {link}',
  'mail.notice.look': 'ثم راجع مفاتيح المرور وسائر طرق تسجيل الدخول في صفحة حسابك، وأزل ما ليس لك.',

  'time.utc': '{time} UTC',
  'device.unknown': 'جهاز غير معروف',
  'device.unknownBrowser': 'متصفح غير معروف على {system}',
  'device.both': '{browser} على {system}',
});
