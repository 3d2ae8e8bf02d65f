// A witness's own light client: whatever it cosigns, it has verified from a block that it trusts. Where it begins is the one
// question that is answered here and nowhere else.

import {
  type Crypto,
  check,
  createNodeProvider,
  encodeUtf8,
  equals,
  formatEvidence,
  genesisFileHash,
  type Header,
  headerHash,
  type Json,
  LightClient,
  type LightClientOptions,
  type Provider,
  type SignedCheckpoint,
  type Timestamp,
  type Trusted,
  type TrustRoot,
  VerifyError,
  validatorsHash,
  verifyCheckpoint,
} from '@muniment/sdk'
import { parseGenesis } from '../engine/genesis.ts'
import { askRpc } from '../http.ts'
import { plainAnswerBytesMax, witnessTimeoutMs } from '../limits.ts'
import { checkNotedHead } from './judge.ts'

export type Follower = {
  /** The header of the block that the note's tree ends with. Throws VerifyError unless it is verified, and the tree is its own. */
  readonly confirm: (
    note: { readonly size: bigint; readonly root: Uint8Array },
    signal: AbortSignal,
  ) => Promise<Trusted<Header>>
  /** What was found against the chain's validators, as CometBFT takes it. */
  readonly evidence: () => Promise<readonly Json[]>
}

export type FollowerOptions = {
  readonly root: TrustRoot
  /** Addresses of RPC servers, one at least. */
  readonly nodes: readonly string[]
  /** The block that was cosigned last. */
  readonly last: { readonly height: bigint; readonly hash: Uint8Array } | undefined
  /** Without it and without a last block, trust begins with the genesis that the root names. */
  readonly checkpoint: SignedCheckpoint | undefined
  readonly crypto: Crypto
  readonly now: () => Timestamp
}

/** Asks nobody until the first call. */
export function createFollower(options: FollowerOptions): Follower {
  const providers = options.nodes.map(url => createNodeProvider(url))
  let light: LightClient | undefined

  async function confirm(
    note: { readonly size: bigint; readonly root: Uint8Array },
    signal: AbortSignal,
  ): Promise<Trusted<Header>> {
    const height = note.size - 1n
    check(height >= 1n, 'wrong-height', 'the log has no block yet')
    light ??= await begin(options, providers)
    const proofs = providers.map(provider => proofsOf(provider, height, signal))
    const { header } = (await light.verifyAtHeight(height, { signal })).block
    let failure = new VerifyError('unavailable', 'no node proved its log')
    for (const proof of proofs) {
      try {
        checkNotedHead({ note, header, ...(await proof) }, options.crypto)
        return header
      } catch (error) {
        if (!(error instanceof VerifyError)) throw error
        failure = error
      }
    }
    throw failure
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

async function begin(options: FollowerOptions, providers: readonly Provider[]): Promise<LightClient> {
  const { root, crypto, now } = options
  const [primary, ...witnesses] = providers
  return new LightClient({
    chainId: root.chainId,
    ...(await beginningOf(options, providers)),
    trustingPeriodNs: BigInt(root.trustingPeriodSeconds) * 1_000_000_000n,
    trustLevel: root.trustLevel,
    primary: primary!,
    witnesses,
    crypto,
    now,
  })
}

type Beginning = Pick<LightClientOptions, 'trustRoot' | 'compromisedKeys'>

/** The newer of what was cosigned last and the checkpoint, else block 1. */
async function beginningOf(options: FollowerOptions, providers: readonly Provider[]): Promise<Beginning> {
  const { root, last, checkpoint: signed, crypto, now } = options
  if (signed === undefined) return { trustRoot: last ?? (await firstBlock(options, providers)) }
  const answer = await verifyCheckpoint({ signed, root, now: now() }, crypto)
  if (answer.kind === 'invalid') {
    // One that ran out is no longer needed where the witness has come further.
    if (last === undefined || answer.error.code !== 'checkpoint-expired') throw answer.error
    return { trustRoot: last }
  }
  const { height, headerHash: hash, compromisedKeys } = answer.checkpoint
  return { trustRoot: last !== undefined && last.height >= height ? last : { height, hash }, compromisedKeys }
}

/** Block 1, whose validators are those of the genesis file that the root's hash names; its signatures are checked later. */
async function firstBlock(
  { root, nodes, crypto }: FollowerOptions,
  providers: readonly Provider[],
): Promise<Beginning['trustRoot']> {
  let failure = new VerifyError('unavailable', 'there is no node to ask')
  for (const [index, url] of nodes.entries()) {
    try {
      const { genesis } = await askRpc(url, 'genesis', { bytesMax: plainAnswerBytesMax, timeoutMs: witnessTimeoutMs })
      const isOurs = equals(genesisFileHash(genesis as Json, crypto), root.genesisHash)
      check(isOurs, 'wrong-chain', 'the node has another genesis file than the trust root')
      const { validators } = parseGenesis(encodeUtf8(JSON.stringify(genesis)))
      const { header } = await providers[index]!.lightBlock(1n)
      const agrees = equals(header.validatorsHash, validatorsHash(validators, crypto))
      check(agrees, 'invalid-validator-set', 'block 1 has other validators than the genesis file')
      return { height: 1n, hash: headerHash(header, crypto) }
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error
      failure = error
    }
  }
  throw failure
}
