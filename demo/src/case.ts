// The page of one case: its number is typed, or stands behind the #, where no server sees it.

import '@muniment/web-components/status'
import { addArabic } from './site.ts'

addArabic({
  titleCase: 'تابع قضية · جمهورية المثال',
  caseHeading: 'تابع قضية',
  caseLead: 'أدخل رقمها. تسأل هذه الصفحة السجل أين وصلت، ومن يبت فيها، ومن اطّلع عليها إن كان معك سرها.',
})

const status = document.querySelector<HTMLElementTagNameMap['muniment-status']>('#case')!

function openNumber(): void {
  if (location.hash.length > 1) status.case = location.hash.slice(1)
}

openNumber()
addEventListener('hashchange', openNumber)
