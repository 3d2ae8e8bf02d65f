// What the single file says of itself, beside the elements' own texts.

export type SingleTexts = {
  readonly title: string
  readonly intro: string
  readonly needs: string
  readonly proofHeading: string
  readonly trustHeading: string
  /** `{network}`, `{version}` */
  readonly who: string
  /** `{date}`, `{age}`, `{height}` */
  readonly begins: string
  /** `{date}` */
  readonly ends: string
  readonly over: string
  /** `{date}` */
  readonly clock: string
  readonly hash: string
}

const en: SingleTexts = {
  title: 'Check a document without a network',
  intro: 'This page is one file. It asks nobody, and what you check stays on this device.',
  needs:
    'You need the document’s proof file: whoever gave you the document can save it on the page that checks it, with “Save the proof”.',
  proofHeading: 'The proof file',
  trustHeading: 'What you trust here',
  who: 'The code in this file (release {version}, for the ledger {network}): whoever gave it to you could show anything. Compare the file’s SHA-256 with the one that the named bodies print.',
  begins: 'The starting point in this file: block {height}, signed on {date} ({age}).',
  ends: 'A proof that is followed from it counts until {date}; then get a newer file.',
  over: 'This file has run out: get a newer one. What it says now is only what old signatures say.',
  clock: 'This device’s clock: {date}.',
  hash: 'How: sha256sum verifier.html, in a terminal; or certutil -hashfile verifier.html SHA256 on Windows.',
}

const ar: SingleTexts = {
  title: 'تحقَّق من وثيقة بلا شبكة',
  intro: 'هذه الصفحة ملف واحد. لا تسأل أحدًا، وما تتحقق منه يبقى على هذا الجهاز.',
  needs: 'تحتاج إلى ملف إثبات الوثيقة: يستطيع من أعطاك الوثيقة أن يحفظه من صفحة التحقق.',
  proofHeading: 'ملف الإثبات',
  trustHeading: 'بمن تثق هنا',
  who: 'الشيفرة في هذا الملف (الإصدار {version}، لسجل {network}): من أعطاك إياه يستطيع أن يُظهر أي شيء. قارن بصمة SHA-256 للملف بالبصمة التي تنشرها الجهات المسمّاة.',
  begins: 'نقطة البداية في هذا الملف: الكتلة {height}، وُقّعت في {date} ({age}).',
  ends: 'الإثبات الذي يُتابَع منها يسري حتى {date}؛ بعدها احصل على ملف أحدث.',
  over: 'انتهت صلاحية هذا الملف: احصل على ملف أحدث. ما يقوله الآن هو ما تقوله توقيعات قديمة فقط.',
  clock: 'ساعة هذا الجهاز: {date}.',
  hash: 'الطريقة: sha256sum verifier.html في الطرفية، أو certutil -hashfile verifier.html SHA256 في ويندوز.',
}

export const singleTexts: Readonly<Record<string, SingleTexts>> = { en, ar }
