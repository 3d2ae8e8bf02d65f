// What the elements that sign have in common: their network's client, and where the focus goes.

import type { Client } from '@muniment/sdk'
import type { LitElement } from 'lit'
import { type MunimentNetwork, networkOf } from '../network/network.ts'
import { showState } from '../state.ts'
import { SignError } from './error.ts'

/** Rejects with SignError `no-network` or `unreachable`. */
export async function clientOf(element: Element & { readonly network?: MunimentNetwork | undefined }): Promise<Client> {
  const network = networkOf(element)
  if (!network) throw new SignError('no-network', 'there is no muniment-network')
  return network.connect().catch(error => {
    throw new SignError('unreachable', error instanceof Error ? error.message : String(error))
  })
}

/** Draws a phase and, where it is another one than before, leads to its heading. */
export function showPhase(element: LitElement, internals: ElementInternals, names: readonly [string, string]): void {
  const [before, name] = names
  showState(internals, name)
  element.requestUpdate()
  if (before === name || name === 'idle') return
  element.updateComplete.then(() =>
    (element.renderRoot as ParentNode).querySelector<HTMLElement>('.phase-heading')?.focus(),
  )
}
