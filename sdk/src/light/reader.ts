// Values of the state under a trusted head: what everything else asks of the light client.

import { equals } from '../bytes.ts'
import type { Header } from '../comet/header.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { type QueryAnswer, storeNames } from '../ics23/state.ts'
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
  /** What the provider sent along, unverified: `read` with `after` looks there first. */
  readonly answer: QueryAnswer
}

type ReadOptions = {
  readonly signal?: AbortSignal | undefined
  /** A reading before, under whose head this one stands too; under the newest head where it is left out. */
  readonly after?: TrustedState | undefined
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
    async read(keys, { signal, after } = {}) {
      // The status height is the client's newest trusted head, never one that a peer or a link chose (security rule 7).
      const head = after?.head ?? (await chain.newest({ signal }))
      const { header } = head.block
      const known = knownAppVersions.includes(header.version.app)
      check(known, 'rules-changed', 'the chain runs rules that this version does not know', {
        actual: header.version.app,
      })
      check(header.height > 1n, 'unavailable', 'the chain has no state yet')
      const sent = after && sentAlong(after, keys)
      const along = sent && verifyState({ answer: sent, keys, header }, given.crypto)
      if (along?.kind === 'verified') return { ...after!, values: along.values }
      const questions = keys.map(key => ({ store: storeNames.state, key }))
      const [answered] = await Promise.all([
        sources.first(async (provider, lease) => {
          const answer = await provider.query(questions, header.height - 1n, { signal: lease.signal })
          const verified = verifyState({ answer, keys, header }, given.crypto)
          if (verified.kind === 'invalid') throw verified.error
          return { values: verified.values, source: provider.label, answer }
        }, signal),
        after === undefined ? chain.confirmHistory(head, { signal }) : undefined,
      ])
      return { head, header, ...answered }
    },
  }
}

/** The answer to these keys from what came with another one; undefined where it is not all there. */
function sentAlong({ answer }: TrustedState, keys: readonly Uint8Array[]): QueryAnswer | undefined {
  const proofs = keys.flatMap(key => answer.related?.find(each => equals(each.key, key))?.proof ?? [])
  return proofs.length === keys.length ? { height: answer.height, stores: answer.stores, proofs } : undefined
}
