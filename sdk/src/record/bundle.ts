// A proof bundle: one file that carries a document with everything that proves it under one head. It is a recording of what
// a node answered, so it is checked exactly like a node's answers; whoever is shown it need not ask anybody.

import { encodeUtf8, equals } from '../bytes.ts'
import { type LightBlock, lightBlock } from '../comet/light-block.ts'
import { check, VerifyError } from '../errors.ts'
import { type StateAnswer, stateAnswer } from '../ics23/state.ts'
import {
  bundleBlocksMax,
  bundleBytesMax,
  bundleStatesMax,
  chainIdLengthMax,
  credentialLengthMax,
  stateKeyBytesMax,
  stateKeysPerQueryMax,
} from '../limits.ts'
import { always, type Message, message, repeated, repeatedBytes, string } from '../protobuf.ts'
import type { Provider } from '../provider.ts'

export type Bundle = {
  readonly chainId: string
  /** SD-JWT text. */
  readonly document: string
  /** Ascending: the checkpoint's block, steps between, the head. */
  readonly blocks: readonly LightBlock[]
  readonly states: readonly { readonly keys: readonly Uint8Array[]; readonly answer: StateAnswer }[]
}

type BundleState = Bundle['states'][number]

const format = 'muniment/bundle/1'
const formatBytes = encodeUtf8(format)

const bundleState: Message<BundleState> = message({
  keys: repeatedBytes(1, stateKeysPerQueryMax, stateKeyBytesMax),
  answer: always(2, stateAnswer),
})

const bundleMessage: Message<Bundle & { readonly format: string }> = message({
  format: string(1, 40),
  chainId: string(2, chainIdLengthMax),
  document: string(3, credentialLengthMax),
  blocks: repeated(4, lightBlock, bundleBlocksMax),
  states: repeated(5, bundleState, bundleStatesMax),
})

export function encodeBundle(bundle: Bundle): Uint8Array {
  return bundleMessage.encode({ format, ...bundle })
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
  const missing = (): VerifyError => new VerifyError('unavailable', 'the bundle does not hold what is asked for')
  const head = bundle.blocks.at(-1)!
  return {
    kind: 'local',
    label: 'the document’s own proof',
    status: async () => ({
      chainId: bundle.chainId,
      latestHeight: head.header.height,
      earliestHeight: bundle.blocks[0]!.header.height,
    }),
    async lightBlocks(range) {
      if (range === 'latest') return [head]
      const blocks = bundle.blocks.filter(({ header }) => header.height >= range.from && header.height <= range.to)
      if (BigInt(blocks.length) !== range.to - range.from + 1n) throw missing()
      return blocks
    },
    async state({ keys }) {
      const found = bundle.states.find(state => sameKeys(state.keys, keys))
      if (!found) throw missing()
      return found.answer
    },
    submit: async () => {
      throw missing()
    },
    close: async () => {},
  }
}

/** A provider that passes every question on and keeps the answers that a bundle needs. */
export function createRecorder(provider: Provider): {
  readonly provider: Provider
  readonly bundle: (document: string, chainId: string) => Bundle
} {
  const blocks = new Map<bigint, LightBlock>()
  const states: BundleState[] = []
  return {
    provider: {
      ...provider,
      async lightBlocks(range, options) {
        const answer = await provider.lightBlocks(range, options)
        for (const block of answer) blocks.set(block.header.height, block)
        return answer
      },
      async state(query, options) {
        const answer = await provider.state(query, options)
        states.push({ keys: query.keys, answer })
        return answer
      },
    },
    bundle: (document, chainId) => ({
      chainId,
      document,
      blocks: [...blocks.values()].sort((left, right) => (left.header.height < right.header.height ? -1 : 1)),
      states,
    }),
  }
}

function sameKeys(left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean {
  return left.length === right.length && left.every((key, index) => equals(key, right[index]!))
}
