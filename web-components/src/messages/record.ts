// The words for showing a document to somebody. A page may lay its own over them: `setMessages`.

import { overridesFor } from './messages.ts'

export type RecordMessages = Readonly<Record<RecordText, string>>

type RecordText =
  | 'heading'
  | 'intro'
  | 'inputLabel'
  | 'inputHint'
  | 'open'
  | 'opening'
  | 'unreadable'
  | 'foreign'
  | 'chooseHeading'
  | 'chooseLead'
  | 'all'
  | 'none'
  | 'previewHeading'
  | 'alwaysSeen'
  | 'hiddenOne'
  | 'hiddenMany'
  | 'share'
  | 'sharing'
  | 'shareFailed'
  | 'sharedHeading'
  | 'sharedLead'
  | 'link'
  | 'copy'
  | 'copied'
  | 'copyFailed'
  | 'qr'
  | 'qrTooLong'
  | 'save'
  | 'change'
  | 'another'

const english: RecordMessages = {
  heading: 'Show a document',
  intro: 'Choose what of a document somebody may see. What you keep back can’t be read from what you give them.',
  inputLabel: 'The document’s link or text',
  inputHint: 'It stays on this device.',
  open: 'Open',
  opening: 'The document is read and checked.',
  unreadable: 'This is not a record link or a document that can be read.',
  foreign: 'This document belongs to another network.',
  chooseHeading: 'What do you want to show?',
  chooseLead: 'Tick what they need, and no more.',
  all: 'Everything',
  none: 'Nothing',
  previewHeading: 'They will see',
  alwaysSeen: 'Always seen: what kind of document it is, who issued it and when, and whether it is in force.',
  hiddenOne: '1 field is kept back; that there is one can be seen.',
  hiddenMany: '{count} fields are kept back; how many can be seen.',
  share: 'Make the link',
  sharing: 'The link is made.',
  shareFailed: 'The link could not be made. Try again.',
  sharedHeading: 'Ready to show',
  sharedLead: 'Whoever has this link, or reads this code, sees just what you chose, and can check it.',
  link: 'Link',
  copy: 'Copy the link',
  copied: 'Copied.',
  copyFailed: 'It could not be copied. Mark the link and copy it.',
  qr: 'QR code of the link',
  qrTooLong: 'There is too much to show for a QR code. Choose fewer fields, or give the link.',
  save: 'Save as a file',
  change: 'Choose again',
  another: 'Another document',
}

const arabic: RecordMessages = {
  heading: 'أظهِر مستندًا',
  intro: 'اختر ما يجوز لغيرك أن يراه من المستند. ما تحجبه لا يمكن قراءته مما تعطيه.',
  inputLabel: 'رابط المستند أو نصه',
  inputHint: 'يبقى على هذا الجهاز.',
  open: 'افتح',
  opening: 'يُقرأ المستند ويُتحقَّق منه.',
  unreadable: 'هذا ليس رابط سجل ولا مستندًا يمكن قراءته.',
  foreign: 'هذا المستند يخص شبكة أخرى.',
  chooseHeading: 'ماذا تريد أن تُظهر؟',
  chooseLead: 'أشّر على ما يحتاجونه لا أكثر.',
  all: 'كل شيء',
  none: 'لا شيء',
  previewHeading: 'سيرون',
  alwaysSeen: 'يُرى دائمًا: نوع المستند، ومن أصدره ومتى، وهل هو نافذ.',
  hiddenOne: 'حقل واحد محجوب؛ ويُرى أن هناك حقلًا.',
  hiddenMany: 'عدد الحقول المحجوبة {count}؛ ويُرى عددها.',
  share: 'أنشئ الرابط',
  sharing: 'يُنشأ الرابط.',
  shareFailed: 'تعذّر إنشاء الرابط. حاول مجددًا.',
  sharedHeading: 'جاهز للعرض',
  sharedLead: 'من لديه هذا الرابط أو يقرأ هذا الرمز يرى ما اخترته فقط، ويستطيع التحقق منه.',
  link: 'الرابط',
  copy: 'انسخ الرابط',
  copied: 'نُسخ.',
  copyFailed: 'تعذّر النسخ. حدّد الرابط وانسخه.',
  qr: 'رمز QR للرابط',
  qrTooLong: 'ما تُظهره أكثر مما يسعه رمز QR. اختر حقولًا أقل أو أعطِ الرابط.',
  save: 'احفظ في ملف',
  change: 'اختر من جديد',
  another: 'مستند آخر',
}

const packs: Readonly<Record<string, RecordMessages>> = { en: english, ar: arabic }

export function recordMessages(language: string): RecordMessages {
  const base = packs[language.split('-')[0]!] ?? english
  return { ...base, ...overridesFor(language).record }
}
