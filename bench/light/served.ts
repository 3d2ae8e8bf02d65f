// A chain behind our own node's provider, asked as a peer asks it: every question and answer is encoded and decoded, and
// counted; only the network is left out.

import { createLocalProvider, type LocalProviderOptions } from '../../node/src/local-provider.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { uvarintLength } from '../../sdk/src/comet/varint.ts'
import {
  answerQuery,
  createQueryProvider,
  type Exchange,
  queryRequest,
  queryResponse,
} from '../../sdk/src/p2p/messages.ts'
import type { LightProvider, Provider } from '../../sdk/src/provider.ts'
import type { LazyChain } from './chain.ts'

export type Served = {
  readonly provider: LightProvider
  /** Light blocks asked for so far, paths asked for, and the bytes of the newest answer with the length before it. */
  readonly counts: { blocks: number; paths: number; answerBytes: number }
}

type Options = {
  readonly newest: number
  /** Whether the node tells paths; that of a chain of others may not. */
  readonly hints: boolean
  readonly label: string
}

export function serve(chain: LazyChain, { newest, hints, label }: Options): Served {
  const counts = { blocks: 0, paths: 0, answerBytes: 0 }
  const local = nodeOf(chain, () => newest)
  const exchange: Exchange = async (question, options) => {
    if (question.lightBlocks) counts.blocks += Number(question.lightBlocks.to - question.lightBlocks.from) + 1
    if (question.lightPath) counts.paths += 1
    const request = queryRequest.encode({ ...question, id: 1 })
    const answer = await answerQuery(request, local, options?.signal ?? new AbortController().signal)
    counts.answerBytes = uvarintLength(answer.length) + answer.length
    return queryResponse.decode(answer)
  }
  const { lightPath, ...unhinted } = createQueryProvider(exchange, { kind: 'webrtc', label, close: async () => {} })
  return { provider: hints ? { ...unhinted, lightPath: lightPath! } : unhinted, counts }
}

/** What a node of ours answers that has the chain up to a height. */
export function nodeOf(chain: LazyChain, newest: () => number): Provider {
  const blockAt = (height: bigint): LightBlock | undefined =>
    height > 0n && height <= BigInt(newest()) ? chain.lightBlock(Number(height)) : undefined
  const engine = { chain: { lightBlock: blockAt }, newest: () => ({ height: BigInt(newest()) }) }
  return createLocalProvider({ engine, witnessedHead: () => undefined } as unknown as LocalProviderOptions)
}
