// Compiled with the consumer's own strictness, and with the declarations of all that is installed.

import { type Client, createClient, type Network, type TrustRoot, type Verdict } from '@muniment/sdk'
import { createPeers } from '@muniment/sdk/p2p'
import { serveCrypto } from '@muniment/sdk/worker'
import { configure, type MunimentEvents, MunimentVerify } from '@muniment/web-components'

export async function verify(root: TrustRoot, network: Network, link: string): Promise<Verdict> {
  const client: Client = await createClient({ root, network, peers: createPeers })
  return client.verifyRecord(link)
}

export function show(root: TrustRoot): HTMLElement {
  configure({ root })
  const element: MunimentVerify = document.createElement('muniment-verify')
  element.auto = true
  return element
}

export function listen(element: MunimentVerify, tell: (detail: MunimentEvents['muniment-verdict']) => void): void {
  element.addEventListener('muniment-verdict', ({ detail }) => tell(detail))
}

/** Without a type of the element, by the event's name alone: in the page, on a list, at an ancestor. */
export function listenAnywhere(page: HTMLElement, tell: (code: Verdict['code'] | 'offline' | 'other') => void): void {
  page.addEventListener('muniment-verdict', event => tell(event.detail.verdict.code))
  page.addEventListener('muniment-network-error', ({ detail }) => tell(detail.code === 'offline' ? 'offline' : 'other'))
  document
    .querySelector('muniment-status')
    ?.sync()
    .catch(() => undefined)
  // @ts-expect-error: a verdict has no such member.
  page.addEventListener('muniment-verdict', event => event.detail.answer)
}

export const serve: () => void = serveCrypto
export const isElement: boolean = MunimentVerify.prototype instanceof HTMLElement
