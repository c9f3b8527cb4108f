/** What the pages of sign-in with other services say, in Arabic. */
import type { providersEn } from './providers.en.ts';

export const providersAr = (): Readonly<Record<keyof ReturnType<typeof providersEn>, string>> => ({
  'provider.signIn': 'تسجيل الدخول عبر {name}',
  'provider.again': 'تسجيل الدخول من جديد لدى {name}',
  'provider.onTo': 'الانتقال إلى {name}',
  'provider.onToText': 'تسجّل الدخول هناك، ثم تعود إلى هنا.',
  'provider.goOn': 'متابعة',
  'provider.failed': 'تعذّر تسجيل الدخول عبر {name}',
  'provider.backToSignIn': 'العودة إلى تسجيل الدخول',

  'identities.title': 'تسجيل الدخول بخدمات أخرى',
  'identities.why': 'اربط حسابًا لديك في مكان آخر، وسجّل الدخول به هنا.',
  'identities.linked': 'تاريخ الربط: {day}',
  'identities.used': 'تاريخ الربط: {day}، آخر استخدام: {ago}',
  'identities.link': 'ربط {name}',
  'identities.linkAnother': 'ربط حساب آخر لدى {name}',
  'identities.unlink': 'إلغاء الربط',
  'identities.last': 'لم يُلغَ أي ربط',
  'identities.lastText': 'إنه الطريق الوحيد إلى حسابك. عيّن كلمة مرور أو أضف مفتاح مرور أولًا.',
  'identities.setPassword': 'تعيين كلمة مرور',

  'unlinked.title': 'حسابك لدى {name} غير مرتبط بعد',
  'unlinked.text':
    'إن كان لديك حساب هنا، فسجّل الدخول إليه كما كنت تفعل. ثم اربط {name} في صفحة حسابك، وبعدها يمكنك تسجيل الدخول به.',
  'unlinked.signIn': 'تسجيل الدخول والربط',
  'unlinked.noAccount': 'ليس لديك حساب هنا بعد؟ {create}',
  'unlinked.create': 'أنشئ حسابًا',

  'identity.denied': 'لقد تراجعت لدى {name}. لم يتغيّر شيء هنا.',
  'identity.expired': 'استُخدم هذا من قبل، أو استغرق وقتًا طويلًا، أو تغيّر شيء في هذه الأثناء. ابدأ من جديد.',
  'identity.not-signed-in': 'سُجّل خروجك في هذه الأثناء. سجّل الدخول وابدأ من جديد.',
  'identity.other-account': 'سجّل شخص آخر الدخول هنا في هذه الأثناء. ابدأ من جديد.',
  'identity.other-identity': 'هذا حساب آخر لدى {name}، وليس الحساب المرتبط هنا.',
  'identity.late': 'مضى على تسجيل دخولك هنا وقت أطول من أن يسمح بالربط. سجّل الدخول من جديد ثم أعد المحاولة.',
  'identity.taken': 'ذلك الحساب لدى {name} مرتبط بالفعل، بهذا الحساب أو بحساب آخر.',
  'identity.not-fresh':
    'لا يفيد {name} بأنك سجّلت الدخول من جديد، فلا يثبت ذلك شيئًا. استخدم مفتاح مرور أو كلمة المرور. وإن لم يكن لديك أي منهما، {byMail}.',
  'identity.byMail': 'فاختر كلمة مرور عبر البريد',
  'identity.unavailable': 'لا يستجيب {name}. حاول مرة أخرى بعد قليل، أو سجّل الدخول بطريقة أخرى.',
  'identity.misconfigured': 'لا يتعارف {name} وهذا الموقع كما ينبغي. سجّل الدخول بطريقة أخرى.',
  'identity.unfit': 'ما وصل من {name} غير صالح. ابدأ من جديد.',
});
