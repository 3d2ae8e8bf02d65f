// Crypto by the Wasm of assembly/, in the thread that asks. The modules come as base64 in JavaScript, which pages, workers
// and Node all load alike.

import { parseBase64 } from '../bytes.ts'
import type { Crypto, SignedMessage } from './crypto.ts'
import { badIndices, copyItems } from './items.ts'
import { ed25519Known, spoiled } from './known-answers.ts'
import { createWasmHash, type HashModule } from './wasm-hash.ts'

/** About ten milliseconds of work, between which the page stays alive. */
const chunkSize = 128

/** The host refused to compile: a page's policy without 'wasm-unsafe-eval', or no WebAssembly at all. */
export class WasmRefusedError extends Error {
  override readonly name = 'WasmRefusedError'
}

/** The ABI of assembly/index-ed25519.ts. */
type Ed25519Module = {
  readonly memory: WebAssembly.Memory
  readonly input: WebAssembly.Global
  readonly inputBytes: WebAssembly.Global
  readonly output: WebAssembly.Global
  readonly verify: (count: number) => void
  readonly verifyBegin: () => void
  readonly verifyUpdate: (length: number) => void
  readonly verifyEnd: () => void
}

/** The two windows through which bytes pass. The memory never grows, so they stay valid. */
type Windows = { readonly input: Uint8Array; readonly output: Uint8Array; readonly lengths: DataView }

const outputBytes = 4096
const signatureOffset = 32
const lengthOffset = 96
const messageOffset = 100

/**
 * Compiles the modules, checks known answers, and answers a Crypto. Rejects with WasmRefusedError where the host forbids
 * Wasm, and with another error where the modules cannot be loaded or answer wrongly.
 */
export async function createWasmCrypto(): Promise<Crypto> {
  const [hash, ed25519, { createVerifyP256 }] = await Promise.all([
    import('./hash-module.generated.ts').then(module => instantiate<HashModule>(module.base64)),
    import('./ed25519-module.generated.ts').then(module => instantiate<Ed25519Module>(module.base64)),
    import('./p256.ts'),
  ])
  const { sha256, merkleRoot } = createWasmHash(hash)
  const verify = createVerify(ed25519)
  selfTest(verify)
  return {
    name: 'wasm',
    sha256,
    merkleRoot,
    verifyEd25519: async (items, options) => badIndices({ items: copyItems(items), chunkSize, verify }, options),
    verifyP256: createVerifyP256(globalThis.crypto?.subtle ?? null),
    close: () => {},
  }
}

async function instantiate<Module>(base64: string): Promise<Module> {
  try {
    const { instance } = await WebAssembly.instantiate(parseBase64(base64) as Uint8Array<ArrayBuffer>)
    return instance.exports as Module
  } catch (cause) {
    throw new WasmRefusedError('this page or process does not allow WebAssembly', { cause })
  }
}

function windows(module: Ed25519Module): Windows {
  const input = new Uint8Array(module.memory.buffer, module.input.value, module.inputBytes.value)
  return {
    input,
    output: new Uint8Array(module.memory.buffer, module.output.value, outputBytes),
    lengths: new DataView(input.buffer, input.byteOffset, input.byteLength),
  }
}

function createVerify(module: Ed25519Module): (items: readonly SignedMessage[]) => boolean[] {
  const { input, output, lengths } = windows(module)
  return items => {
    const verdicts = items.map(() => false)
    let used = 0
    let queued: number[] = []
    const flush = (): void => {
      module.verify(queued.length)
      queued.forEach((index, i) => {
        verdicts[index] = output[i] === 1
      })
      used = 0
      queued = []
    }
    for (const [index, { publicKey, message, signature }] of items.entries()) {
      if (publicKey.length !== 32 || signature.length !== 64) continue
      const length = messageOffset + message.length
      if (used + length > input.length || queued.length === outputBytes) flush()
      if (length > input.length) {
        verdicts[index] = verifyLong(module, { publicKey, message, signature })
        continue
      }
      input.set(publicKey, used)
      input.set(signature, used + signatureOffset)
      lengths.setUint32(used + lengthOffset, message.length, true)
      input.set(message, used + messageOffset)
      used += length
      queued.push(index)
    }
    flush()
    return verdicts
  }
}

/** A message that does not fit the window goes through it a piece at a time. */
function verifyLong(module: Ed25519Module, { publicKey, message, signature }: SignedMessage): boolean {
  const { input, output } = windows(module)
  const place = (): void => {
    input.set(publicKey)
    input.set(signature, signatureOffset)
  }
  place()
  module.verifyBegin()
  feed(message, input, module.verifyUpdate)
  place()
  module.verifyEnd()
  return output[0] === 1
}

function feed(bytes: Uint8Array, input: Uint8Array, update: (length: number) => void): void {
  for (let start = 0; start < bytes.length; start += input.length) {
    const piece = bytes.subarray(start, start + input.length)
    input.set(piece)
    update(piece.length)
  }
}

/** A known signature, and that signature spoiled. */
function selfTest(verify: (items: readonly SignedMessage[]) => boolean[]): void {
  const works = verify([ed25519Known, ...spoiled(ed25519Known)]).join() === 'true,false,false,false'
  if (!works) throw new Error('the WebAssembly engine gives wrong answers here')
}
