// Events of the elements: on the element itself, bubbling and composed, with a typed detail.

import type { Client, Step, Verdict } from '@muniment/sdk'

export type MunimentEvents = {
  /** The network's client can be used. */
  readonly 'muniment-ready': { readonly client: Client }
  readonly 'muniment-network-error': { readonly code: NetworkErrorCode; readonly message: string }
  /** Something was given to be checked. */
  readonly 'muniment-input': { readonly source: 'link' | 'text' | 'file' | 'pdf' | 'picture' | 'camera' | 'call' }
  readonly 'muniment-step': { readonly steps: readonly Step[] }
  readonly 'muniment-verdict': { readonly verdict: Verdict }
  readonly 'muniment-error': { readonly code: string; readonly message: string }
  /** What will be signed stands on the page. */
  readonly 'muniment-review': { readonly body: Uint8Array; readonly commitment: string }
  /** Cancelable: prevented, nothing is signed. */
  readonly 'muniment-before-sign': { readonly body: Uint8Array }
  readonly 'muniment-signed': { readonly transactionId: string }
  /** The record was proved and checked. `link` is the fragment of its link. */
  readonly 'muniment-included': { readonly link: string; readonly verdict: Verdict }
  readonly 'muniment-declined': Record<string, never>
  /** Cancelable: prevented, no link is made of these fields. */
  readonly 'muniment-disclose': { readonly fields: readonly string[] }
  /** Somebody can be given this address. */
  readonly 'muniment-share': { readonly link: string }
}

export type NetworkErrorCode = 'offline' | 'wrong-network' | 'no-peers'

export type MunimentEvent<Name extends keyof MunimentEvents> = CustomEvent<MunimentEvents[Name]>

type EventMap = { [Name in keyof MunimentEvents]: MunimentEvent<Name> }

declare global {
  interface HTMLElementEventMap extends EventMap {}
  // They bubble that far.
  interface DocumentEventMap extends EventMap {}
  interface WindowEventMap extends EventMap {}
}

/** Answers whether nobody prevented it. */
export function emit<Name extends keyof MunimentEvents>(
  element: Element,
  name: Name,
  given: { readonly detail: MunimentEvents[Name]; readonly cancelable?: boolean },
): boolean {
  const { detail, cancelable = false } = given
  return element.dispatchEvent(new CustomEvent(name, { detail, cancelable, bubbles: true, composed: true }))
}
