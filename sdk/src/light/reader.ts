// Values of the state under a trusted head: what everything else asks of the light client.

import type { Header } from '../comet/header.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { storeNames } from '../ics23/state.ts'
import { verifyState } from '../ics23/verify.ts'
import type { Provider } from '../provider.ts'
import type { Trusted } from '../trusted.ts'
import type { Chain, ChainHead } from './chain.ts'
import { createProviders } from './providers.ts'

/** Versions of the ledger's rules whose state this code can read. */
const knownAppVersions: readonly bigint[] = [1n]

export type TrustedState = {
  readonly head: ChainHead
  /** The head's header: it commits to the state after the block before it. */
  readonly header: Trusted<Header>
  /** One a key, in their order; undefined is proven absence. */
  readonly values: readonly (Uint8Array | undefined)[]
  /** Who was asked. */
  readonly source: string
}

type ReadOptions = {
  readonly signal?: AbortSignal | undefined
  /** The head of a reading before, under which this one stands too; the newest where it is left out. */
  readonly head?: ChainHead | undefined
}

/** Reads keys under the newest head. Throws the VerifyError of the last provider where none could prove an answer. */
export type TrustedReader = {
  readonly read: (keys: readonly Uint8Array[], options?: ReadOptions) => Promise<TrustedState>
}

/** Asks the providers one after the other for the state under the newest head, until one of them proves it. */
export function createReader(
  chain: Chain,
  given: { readonly providers: readonly Provider[]; readonly crypto: Crypto },
): TrustedReader {
  const sources = createProviders(given.providers)
  return {
    async read(keys, { signal, head: under } = {}) {
      // The status height is the client's newest trusted head, never one that a peer or a link chose (security rule 7).
      const head = under ?? (await chain.newest({ signal }))
      const { header } = head.block
      const known = knownAppVersions.includes(header.version.app)
      check(known, 'rules-changed', 'the chain runs rules that this version does not know', {
        actual: header.version.app,
      })
      check(header.height > 1n, 'unavailable', 'the chain has no state yet')
      const questions = keys.map(key => ({ store: storeNames.state, key }))
      const [answered] = await Promise.all([
        sources.first(async (provider, lease) => {
          const answer = await provider.query(questions, header.height - 1n, { signal: lease.signal })
          const verified = verifyState({ answer, keys, header }, given.crypto)
          if (verified.kind === 'invalid') throw verified.error
          return { values: verified.values, source: provider.label }
        }, signal),
        under === undefined ? chain.confirmHistory(head, { signal }) : undefined,
      ])
      return { head, header, ...answered }
    },
  }
}
