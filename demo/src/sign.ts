// The citizen's form. It only says what to declare; what is signed is shown by the element, read back from the bytes.

import '@muniment/web-components/sign'
import { addArabic } from './site.ts'

addArabic({
  oath: 'مشفوع باليمين',
  myKeys: 'مفاتيحي',
})

const form = document.querySelector<HTMLFormElement>('#declaration')!
const sign = document.querySelector('muniment-sign')!

function readForm(): void {
  const {
    others = '',
    oath,
    ...fields
  } = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]))
  const accounts = others.split(/[\s,]+/).filter(text => text !== '')
  const transition = oath ? 'declareOnOath' : accounts.length > 0 ? 'declareTogether' : 'declare'
  const request = { service: 'citizen.declaration@1', transition, fields, others: accounts }
  sign.request = form.checkValidity() ? request : undefined
}

/** Somebody sent a link that asks to sign together. */
function openProposal(): void {
  if (!location.hash.startsWith('#p1/')) return
  form.hidden = true
  sign.open(location.hash)
}

form.addEventListener('input', readForm)
form.addEventListener('submit', event => {
  event.preventDefault()
  sign.review()
})
sign.addEventListener('muniment-error', ({ detail }) => {
  if (detail.code === 'incomplete') form.reportValidity()
})
readForm()
openProposal()
addEventListener('hashchange', openProposal)
