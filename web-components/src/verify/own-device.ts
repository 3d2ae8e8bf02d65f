// The code by which another device checks the same document: asked for, kept, and forgotten with its verdict.

import type { TemplateResult } from 'lit'
import type { MunimentNetwork } from '../network/network.ts'
import type { Words } from './describe.ts'

export type OwnDevice = {
  /** Whether there is a page that another device could open: a file on this one's disk is none. */
  readonly isPossible: () => boolean
  /** Makes the code once. A verdict without one is a verdict all the same: never rejects. */
  readonly open: () => Promise<void>
  readonly clear: () => void
  readonly render: (words: Words) => TemplateResult | undefined
}

type Options = {
  readonly network: () => MunimentNetwork | undefined
  readonly input: () => string | Uint8Array
  /** The address of the page that checks links, relative to the document; empty: the document's own. */
  readonly page: () => string
  readonly changed: () => void
}

export function createOwnDevice({ network, input, page, changed }: Options): OwnDevice {
  let show: ((words: Words) => TemplateResult) | undefined
  let asked: object | undefined

  function address(): URL | undefined {
    const found = new URL(page() || location.href, document.baseURI)
    return /^https?:$/.test(found.protocol) ? found : undefined
  }

  return {
    isPossible: () => address() !== undefined,
    async open() {
      const found = address()
      if (show || !found) return
      const turn = {}
      asked = turn
      const { elsewhere } = await import('./elsewhere.ts')
      const shown = await elsewhere({ network: network(), input: input(), page: found })
      if (asked !== turn) return
      show = shown
      changed()
    },
    clear() {
      show = undefined
      asked = undefined
    },
    render: words => show?.(words),
  }
}
