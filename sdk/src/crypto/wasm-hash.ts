// The host's half of assembly/hash: SHA-256 and the trees of RFC 6962 by Wasm. Bytes go over in windows: whatever fits
// one costs a single call.

import { equals } from '../bytes.ts'
import { assert } from '../errors.ts'
import { merkleRoot as merkleRootBy } from '../merkle/root.ts'
import type { Crypto } from './crypto.ts'
import { sha256Known } from './known-answers.ts'

/** The ABI of assembly/hash/index.ts. */
export type HashModule = {
  readonly memory: WebAssembly.Memory
  readonly input: WebAssembly.Global
  readonly inputBytes: WebAssembly.Global
  readonly lengths: WebAssembly.Global
  readonly output: WebAssembly.Global
  readonly absorb: (windows: number) => void
  readonly digest: (length: number, windows: number) => void
  readonly digestPairs: (count: number) => void
  readonly digestNodes: (count: number, prefix: number) => void
  readonly treeBegin: () => void
  readonly treeLeaves: (count: number) => void
  readonly treeHash: () => void
  readonly treeRoot: () => void
}

export type WasmHash = Pick<Crypto, 'sha256' | 'merkleRoot'> & {
  readonly hashNodes: NonNullable<Crypto['hashNodes']>
  /**
   * SHA-256 of many messages of 64 bytes, five at a time: `messages` holds them one after another, `digests` receives
   * 32 bytes for each.
   */
  readonly hashPairs: (messages: Uint8Array, digests: Uint8Array) => void
}

/** Views of the module's memory, which never grows, so that they stay valid. */
type Windows = { readonly input: Uint8Array; readonly lengths: Uint32Array; readonly output: Uint8Array }

const digestBytes = 32
const blockBytes = 64
/** A leaf shares its slot with a byte for the prefix and, at the least, with nine of SHA-256's padding. */
const leafPrefix = new Uint8Array([0])
const besideLeafBytes = 10

/** The hashes of an instance, which has given known answers; throws where it gives others. */
export function createWasmHash(module: HashModule): WasmHash {
  const windows = windowsOf(module)
  const digest = createDigest(module, windows)
  const hash: WasmHash = {
    sha256: (...parts) => {
      digest(parts)
      return new Uint8Array(windows.output)
    },
    merkleRoot: createMerkleRoot(module, windows, digest),
    hashPairs: (messages, digests) => overWindows(windows, { messages, digests, run: module.digestPairs }),
    hashNodes: (prefix, pairs, hashes) =>
      overWindows(windows, { messages: pairs, digests: hashes, run: count => module.digestNodes(count, prefix) }),
  }
  selfTest(hash)
  return hash
}

function windowsOf({ memory, input, inputBytes, lengths, output }: HashModule): Windows {
  return {
    input: new Uint8Array(memory.buffer, input.value, inputBytes.value),
    lengths: new Uint32Array(memory.buffer, lengths.value, inputBytes.value / blockBytes),
    output: new Uint8Array(memory.buffer, output.value, digestBytes),
  }
}

/** Leaves the digest of the parts joined in `output`. */
function createDigest(module: HashModule, { input }: Windows): (parts: readonly Uint8Array[]) => void {
  return parts => {
    let used = 0
    let windows = 0
    for (const part of parts) {
      if (part.length <= input.length - used) {
        input.set(part, used)
        used += part.length
        continue
      }
      for (let start = 0; start < part.length; ) {
        const piece = part.subarray(start, start + input.length - used)
        input.set(piece, used)
        start += piece.length
        used += piece.length
        if (used < input.length) continue
        module.absorb(windows)
        windows++
        used = 0
      }
    }
    module.digest(used, windows)
  }
}

function createMerkleRoot(
  module: HashModule,
  { input, lengths, output }: Windows,
  digest: (parts: readonly Uint8Array[]) => void,
): Crypto['merkleRoot'] {
  return leaves => {
    let used = 0
    let count = 0
    module.treeBegin()
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i]!
      const { length } = leaf
      const isLong = length > input.length - besideLeafBytes
      // The slot: as many whole blocks as it takes.
      const slotBytes = isLong ? 0 : (length + besideLeafBytes + blockBytes - 1) & -blockBytes
      if (isLong || used + slotBytes > input.length) {
        module.treeLeaves(count)
        used = 0
        count = 0
      }
      if (isLong) {
        digest([leafPrefix, leaf])
        module.treeHash()
        continue
      }
      lengths[count] = length
      input.set(leaf, used + leafPrefix.length)
      used += slotBytes
      count++
    }
    module.treeLeaves(count)
    module.treeRoot()
    return new Uint8Array(output)
  }
}

/** `run` puts so many digests in place of the messages of 64 bytes that stand in `input`. */
type Messages = {
  readonly messages: Uint8Array
  readonly digests: Uint8Array
  readonly run: (count: number) => void
}

function overWindows({ input }: Windows, { messages, digests, run }: Messages): void {
  assert(
    messages.length % blockBytes === 0 && 2 * digests.length === messages.length,
    'half as many bytes of digests as of messages',
  )
  for (let start = 0; start < messages.length; start += input.length) {
    const piece = messages.subarray(start, start + input.length)
    input.set(piece)
    run(piece.length / blockBytes)
    digests.set(input.subarray(0, piece.length / 2), start / 2)
  }
}

/** A known answer, and a tree that takes every path: one block and more, five at a time and alone, an odd last one. */
function selfTest({ sha256, merkleRoot, hashNodes }: WasmHash): void {
  const leaves = Array.from({ length: 11 }, (_, i) => new Uint8Array((37 * i) % 120).fill(i))
  const pairs = Uint8Array.from({ length: 6 * blockBytes }, (_, i) => 7 * i)
  const hashes = new Uint8Array(6 * digestBytes)
  hashNodes(1, pairs, hashes)
  const works =
    equals(sha256(sha256Known.message), sha256Known.digest) &&
    equals(merkleRoot(leaves), merkleRootBy(leaves, { sha256 })) &&
    [0, 5].every(i => {
      const node = sha256(Uint8Array.of(1), pairs.subarray(blockBytes * i, blockBytes * (i + 1)))
      return equals(node, hashes.subarray(digestBytes * i, digestBytes * (i + 1)))
    })
  if (!works) throw new Error('the WebAssembly hashes give wrong answers here')
}
