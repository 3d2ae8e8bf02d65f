// What <muniment-sign> is showing, and what belongs to it.

import type { Verdict } from '@muniment/sdk'
import type { Messages, SignErrorCode } from '../messages/messages.ts'
import type { Sent } from './elsewhere.ts'
import type { Prepared } from './flow.ts'
import type { Standing } from './together.ts'

export type Phase =
  | { readonly name: 'idle' | 'preparing' | 'declined' }
  | {
      readonly name: 'passkey'
      readonly view: typeof import('./render-passkey.ts')
      readonly notice?: SignErrorCode
    }
  | { readonly name: 'asking' }
  | { readonly name: 'review'; readonly prepared: Prepared; readonly notice?: SignErrorCode }
  | { readonly name: 'signing' | 'waiting' | 'verifying'; readonly prepared: Prepared }
  | OthersPhase
  | { readonly name: 'done'; readonly done: Done }
  | { readonly name: 'error'; readonly code: SignErrorCode; readonly link: string | undefined }

/** Others have a part in it: what it shows comes with it. */
export type OthersPhase = { readonly view: typeof import('./render-others.ts') } & (
  | { readonly name: 'declining'; readonly prepared: Prepared }
  | {
      readonly name: 'gathering'
      readonly prepared: Prepared
      readonly standing: Standing
      readonly notice?: SignErrorCode
    }
  /** It weighs, and this is not the page on which it is signed. */
  | { readonly name: 'elsewhere'; readonly sent: Sent }
  | { readonly name: 'acted' }
)

export type Done = {
  readonly link: string
  readonly verdict: Verdict
  /** Where another page asked for it: what is said of that. */
  readonly asked: Prepared['asked']
}

/** What is under way, in a sentence; empty where the page itself says it. */
export function statusOf(phase: Phase, { sign }: Messages): string {
  const { name } = phase
  const byPasskey = name === 'signing' && phase.prepared.key.method === 'passkey'
  if (name === 'asking' || byPasskey) return sign.askingPasskey
  const isSpoken = name === 'preparing' || name === 'signing' || name === 'waiting' || name === 'verifying'
  return isSpoken || name === 'declined' ? sign[name] : ''
}
