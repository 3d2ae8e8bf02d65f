// The host's half of assembly/hash: SHA-256 and the trees of RFC 6962 by Wasm.

import { empty, equals, parseHex } from '../bytes.ts'
import type { Crypto } from './crypto.ts'
import { sha256Known } from './known-answers.ts'

/** The ABI of assembly/hash/index.ts. */
export type HashModule = {
  readonly memory: WebAssembly.Memory
  readonly input: WebAssembly.Global
  readonly inputBytes: WebAssembly.Global
  readonly output: WebAssembly.Global
  readonly hashBegin: () => void
  readonly hashUpdate: (length: number) => void
  readonly hashEnd: () => void
  readonly treeBegin: () => void
  readonly treeLeaves: (count: number) => void
  readonly leafBegin: () => void
  readonly leafEnd: () => void
  readonly treeRoot: () => void
}

export type WasmHash = Pick<Crypto, 'sha256' | 'merkleRoot'>

/** The two windows through which bytes pass. The memory never grows, so they stay valid. */
type Windows = { readonly input: Uint8Array; readonly output: Uint8Array; readonly lengths: DataView }

const digestBytes = 32

/** The hashes of an instance, which has given known answers; throws where it gives others. */
export function createWasmHash(module: HashModule): WasmHash {
  const hash = { sha256: createSha256(module), merkleRoot: createMerkleRoot(module) }
  selfTest(hash)
  return hash
}

function windows(module: HashModule): Windows {
  const input = new Uint8Array(module.memory.buffer, module.input.value, module.inputBytes.value)
  return {
    input,
    output: new Uint8Array(module.memory.buffer, module.output.value, digestBytes),
    lengths: new DataView(input.buffer, input.byteOffset, input.byteLength),
  }
}

function createSha256(module: HashModule): Crypto['sha256'] {
  const { input, output } = windows(module)
  return (...parts) => {
    module.hashBegin()
    for (const part of parts) feed(part, input, module.hashUpdate)
    module.hashEnd()
    return output.slice()
  }
}

function createMerkleRoot(module: HashModule): Crypto['merkleRoot'] {
  const { input, output, lengths } = windows(module)
  return leaves => {
    module.treeBegin()
    let used = 0
    let count = 0
    const flush = (): void => {
      module.treeLeaves(count)
      used = 0
      count = 0
    }
    for (const leaf of leaves) {
      if (used + 4 + leaf.length > input.length) flush()
      if (4 + leaf.length > input.length) {
        module.leafBegin()
        feed(leaf, input, module.hashUpdate)
        module.leafEnd()
        continue
      }
      lengths.setUint32(used, leaf.length, true)
      input.set(leaf, used + 4)
      used += 4 + leaf.length
      count++
    }
    flush()
    module.treeRoot()
    return output.slice()
  }
}

function feed(bytes: Uint8Array, input: Uint8Array, update: (length: number) => void): void {
  for (let start = 0; start < bytes.length; start += input.length) {
    const piece = bytes.subarray(start, start + input.length)
    input.set(piece)
    update(piece.length)
  }
}

/** Known answers, the root of two empty leaves among them. */
function selfTest({ sha256, merkleRoot }: WasmHash): void {
  const leaf = sha256(parseHex('00'))
  const root = sha256(parseHex('01'), leaf, leaf)
  const works = equals(sha256(sha256Known.message), sha256Known.digest) && equals(merkleRoot([empty, empty]), root)
  if (!works) throw new Error('the WebAssembly hashes give wrong answers here')
}
