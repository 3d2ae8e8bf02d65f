// A server that draws pages, in a process of its own: there is no window and no document. Prints the elements' HTML.

import { html, render } from '@lit-labs/ssr'
import { collectResult } from '@lit-labs/ssr/lib/render-result.js'
import { loadMessages } from '@muniment/web-components'

if ('window' in globalThis || 'document' in globalThis) throw new Error('this is no server')
// A server speaks a language once its words are there.
await loadMessages('ar')

/** A page of this language; what stands inside is for browsers in which no script runs. */
function page(lang: string): Promise<string> {
  return collectResult(
    render(html`
      <muniment-network></muniment-network>
      <muniment-verify lang=${lang} accept="file camera paste"><p>Visit an office.</p></muniment-verify>
      <muniment-record lang=${lang}><p>Bring the paper.</p></muniment-record>
      <muniment-sign lang=${lang} methods="passkey device"></muniment-sign>
      <muniment-keys lang=${lang}></muniment-keys>
      <muniment-status lang=${lang}></muniment-status>
    `),
  )
}

process.stdout.write(JSON.stringify({ en: await page('en'), ar: await page('ar') }))
