// A light client for commands that watch one ledger for a long time: a witness's, an auditor's. Where its trust begins is
// said here and nowhere else.

import {
  type Crypto,
  check,
  encodeUtf8,
  equals,
  genesisFileHash,
  headerHash,
  type Json,
  LightClient,
  type LightClientOptions,
  type Provider,
  type SignedCheckpoint,
  type Timestamp,
  type TrustRoot,
  VerifyError,
  validatorsHash,
  verifyCheckpoint,
} from '@muniment/sdk'
import { parseGenesis } from './engine/genesis.ts'
import { askRpc } from './http.ts'
import { plainAnswerBytesMax, witnessTimeoutMs } from './limits.ts'

export type Beginning = {
  readonly root: TrustRoot
  /** Addresses of RPC servers, one at least, and a provider for each. */
  readonly nodes: readonly string[]
  readonly providers: readonly Provider[]
  /** A block that was verified before. */
  readonly last?: { readonly height: bigint; readonly hash: Uint8Array } | undefined
  /** Without it and without a last block, trust begins with the genesis that the root names. */
  readonly checkpoint?: SignedCheckpoint | undefined
  readonly crypto: Crypto
  readonly now: () => Timestamp
}

/** Asks nodes only where trust begins with the genesis. Throws VerifyError. */
export async function createFollowingClient(options: Beginning): Promise<LightClient> {
  const { root, providers, crypto, now } = options
  const [primary, ...witnesses] = providers
  return new LightClient({
    chainId: root.chainId,
    ...(await trustOf(options)),
    trustingPeriodNs: BigInt(root.trustingPeriodSeconds) * 1_000_000_000n,
    trustLevel: root.trustLevel,
    primary: primary!,
    witnesses,
    crypto,
    now,
  })
}

type Trust = Pick<LightClientOptions, 'trustRoot' | 'compromisedKeys'>

/** The newer of the last block and the checkpoint, else block 1. */
async function trustOf(options: Beginning): Promise<Trust> {
  const { root, last, checkpoint: signed, crypto, now } = options
  if (signed === undefined) return { trustRoot: last ?? (await firstBlock(options)) }
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
async function firstBlock({ root, nodes, providers, crypto }: Beginning): Promise<Trust['trustRoot']> {
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
