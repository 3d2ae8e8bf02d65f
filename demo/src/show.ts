import './site.ts'
import '@muniment/web-components'

/** Somebody asks to be shown a document. */
function answerDemand(): void {
  if (location.hash.startsWith('#q1/')) document.querySelector('muniment-record')!.answer(location.hash)
}

answerDemand()
addEventListener('hashchange', answerDemand)
