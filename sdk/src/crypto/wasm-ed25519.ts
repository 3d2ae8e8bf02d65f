// The host's half of assembly/ed25519: signatures by Wasm, an instance at a time.

import type { SignedMessage } from './crypto.ts'
import { instantiate, isValidModule } from './instantiate.ts'
import { ed25519Known, spoiled } from './known-answers.ts'
import { endOfItem, messageOffset, packItem, packItems, touchedAhead, touchItems } from './packed.ts'

/** The ABI of assembly/ed25519/index.ts. */
type Ed25519Module = {
  readonly memory: WebAssembly.Memory
  readonly input: WebAssembly.Global
  readonly inputBytes: WebAssembly.Global
  readonly output: WebAssembly.Global
  readonly random: WebAssembly.Global
  readonly randomBytes: WebAssembly.Global
  readonly seed: WebAssembly.Global
  readonly signaturesMax: WebAssembly.Global
  readonly start: () => void
  readonly push: (count: number) => void
  readonly pushBegin: () => void
  readonly pushUpdate: (length: number) => void
  readonly pushEnd: () => void
  readonly choose: () => number
  readonly check: () => void
}

/** The verdicts on `count` signatures; for packed ones also where the next begins. */
export type Verdicts = {
  readonly count: number
  /** Which of them are bad, counted from the first, in ascending order. */
  readonly bad: readonly number[]
}

export type SignatureEngine = {
  /** 'wasm' with fused multiplications, 'wasm-simd' without. */
  readonly name: string
  readonly signaturesMax: number
  /** Judges the first of the items, at most `most`. Throws where the instance has failed, for good. */
  readonly verifyItems: (items: readonly SignedMessage[], most: number) => Verdicts
  /** Judges packed signatures (packed.ts) from `start` on, at most `most` of them. Throws as above. */
  readonly verifyPacked: (packed: Uint8Array, start: number, most: number) => Verdicts & { readonly end: number }
}

/** The most that getRandomValues gives at once (Web Cryptography, 10.1.1). */
const randomQuota = 65_536
const seedBytes = 32

export type EngineOptions = {
  /** False: never the module with relaxed operations, even where it works. */
  readonly relaxedSimd?: boolean
}

/**
 * The faster module where the engine has relaxed SIMD and the processor fuses multiplications, else the other. Rejects where
 * neither compiles or both give wrong answers.
 */
export async function createSignatureEngine({ relaxedSimd = true }: EngineOptions = {}): Promise<SignatureEngine> {
  if (relaxedSimd && (await fusesMultiplications())) {
    const fused = await import('./ed25519-fma-module.generated.ts')
      .then(({ base64 }) => open(base64, 'wasm'))
      .catch(() => undefined)
    if (fused !== undefined) return fused
  }
  const { base64 } = await import('./ed25519-simd-module.generated.ts')
  return open(base64, 'wasm-simd')
}

/**
 * Whether relaxed_madd exists here and rounds once. Engines may round twice where the processor has no such instruction
 * (WebAssembly, relaxed SIMD), and then the faster module would reject good signatures.
 */
async function fusesMultiplications(): Promise<boolean> {
  const { base64 } = await import('./probe-module.generated.ts')
  if (!isValidModule(base64)) return false
  const { multiplyAdd } = await instantiate<{ multiplyAdd: (a: number, b: number, c: number) => number }>(base64)
  return multiplyAdd(1 + 2 ** -30, 1 - 2 ** -30, -1) === -(2 ** -60)
}

async function open(base64: string, name: string): Promise<SignatureEngine> {
  const engine = createEngine(await instantiate<Ed25519Module>(base64), name)
  selfTest(engine)
  return engine
}

/** The memory grows, and then views of it are empty: they are made when they are needed. */
function bytesAt(module: Ed25519Module, global: WebAssembly.Global, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(module.memory.buffer as ArrayBuffer, global.value, length)
}

/** Ways to push signatures, a part of them at a time: both say how many that was. */
type Push = {
  readonly pushPacked: (
    packed: Uint8Array,
    start: number,
    most: number,
  ) => { readonly end: number; readonly count: number }
  readonly pushItems: (items: readonly SignedMessage[], start: number, most: number) => number
}

