// What a witness believes of a block: only what its own light client has verified.

import {
  check,
  createNodeProvider,
  formatEvidence,
  type Header,
  type Json,
  type LightClient,
  type Provider,
  type Trusted,
  VerifyError,
} from '@muniment/sdk'
import { type Beginning, createFollowingClient } from '../following-client.ts'
import { checkNotedHead } from './judge.ts'

type NotedTree = { readonly size: bigint; readonly root: Uint8Array }

export type Follower = {
  /** The header of the block that the note's tree ends with. Throws VerifyError unless it is verified, and the tree is its own. */
  readonly confirm: (note: NotedTree, signal: AbortSignal) => Promise<Trusted<Header>>
  /** What was found against the chain's validators, as CometBFT takes it. */
  readonly evidence: () => Promise<readonly Json[]>
}

/** Asks nobody until the first call. */
export function createFollower(nodes: readonly string[], beginning: Omit<Beginning, 'nodes' | 'providers'>): Follower {
  const providers = nodes.map(url => createNodeProvider(url))
  let light: LightClient | undefined

  async function confirm(note: NotedTree, signal: AbortSignal): Promise<Trusted<Header>> {
    const height = note.size - 1n
    check(height >= 1n, 'wrong-height', 'the log has no block yet')
    light ??= await createFollowingClient({ ...beginning, nodes, providers })
    const proofs = providers.map(provider => proofsOf(provider, height, signal))
    const { header } = (await light.verifyAtHeight(height, { signal })).block
    await firstThatHolds(
      proofs.map(async proof => checkNotedHead({ note, header, ...(await proof) }, beginning.crypto)),
    )
    return header
  }

  return {
    confirm,
    evidence: async () => ((await light?.evidence()) ?? []).map(({ evidence }) => formatEvidence(evidence) as Json),
  }
}

type Proofs = Pick<Parameters<typeof checkNotedHead>[0], 'ending' | 'before'>

/** Asked for at once with the block itself, so that a cosignature costs one round trip. */
function proofsOf(provider: Provider, height: bigint, signal: AbortSignal): Promise<Proofs> {
  const ending = provider.history({ height: height + 1n, leaf: height }, { signal })
  const before = provider.history({ height }, { signal })
  const both = Promise.all([ending, before]).then(([first, second]) => ({ ending: first, before: second }))
  // Nobody may be waiting for it yet when it fails.
  both.catch(() => undefined)
  return both
}

async function firstThatHolds(checks: readonly Promise<void>[]): Promise<void> {
  try {
    await Promise.any(checks)
  } catch (error) {
    const { errors } = error as AggregateError
    throw (
      errors.find(each => !(each instanceof VerifyError)) ??
      errors.find(each => each.code !== 'unavailable') ??
      errors[0]
    )
  }
}
