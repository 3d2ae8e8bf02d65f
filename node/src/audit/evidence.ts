// Contradictions between a log and its chain, as files that can be handed on: blocks in CometBFT's JSON
// (`lightBlockFromRpcJson` reads them), hashes and proofs in base64.

import {
  type ExistenceProof,
  existenceProof,
  formatBase64,
  formatHeader,
  formatHex,
  formatSignedHeader,
  formatValidator,
  type Header,
  type Json,
  type LightBlock,
} from '@muniment/sdk'

export type Contradiction = {
  /** For people. */
  readonly sentence: string
  readonly evidence: Json
}

/** The log under a head: the head's header commits to it by the store `history`. */
export type SignedLog = {
  readonly head: LightBlock
  readonly store: ExistenceProof
}

export type LyingLeaf = {
  readonly index: bigint
  /** What the log has there, and the path from it to the log's root. */
  readonly leafHash: Uint8Array
  readonly inclusion: readonly Uint8Array[]
  /** What should be there: the leaf hash of this block, or of the genesis hash at index 0. */
  readonly trueLeafHash: Uint8Array
  readonly block: LightBlock | undefined
}

export function describeLeaf(log: SignedLog, leaf: LyingLeaf): Contradiction {
  const { index, leafHash, inclusion, trueLeafHash, block } = leaf
  const what = index === 0n ? 'the genesis hash' : `the hash of block ${index}`
  return {
    sentence: `Leaf ${index} of the history log is not ${what}; block ${log.head.header.height} is signed and commits to that log.`,
    evidence: {
      kind: 'leaf',
      ...formatLog(log),
      index: String(index),
      logLeafHash: formatBase64(leafHash),
      inclusion: inclusion.map(formatBase64),
      trueLeafHash: formatBase64(trueLeafHash),
      block: block ? formatLightBlock(block) : null,
    },
  }
}

/** Where the node does not show which leaf it is. */
export function describeLog(log: SignedLog, trueRoot: Uint8Array): Contradiction {
  return {
    sentence: `The history log under block ${log.head.header.height} is not that of the blocks before it.`,
    evidence: { kind: 'log', ...formatLog(log), trueRoot: formatBase64(trueRoot) },
  }
}

export function describeLink(
  head: LightBlock,
  { above, header, hash }: { readonly above: Header; readonly header: Header; readonly hash: Uint8Array },
): Contradiction {
  const [named, served] = [above.lastBlockId.hash, hash].map(each => formatHex(each))
  return {
    sentence: `Block ${above.height} names ${named} as the one before it, and the node serves another: ${served}.`,
    evidence: {
      kind: 'link',
      head: formatLightBlock(head) as Json,
      above: formatHeader(above) as Json,
      served: formatHeader(header) as Json,
    },
  }
}

export function describeCheckpoint(log: SignedLog, note: string, trueRoot: Uint8Array): Contradiction {
  return {
    sentence: 'The newest checkpoint of the log is not of the blocks of the chain.',
    evidence: { kind: 'checkpoint', ...formatLog(log), note, trueRoot: formatBase64(trueRoot) },
  }
}

function formatLog({ head, store }: SignedLog): { readonly [name: string]: Json } {
  return {
    head: formatLightBlock(head),
    store: formatBase64(existenceProof.encode(store)),
    historyRoot: formatBase64(store.value),
  }
}

function formatLightBlock({ header, commit, validatorSet }: LightBlock): Json {
  const validators = validatorSet.validators.map(formatValidator)
  return { signed_header: formatSignedHeader({ header, commit }), validators } as Json
}
