// A proof bundle: one file that carries a document with everything that proves it under one head. It is a recording of what
// a node answered, so it is checked exactly like a node's answers; whoever is shown it need not ask anybody.

import { encodeUtf8, equals } from '../bytes.ts'
import { type LightBlock, lightBlock } from '../comet/light-block.ts'
import { check, VerifyError } from '../errors.ts'
import { type QueryAnswer, queryAnswer, storeNames } from '../ics23/state.ts'
import {
  bundleBlocksMax,
  bundleBytesMax,
  bundleStatesMax,
  chainIdLengthMax,
  credentialLengthMax,
  historyProofMax,
  noteBytesMax,
  stateKeyBytesMax,
  stateKeysPerQueryMax,
} from '../limits.ts'
import { always, type Message, message, optional, repeated, repeatedBytes, string } from '../protobuf.ts'
import type { Provider, WitnessedHead } from '../provider.ts'
import type { Store } from '../store.ts'

export type Bundle = {
  readonly chainId: string
  /** SD-JWT text. */
  readonly document: string
  /** Ascending: the checkpoint's block, steps between, the head. */
  readonly blocks: readonly LightBlock[]
  readonly states: readonly { readonly keys: readonly Uint8Array[]; readonly answer: QueryAnswer }[]
  /** What the witnesses of the head signed, which is the last of the blocks. */
  readonly witnessed?: Omit<WitnessedHead, 'block'> | undefined
}

type BundleState = Bundle['states'][number]

const format = 'muniment/bundle/1'
const formatBytes = encodeUtf8(format)

const bundleState: Message<BundleState> = message({
  keys: repeatedBytes(1, stateKeysPerQueryMax, stateKeyBytesMax),
  answer: always(2, queryAnswer),
})

type BundleFields = Required<Bundle> & { readonly format: string }

const bundleMessage: Message<BundleFields> = message({
  format: string(1, 40),
  chainId: string(2, chainIdLengthMax),
  document: string(3, credentialLengthMax),
  blocks: repeated(4, lightBlock, bundleBlocksMax),
  states: repeated(5, bundleState, bundleStatesMax),
  witnessed: optional(
    6,
    message<Omit<WitnessedHead, 'block'>>({
      note: string(1, noteBytesMax),
      inclusion: repeatedBytes(2, historyProofMax, 32),
    }),
  ),
})

export function encodeBundle(bundle: Bundle): Uint8Array {
  return bundleMessage.encode({ format, ...bundle, witnessed: bundle.witnessed })
}

/** Whether bytes begin as a bundle does. */
export function isBundle(bytes: Uint8Array): boolean {
  return equals(bytes.subarray(2, 2 + formatBytes.length), formatBytes)
}

/** Throws VerifyError. Nothing in it is verified yet, and a checkpoint is never taken from it. */
export function decodeBundle(bytes: Uint8Array): Bundle {
  check(bytes.length <= bundleBytesMax, 'oversized', 'a bundle is too long')
  const { format: named, ...bundle } = bundleMessage.decode(bytes)
  check(named === format, 'format-unknown', 'a bundle of a later version', { expected: format, actual: named })
  check(bundle.blocks.length > 0, 'malformed', 'a bundle without a block')
  bundle.blocks.slice(1).forEach((block, index) => {
    check(block.header.height > bundle.blocks[index]!.header.height, 'malformed', 'the blocks of a bundle ascend')
  })
  return bundle
}

/** Answers from a bundle what a node would. */
export function createBundleProvider(bundle: Bundle): Provider {
  const missing = async (): Promise<never> => {
    throw new VerifyError('unavailable', 'the bundle does not hold what is asked for')
  }
  const at = (height: bigint): LightBlock | undefined => bundle.blocks.find(({ header }) => header.height === height)
  const head = bundle.blocks.at(-1)
  return {
    kind: 'local',
    label: 'the document’s own proof',
    lightBlock: async height => (height === 'latest' ? head : at(height)) ?? missing(),
    async lightBlocks(from, to) {
      const blocks = bundle.blocks.filter(({ header }) => header.height >= from && header.height <= to)
      return BigInt(blocks.length) === to - from + 1n ? blocks : missing()
    },
    validatorSet: async hash =>
      bundle.blocks.find(({ header }) => equals(header.validatorsHash, hash))?.validatorSet ?? missing(),
    async query(questions) {
      const keys = questions.map(({ key }) => key)
      const ours = questions.every(({ store }) => store === storeNames.state)
      return (ours ? bundle.states.find(state => sameKeys(state.keys, keys))?.answer : undefined) ?? missing()
    },
    // The blocks that are there are the way.
    lightPath: async ({ from, to }) =>
      bundle.blocks.map(({ header }) => header.height).filter(height => height > from && height < to),
    submit: missing,
    reportEvidence: missing,
    history: missing,
    witnessedHead: async () => (bundle.witnessed && head ? { ...bundle.witnessed, block: head } : missing()),
    // What a file says of roots is never believed.
    checkpoint: missing,
    close: async () => {},
  }
}

/** A provider that passes every question on and keeps the answers on the state, which a bundle needs. */
export function createRecorder(provider: Provider): {
  readonly provider: Provider
  readonly states: () => Bundle['states']
  /** What was said of the witnesses of a head. */
  readonly witnessed: (height: bigint) => Bundle['witnessed']
} {
  const states: BundleState[] = []
  const heads = new Map<bigint, WitnessedHead>()
  return {
    provider: {
      ...provider,
      async query(questions, height, options) {
        const answer = await provider.query(questions, height, options)
        states.push({ keys: questions.map(({ key }) => key), answer })
        return answer
      },
      async witnessedHead(options) {
        const answer = await provider.witnessedHead(options)
        heads.set(answer.block.header.height, answer)
        return answer
      },
    },
    states: () => states,
    witnessed(height) {
      const head = heads.get(height)
      return head && { note: head.note, inclusion: head.inclusion }
    },
  }
}

/** The blocks that a check has verified and so kept, ascending: no more are needed to verify them again. */
export async function keptBlocks(store: Store, chainId: string): Promise<readonly LightBlock[]> {
  const blocks: LightBlock[] = []
  let block = await store.newest(chainId)
  while (block !== undefined) {
    blocks.push(block)
    block = await store.newest(chainId, block.header.height - 1n)
  }
  return blocks.toReversed()
}

function sameKeys(left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean {
  return left.length === right.length && left.every((key, index) => equals(key, right[index]!))
}