function createPush(module: Ed25519Module): Push {
  const inputBytes: number = module.inputBytes.value
  let kept = bytesAt(module, module.input, inputBytes)
  const input = (): Uint8Array<ArrayBuffer> => {
    if (kept.length === 0) kept = bytesAt(module, module.input, inputBytes)
    return kept
  }

  /** Pushes packed signatures as far as they fit into `input`, or one that does not; answers where they end. */
  function pushPacked(
    packed: Uint8Array,
    start: number,
    most: number,
  ): { readonly end: number; readonly count: number } {
    let end = start
    let count = 0
    while (count < most && end < packed.length) {
      const next = endOfItem(packed, end)
      if (next - start > inputBytes) break
      end = next
      count++
    }
    if (count === 0) return { end: pushLong(packed, start), count: 1 }
    input().set(packed.subarray(start, end))
    module.push(count)
    return { end, count }
  }

  /** Pushes items from `start` on in the same way; answers their number. */
  function pushItems(items: readonly SignedMessage[], start: number, most: number): number {
    let offset = 0
    let count = 0
    for (; count < most; count++) {
      const item = items[start + count]!
      if (offset + messageOffset + item.message.length > inputBytes) break
      offset = packItem(item, input(), offset)
    }
    if (count > 0) module.push(count)
    else pushLong(packItems(items, start, start + 1), 0)
    return Math.max(count, 1)
  }

  /** Pushes a signature whose message is longer than `input`, a piece at a time; answers where it ends. */
  function pushLong(packed: Uint8Array, start: number): number {
    const end = endOfItem(packed, start)
    input().set(packed.subarray(start, start + messageOffset))
    module.pushBegin()
    for (let offset = start + messageOffset; offset < end; offset += inputBytes) {
      const piece = packed.subarray(offset, Math.min(end, offset + inputBytes))
      input().set(piece)
      module.pushUpdate(piece.length)
    }
    module.pushEnd()
    return end
  }

  return { pushPacked, pushItems }
}

function createEngine(module: Ed25519Module, name: string): SignatureEngine {
  const signaturesMax: number = module.signaturesMax.value
  const seed = globalThis.crypto.getRandomValues(bytesAt(module, module.seed, seedBytes))
  // Odd factors, so that no key's hash loses bits.
  for (let i = 0; i < seedBytes; i += 8) seed[i]! |= 1
  module.start()
  const { pushPacked, pushItems } = createPush(module)

  /** Judges the `count` that were pushed. */
  function judge(count: number): Verdicts {
    // Only now that the signatures are fixed: who knew the random factors could make bad ones that cancel out.
    const random = bytesAt(module, module.random, module.choose() * module.randomBytes.value)
    for (let start = 0; start < random.length; start += randomQuota) {
      globalThis.crypto.getRandomValues(random.subarray(start, start + randomQuota))
    }
    module.check()
    const bad: number[] = []
    const good = bytesAt(module, module.output, count)
    for (let i = 0; i < count; i++) if (good[i] !== 1) bad.push(i)
    return { count, bad }
  }

  return {
    name,
    signaturesMax,
    verifyItems: (items, most) => {
      const limit = Math.min(most, signaturesMax, items.length)
      let count = 0
      for (let start = 0; start < limit; start += touchedAhead) {
        const end = Math.min(start + touchedAhead, limit)
        touchItems(items, start, end)
        while (count < end) count += pushItems(items, count, end - count)
      }
      return judge(count)
    },
    verifyPacked: (packed, start, most) => {
      const limit = Math.min(most, signaturesMax)
      let count = 0
      let end = start
      while (count < limit && end < packed.length) {
        const pushed = pushPacked(packed, end, limit - count)
        end = pushed.end
        count += pushed.count
      }
      return { ...judge(count), end }
    },
  }
}

/** Known answers, one at a time and as a batch: an engine that says "yes" to all must not be believed. */
function selfTest(engine: SignatureEngine): void {
  const known = [ed25519Known, ...spoiled(ed25519Known)]
  const few = engine.verifyItems(known, known.length)
  const many = engine.verifyPacked(packItems([...known, ...known, ...known]), 0, 3 * known.length)
  const good = engine.verifyItems(
    Array.from({ length: 9 }, () => ed25519Known),
    9,
  )
  const answers = [few, many, good].map(({ bad }) => bad.join(' ')).join(', ')
  if (answers !== '1 2 3, 1 2 3 5 6 7 9 10 11, ') throw new Error('the WebAssembly engine gives wrong answers here')
}
