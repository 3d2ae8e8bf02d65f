// The citizen's form. It only says what to declare; what is signed is shown by the element, read back from the bytes.

import '@muniment/web-components'
import './site.ts'

const form = document.querySelector<HTMLFormElement>('#declaration')!
const sign = document.querySelector('muniment-sign')!

function readForm(): void {
  const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]))
  sign.request = form.checkValidity() ? { service: 'citizen.declaration@1', transition: 'declare', fields } : undefined
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
