// The identity page: it signs what other pages ask for, by its own reading of the request behind the #, and keeps a person's keys.

import '@muniment/web-components/keys'
import '@muniment/web-components/sign'
import '@muniment/web-components/status'
import { addArabic } from './site.ts'

addArabic({
  titleIdentity: 'وقّع بأمان · جمهورية المثال',
  identityHeading: 'وقّع بأمان',
  identityLead: 'هنا يوقَّع ما هو مهم، حيث لا تستطيع صفحة أخرى تغيير ما تراه.',
  identityNothing: 'لا شيء ينتظر التوقيع.',
})

const sign = document.querySelector('muniment-sign')!
const nothing = document.querySelector<HTMLElement>('#nothing')!

/** Another request in the place of one that is shown takes that one back. */
function openRequest(): void {
  const isAsked = /^#(?:r1|p1)\//.test(location.hash)
  nothing.hidden = isAsked
  sign.hidden = !isAsked
  if (isAsked) sign.open(location.hash)
  else sign.reset()
}

openRequest()
if (location.hash.startsWith('#d1/')) document.querySelector('muniment-keys')!.open(location.hash)
addEventListener('hashchange', openRequest)
