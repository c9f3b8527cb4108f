/** What the pages say on which accounts are made, passwords chosen and addresses changed, in Arabic. */
import type { credentialsEn } from './credentials.en.ts';

export const credentialsAr = (): Readonly<Record<keyof ReturnType<typeof credentialsEn>, string>> => ({
  'register.title': 'إنشاء حساب',
  'register.hint': 'نرسل إليه رابطًا تختار به كلمة مرور.',
  'register.closed': 'ينشئ فريقنا الحسابات هنا: اطلب منه حسابًا.',
  'register.haveOne': 'لديك حساب بالفعل؟ {signIn}',
  'register.choose': 'اختيار كلمة مرور',
  'register.create': 'إنشاء الحساب',

  'reset.title': 'هل نسيت كلمة المرور؟',
  'reset.hint': 'نرسل إليه رابطًا إن كان هناك حساب بهذا العنوان.',
  'reset.remembered': 'هل تذكّرتها؟ {signIn}',
  'reset.choose': 'اختيار كلمة مرور جديدة',
  'reset.change': 'تغيير كلمة المرور',
  'reset.done': 'تم تغيير كلمة المرور',
  'reset.doneText': 'سُجّل خروج كل من كان قد سجّل الدخول إلى حسابك، وأنت أيضًا.',

  'choose.for': 'للحساب {email}.',
  'choose.hint': '{least} حرف على الأقل. أربع كلمات متتالية أو خمس سهلة الحفظ وصعبة التخمين.',
  'choose.not': 'لا تُقبل كلمات المرور المسروقة أو الشائعة، ولا المتتاليات مثل 123456، ولا اسم الخدمة أو اسمك.',

  'mailSent.title': 'راجع بريدك',
  'mailSent.text': 'إن كان العنوان صالحًا للاستخدام، فقد أُرسلت إليه رسالة فيها رابط. قد يستغرق وصولها دقيقة.',
  'mailSent.nothing': 'لم يصل شيء؟ ابحث في البريد غير المرغوب فيه، أو {again}.',
  'mailSent.again': 'اطلب رسالة أخرى',

  'deadLink.title': 'لم يعد هذا الرابط صالحًا',
  'deadLink.text': 'إما أنه استُخدم، أو مضى عليه وقت طويل، أو تغيّر شيء منذ إرساله.',
  'deadLink.again': 'طلب رابط جديد',

  'password.change': 'تغيير كلمة المرور',
  'password.set': 'تعيين كلمة مرور',
  'password.present': 'كلمة المرور الحالية',
  'password.new': 'كلمة المرور الجديدة',
  'password.others': 'يُسجَّل الخروج من كل الأجهزة الأخرى.',
  'password.wrong': 'ليست هذه كلمة المرور الحالية.',
  'password.wait': 'محاولات كثيرة جدًا. مدة الانتظار: {wait}.',
  'password.stale': 'تغيّر حسابك في هذه الأثناء. حاول مرة أخرى.',

  'email.title': 'تغيير البريد الإلكتروني',
  'email.new': 'البريد الإلكتروني الجديد',
  'email.hint': 'نرسل إليه رابطًا. وإلى أن تفتحه يبقى {email} كما هو.',
  'email.confirm': 'تأكيد بريدك الإلكتروني الجديد',
  'email.confirmText': 'من الآن يصبح عنوان حسابك {email}. ويُسجَّل الخروج من الأجهزة الأخرى.',
  'email.confirmButton': 'تأكيد',
  'email.changed': 'تم تغيير بريدك الإلكتروني',
  'email.changedText': 'سجّل الدخول بالعنوان الجديد من الآن.',

  'unfit.too-short': 'استخدم {least} حرف على الأقل.',
  'unfit.too-long': 'استخدم {most} حرف على الأكثر.',
  'unfit.malformed': 'فيها محارف ليست نصًا. اكتبها من جديد.',
  'unfit.breached':
    'إنها في قائمة كلمات مرور مسروقة، وهي أول ما يُجرَّب. اختر غيرها، وغيّرها في كل مكان تستخدمها فيه.',
  'unfit.unchecked': 'لا يمكن الآن مقارنتها بكلمات المرور المسروقة. حاول مرة أخرى بعد دقيقة.',
  'unfit.common': 'إنها مكوّنة من كلمات تُجرَّب أولًا. أضف كلمات من عندك، أو دع مدير كلمات المرور يختار.',
  'unfit.own-words': 'إنها مكوّنة في معظمها من اسم الخدمة أو اسمك. اختر شيئًا لا صلة له بأي منهما.',
  'unfit.repeated': 'إنها تكرّر نفسها، والتكرار لا يجعلها أصعب تخمينًا.',
  'unfit.sequence': 'إنها في معظمها متتالية، مثل 123456 أو abcdef، أو سنة. وهذه تُجرَّب أولًا.',
  'unfit.keyboard': 'إنها في معظمها مفاتيح متجاورة على لوحة المفاتيح. وهذه تُجرَّب أولًا.',
});
