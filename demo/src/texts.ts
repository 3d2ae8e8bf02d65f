// Words of the portal's pages. English stands in the pages themselves; here are the Arabic ones, and those that scripts
// write, in both languages.

/** Of elements with `data-text` (their text) and `data-label` (their aria-label). */
export const arabicPage: Record<string, string> = {
  skip: 'انتقل إلى المحتوى',
  demonstration: 'هذا عرض توضيحي: جمهورية المثال غير موجودة، ولا مستند هنا حقيقي.',
  brand: 'جمهورية المثال',
  pages: 'الصفحات',
  navVerify: 'تحقق من مستند',
  navShow: 'أظهر مستندًا',
  navCase: 'تابع قضية',
  navSign: 'وقّع إقرارًا',
  navOffice: 'مكتب الموظف',
  footer: 'تقوم القيود على سجل تتحقق منه هذه الصفحة بنفسها: لا يُؤخذ بكلام أي خادم.',
  playground: 'اكسر إثباتًا: ساحة التجربة',
  titleHome: 'جمهورية المثال: مستندات تُثبت نفسها',
  titleVerify: 'تحقق من مستند · جمهورية المثال',
  titleShow: 'أظهر مستندًا · جمهورية المثال',
  titleSign: 'وقّع إقرارًا · جمهورية المثال',
  titleOffice: 'مكتب الموظف · جمهورية المثال',
  homeHeading: 'مستندات تُثبت نفسها',
  homeLead:
    'سندات الأرض والرخص والإقرارات في جمهورية المثال مقيدة في سجل عام. يتحقق متصفحك منها بنفسه: فعل الجهة، والحالة اليوم، ومن يشهد بها.',
  homeCheck: 'تحقق من مستند',
  homeSign: 'وقّع إقرارًا',
  examplesHeading: 'مستندات للتجربة',
  examplesLead: 'افتح واحدًا وشاهد كل خطوة من خطوات التحقق.',
  loading: 'جارٍ طلب القائمة…',
  tryHeading: 'ثم غيّر الحقيقة',
  trySell: 'في مكتب الموظف، بِع الأرض. تحقق من السند القديم ثانية: يقول إنه حلّ محله مستند أحدث.',
  tryRevoke: 'ألغِ الرخصة. من يحمل الورقة يرى «ملغى» منذ تلك اللحظة.',
  tryAlter: 'غيّر حرفًا واحدًا من رابط. لا يجتاز أي مستند معدَّل التحقق.',
  waysHeading: 'ثلاث طرق للبدء',
  wayEmbed: 'ضمّن الأداة',
  wayEmbedText: 'عنصران في أي صفحة. يعملان تحت سياسة صارمة ولا يحمّلان شيئًا من مكان آخر.',
  waySdk: 'استخدم المكتبة',
  waySdkText: 'التحقق نفسه في متصفح أو عامل أو Node.',
  wayNode: 'شغّل عقدة',
  wayNodeText: 'تخدم العقدة الكاملة المتصفحات عبر WebRTC وأدوات CometBFT عبر RPC.',
  verifyHeading: 'هل هو أصلي، وهل ما زال نافذًا؟',
  showHeading: 'ما يحتاجونه فقط',
  signLead: 'اكتبه، وشاهد بالضبط ما ستوقّعه، ووقّعه بمفتاح مرورك أو بمفتاح لا يغادر هذا المتصفح أبدًا.',
  subject: 'الموضوع',
  statement: 'ما تقرّ به',
  together: 'وقّعه مع شخص آخر',
  others: 'حساب ذلك الشخص (64 حرفًا ورقمًا)',
  officeLead:
    'أنت هنا بصفة موظفي المثال. كل زر معاملة يوقّعها اثنان منهم. لا تظهر «تم» إلا عندما تتحقق هذه الصفحة من النتيجة في السجل نفسه.',
  grantHeading: 'منح رخصة تجارية',
  grant: 'امنح الرخصة',
  business: 'المنشأة',
  licensee: 'المرخص له',
  enterHeading: 'تسجيل سند ملكية',
  enter: 'سجّل السند',
  parcel: 'القطعة',
  owner: 'المالك',
  recordsHeading: 'قيود هذا المكتب',
}

const scripted = {
  en: {
    title: 'Land title',
    licence: 'Business licence',
    check: 'Check this document',
    none: 'There is no document yet.',
    failed: 'The list could not be fetched: {reason}',
    sell: 'Sell the land',
    buyer: 'New owner',
    revoke: 'Revoke',
    asking: 'The officials sign, and the ledger records it.',
    checking: 'This page checks the result on the ledger.',
    done: 'Done: checked on the ledger.',
    refused: 'Not done: {reason}',
    unproved: 'Not done: the check of the result says “{code}”.',
  },
  ar: {
    title: 'سند ملكية أرض',
    licence: 'رخصة تجارية',
    check: 'تحقق من هذا المستند',
    none: 'لا يوجد مستند بعد.',
    failed: 'تعذّر جلب القائمة: {reason}',
    sell: 'بِع الأرض',
    buyer: 'المالك الجديد',
    revoke: 'إلغاء',
    asking: 'يوقّع الموظفان ويقيّد السجل ذلك.',
    checking: 'تتحقق هذه الصفحة من النتيجة في السجل.',
    done: 'تم: جرى التحقق في السجل.',
    refused: 'لم يتم: {reason}',
    unproved: 'لم يتم: نتيجة التحقق «{code}».',
  },
} as const

export type PortalLanguage = keyof typeof scripted
export type ScriptedText = keyof (typeof scripted)['en']

export function portalText(
  name: ScriptedText,
  language: PortalLanguage,
  values: Readonly<Record<string, string>> = {},
): string {
  return scripted[language][name].replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? '')
}
