/** Sentences that Arabic words by their number: one, two, a few (3 to 10), many (11 to 99). Others stand with the sentences. */
import type { Forms } from './english.ts';

export const formsAr = (): Forms => ({
  'account.remembered.two': 'جهازان لا يحتاجان إلى خطوة ثانية لبعض الوقت.',
  'account.remembered.few': '{count} أجهزة لا تحتاج إلى خطوة ثانية لبعض الوقت.',
  'account.remembered.many': '{count} جهازًا لا يحتاج إلى خطوة ثانية لبعض الوقت.',
  'tokens.live.two': 'رمزان صالحان الآن.',
  'tokens.live.few': '{count} رموز صالحة الآن.',
  'tokens.live.many': '{count} رمزًا صالحًا الآن.',
  'choose.hint.few': '{least} أحرف على الأقل. أربع كلمات متتالية أو خمس سهلة الحفظ وصعبة التخمين.',
  'choose.hint.many': '{least} حرفًا على الأقل. أربع كلمات متتالية أو خمس سهلة الحفظ وصعبة التخمين.',
  'unfit.too-short.few': 'استخدم {least} أحرف على الأقل.',
  'unfit.too-short.many': 'استخدم {least} حرفًا على الأقل.',
  'unfit.too-long.few': 'استخدم {most} أحرف على الأكثر.',
  'unfit.too-long.many': 'استخدم {most} حرفًا على الأكثر.',
  'newToken.hint.few': 'الغرض منه، لتتعرّف عليه لاحقًا. {most} أحرف على الأكثر.',
  'newToken.hint.many': 'الغرض منه، لتتعرّف عليه لاحقًا. {most} حرفًا على الأكثر.',
  'newToken.longName.few': 'لا يتجاوز الاسم {most} أحرف.',
  'newToken.longName.many': 'لا يتجاوز الاسم {most} حرفًا.',
  'newToken.tooMany.one': 'لديك رمز واحد، وهو الحد الأقصى. أبطله أولًا.',
  'newToken.tooMany.two': 'لديك رمزان، وهو الحد الأقصى. أبطل أحدهما أولًا.',
  'newToken.tooMany.few': 'لديك {most} رموز، وهو الحد الأقصى. أبطل أحدها أولًا.',
  'newToken.tooMany.many': 'لديك {most} رمزًا، وهو الحد الأقصى. أبطل أحدها أولًا.',
});
