// Values of the state under a trusted head: what everything else asks of the light client.

import type { Header } from '../comet/header.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { verifyState } from '../ics23/verify.ts'
import type { Provider } from '../provider.ts'
import type { Trusted } from '../trusted.ts'
import type { LightClient, TrustedHead } from './client.ts'

/** Versions of the ledger's rules whose state this code can read. */
const knownAppVersions: readonly bigint[] = [1n]

export type TrustedState = {
  readonly head: TrustedHead
  /** The head's header: it commits to the state after the block before it. */
  readonly header: Trusted<Header>
  /** One a key, in their order; undefined is proven absence. */
  readonly values: readonly (Uint8Array | undefined)[]
  /** Who was asked. */
  readonly source: string
}

export type ReadOptions = { readonly signal?: AbortSignal | undefined }

/** Reads keys under the newest head that the provider can show. Throws VerifyError for whatever does not verify. */
export type TrustedReader = {
  readonly read: (keys: readonly Uint8Array[], options?: ReadOptions) => Promise<TrustedState>
}

export function createReader(light: LightClient, provider: Provider, crypto: Crypto): TrustedReader {
  return {
    async read(keys, options = {}) {
      // The status height is the client's newest trusted head, never one that a peer or a link chose (security rule 7).
      const head = await light.newest(options)
      const header = head.block.header as Trusted<Header>
      const known = knownAppVersions.includes(header.version.app)
      check(known, 'rules-changed', 'the chain runs rules that this version does not know', {
        actual: header.version.app,
      })
      check(header.height > 1n, 'unavailable', 'the chain has no state yet')
      const height = header.height - 1n
      const answer = await provider.state({ keys, height }, options.signal ? { signal: options.signal } : {})
      const verified = verifyState({ answer, keys, header }, crypto)
      if (verified.kind === 'invalid') throw verified.error
      return { head, header, values: verified.values, source: provider.label }
    },
  }
}
