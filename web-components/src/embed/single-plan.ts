// What `muniment embed` writes into the single file in place of the name below: the trust root, and the checkpoint from which
// trust begins.

import type { Json } from '@muniment/sdk'

export type SinglePlan = {
  readonly version: string
  /** As `formatTrustRoot` writes it. */
  readonly root: Json
  /** As `formatNetwork` writes it, without any address: this page asks nobody. */
  readonly network: Json
}

declare const __MUNIMENT_PLAN__: SinglePlan

export const plan: SinglePlan = __MUNIMENT_PLAN__
