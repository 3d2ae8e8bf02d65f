// A second story of a live network, signed with its validators' own keys, and a server that tells it.

import { equals } from '../../sdk/src/bytes.ts'
import type { Header } from '../../sdk/src/comet/header.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import type { Hasher } from '../../sdk/src/crypto/crypto.ts'
import { forgedBlock, type SignVote } from '../divergence.ts'
import type { NetworkNode, ValidatorKey } from './light-network.ts'
import { type ProxyServer, startBlockProxy } from './light-network-proxy.ts'

export type Fork = {
  /** The first height that is not the chain's. */
  readonly from: bigint
  /** What is false in each header from there on; the hash of the block before is the fork's own. */
  readonly header: Partial<Header>
  /** How many rounds later than the chain's own its votes are. */
  readonly roundsLater?: number
}

export type ForkServer = ProxyServer & {
  /** Its block at a height that is not below the fork. */
  readonly lightBlock: (height: bigint) => Promise<LightBlock>
}

export function signedBy(keys: readonly ValidatorKey[]): SignVote {
  return (publicKey, message) => keys.find(key => equals(key.publicKey, publicKey))?.sign(message)
}

/** Has all below the fork from the node, and goes on above it as far as the node does. */
export async function startFork(
  node: NetworkNode,
  { from, header, roundsLater = 0 }: Fork,
  { keys, hasher }: { readonly keys: readonly ValidatorKey[]; readonly hasher: Hasher },
): Promise<ForkServer> {
  const forged = new Map<bigint, Promise<LightBlock>>()
  const sign = signedBy(keys)
  const forgedAt = (height: bigint): Promise<LightBlock> => {
    const made = forged.get(height) ?? make(height)
    forged.set(height, made)
    return made
  }
  async function make(height: bigint): Promise<LightBlock> {
    const block = await node.lightBlock(height)
    const lastBlockId = height === from ? block.header.lastBlockId : (await forgedAt(height - 1n)).commit.blockId
    return forgedBlock(
      block,
      { header: { ...header, lastBlockId }, round: block.commit.round + roundsLater, sign },
      hasher,
    )
  }
  const server = await startBlockProxy(node.rpc, block =>
    block.header.height < from ? block : forgedAt(block.header.height),
  )
  return { ...server, lightBlock: forgedAt }
}
