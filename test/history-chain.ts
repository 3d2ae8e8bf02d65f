// A signed chain whose headers commit to the log of their blocks, and witnesses that cosign its heads: for tests that want
// a network's history without a network.

import { concat } from '../sdk/src/bytes.ts'
import { headerHash } from '../sdk/src/comet/header.ts'
import type { LightBlock } from '../sdk/src/comet/light-block.ts'
import type { Crypto } from '../sdk/src/crypto/crypto.ts'
import {
  cosignature,
  cosignatureSignBytes,
  formatCheckpointNote,
  historyOrigin,
  logSignature,
  NoteKeyType,
  noteSignBytes,
} from '../sdk/src/light/note.ts'
import { merkleInnerHash, merkleLeafHash, merkleRoot } from '../sdk/src/merkle/root.ts'
import type { HistoryAnswer, HistoryQuery, Provider, WitnessedHead } from '../sdk/src/provider.ts'
import { type ChainPlan, createSignedChain, publicKeyOf, signAs } from './signed-chain.ts'
import { createSmallTree, type Stores } from './small-tree.ts'

export type HistoryChain = {
  readonly blocks: readonly LightBlock[]
  readonly genesisHash: Uint8Array
  readonly history: (query: HistoryQuery) => HistoryAnswer
  /** The head of a height as the named witnesses cosign it, by clocks that are so many seconds ahead of the header. */
  readonly witnessedHead: (height: number, witnesses: readonly string[], skewSeconds?: number) => WitnessedHead
  /** Answers light blocks up to `latest`, the history, and the newest head that the witnesses cosigned. */
  readonly serves: (latest: number, witnesses: readonly string[]) => Partial<Provider>
}

type Plan = Omit<ChainPlan, 'appHashAt'> & { readonly stateRootAt?: (height: number) => Uint8Array }

export function createHistoryChain(plan: Plan, crypto: Crypto): HistoryChain {
  const genesisHash = crypto.sha256(new Uint8Array([1, 2, 3]))
  const tree = createSmallTree(crypto)
  const leavesBefore = (blocks: readonly LightBlock[]): readonly Uint8Array[] => [
    genesisHash,
    ...blocks.map(({ header }) => headerHash(header, crypto)),
  ]
  const storesAt = (height: number, before: readonly LightBlock[]): Stores =>
    tree.stores({
      history: merkleRoot(leavesBefore(before), crypto),
      state: plan.stateRootAt?.(height) ?? crypto.sha256(new Uint8Array([height])),
    })
  const appHashAt = (height: number, before: readonly LightBlock[]): Uint8Array => storesAt(height, before).appHash
  const { blocks, chainId } = createSignedChain({ ...plan, appHashAt }, crypto)

  const history = ({ height, leaf, oldSize }: HistoryQuery): HistoryAnswer => {
    const before = blocks.slice(0, Number(height) - 1)
    const hashes = leavesBefore(before).map(each => merkleLeafHash(each, crypto))
    return {
      store: storesAt(Number(height), before).history,
      inclusion: leaf === undefined ? [] : inclusionOf(Number(leaf), hashes, crypto),
      consistency: oldSize === undefined ? [] : consistencyOf(Number(oldSize), hashes, { whole: true, crypto }),
    }
  }

  const witnessedHead = (height: number, witnesses: readonly string[], skewSeconds = 0): WitnessedHead => {
    const block = blocks[height - 1]!
    const hashes = leavesBefore(blocks.slice(0, height)).map(leaf => merkleLeafHash(leaf, crypto))
    const origin = historyOrigin({ chainId, genesisHash })
    return cosignedHead(block, { origin, hashes, witnesses, skewSeconds }, crypto)
  }

  return {
    blocks,
    genesisHash,
    history,
    witnessedHead,
    serves: (latest, witnesses) => ({
      lightBlock: async height => blocks[(height === 'latest' ? latest : Number(height)) - 1]!,
      lightBlocks: async (from, to) => blocks.slice(Number(from) - 1, Number(to)),
      history: async query => history(query),
      witnessedHead: async () => witnessedHead(latest, witnesses),
    }),
  }
}

/** A head as the named witnesses cosign it; `hashes` are those of the log's leaves, of which the last is the block's. */
export function cosignedHead(
  block: LightBlock,
  log: {
    readonly origin: string
    readonly hashes: readonly Uint8Array[]
    readonly witnesses: readonly string[]
    readonly skewSeconds?: number
  },
  crypto: Crypto,
): WitnessedHead {
  const { origin, hashes, witnesses, skewSeconds = 0 } = log
  const body = { origin, size: BigInt(hashes.length), root: rootOf(hashes, crypto), extensions: [] }
  const logKey = { name: origin, type: NoteKeyType.ed25519, key: publicKeyOf('log', crypto) }
  const time = block.header.time.seconds + BigInt(skewSeconds)
  const signatures = [
    logSignature(logKey, signAs('log', noteSignBytes(body), crypto), crypto),
    ...witnesses.map(name => {
      const key = { name: `example/${name}`, type: NoteKeyType.cosignature, key: publicKeyOf(name, crypto) }
      const signature = signAs(name, cosignatureSignBytes(body, time), crypto)
      return cosignature(key, { time, signature }, crypto)
    }),
  ]
  const inclusion = inclusionOf(hashes.length - 1, hashes, crypto)
  return { note: formatCheckpointNote({ ...body, signatures }), block, inclusion }
}

function split(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1)
}

/** MTH of RFC 6962, 2.1, over leaves that are hashed. */
export function rootOf(hashes: readonly Uint8Array[], crypto: Crypto): Uint8Array {
  if (hashes.length === 1) return hashes[0]!
  const middle = split(hashes.length)
  return merkleInnerHash(rootOf(hashes.slice(0, middle), crypto), rootOf(hashes.slice(middle), crypto), crypto)
}

/** PATH of RFC 6962, 2.1.1. */
function inclusionOf(index: number, hashes: readonly Uint8Array[], crypto: Crypto): Uint8Array[] {
  if (hashes.length === 1) return []
  const middle = split(hashes.length)
  const [left, right] = [hashes.slice(0, middle), hashes.slice(middle)]
  return index < middle
    ? [...inclusionOf(index, left, crypto), rootOf(right, crypto)]
    : [...inclusionOf(index - middle, right, crypto), rootOf(left, crypto)]
}

/** SUBPROOF of RFC 6962, 2.1.2. */
function consistencyOf(
  size: number,
  hashes: readonly Uint8Array[],
  { whole, crypto }: { readonly whole: boolean; readonly crypto: Crypto },
): Uint8Array[] {
  if (size === hashes.length) return whole ? [] : [rootOf(hashes, crypto)]
  const middle = split(hashes.length)
  const [left, right] = [hashes.slice(0, middle), hashes.slice(middle)]
  return size <= middle
    ? [...consistencyOf(size, left, { whole, crypto }), rootOf(right, crypto)]
    : [...consistencyOf(size - middle, right, { whole: false, crypto }), rootOf(left, crypto)]
}

/** For a test that flips a byte. */
export function flipped(bytes: Uint8Array): Uint8Array {
  return concat(new Uint8Array([bytes[0]! ^ 1]), bytes.subarray(1))
}
