// The host's half of assembly/ed25519: signatures by Wasm, an instance at a time.

import { instantiate, isValidModule } from './instantiate.ts'
import { ed25519Known, spoiled } from './known-answers.ts'
import { endOfItem, messageOffset, packItems } from './packed.ts'

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

/** The verdicts on signatures that stand one after another. */
export type Judged = {
  readonly count: number
  /** Which of them are bad, counted from the first, in ascending order. */
  readonly bad: readonly number[]
  /** Where the next one begins. */
  readonly end: number
}

export type SignatureEngine = {
  /** 'wasm' with fused multiplications, 'wasm-simd' without. */
  readonly name: string
  readonly signaturesMax: number
  /** Judges packed signatures from `start` on, at most `most` of them. Throws where the instance has failed, for good. */
  readonly verify: (packed: Uint8Array, start: number, most: number) => Judged
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

function createEngine(module: Ed25519Module, name: string): SignatureEngine {
  // The memory grows, and then views of it are empty: they are made when they are needed.
  const bytesAt = (global: WebAssembly.Global, length: number): Uint8Array<ArrayBuffer> =>
    new Uint8Array(module.memory.buffer as ArrayBuffer, global.value, length)
  const inputBytes: number = module.inputBytes.value
  const signaturesMax: number = module.signaturesMax.value
  const seed = globalThis.crypto.getRandomValues(bytesAt(module.seed, seedBytes))
  // Odd factors, so that no key's hash loses bits.
  for (let i = 0; i < seedBytes; i += 8) seed[i]! |= 1
  module.start()

  /** Pushes what fits into `input` and answers where it ends. */
  function pushWindow(
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
    bytesAt(module.input, inputBytes).set(packed.subarray(start, end))
    module.push(count)
    return { end, count }
  }

  /** Pushes a signature whose message is longer than `input`, a piece at a time; answers where it ends. */
  function pushLong(packed: Uint8Array, start: number): number {
    const end = endOfItem(packed, start)
    bytesAt(module.input, inputBytes).set(packed.subarray(start, start + messageOffset))
    module.pushBegin()
    for (let offset = start + messageOffset; offset < end; offset += inputBytes) {
      const piece = packed.subarray(offset, Math.min(end, offset + inputBytes))
      bytesAt(module.input, inputBytes).set(piece)
      module.pushUpdate(piece.length)
    }
    module.pushEnd()
    return end
  }

  function fillRandom(count: number): void {
    const random = bytesAt(module.random, count * module.randomBytes.value)
    for (let start = 0; start < random.length; start += randomQuota) {
      globalThis.crypto.getRandomValues(random.subarray(start, start + randomQuota))
    }
  }

  return {
    name,
    signaturesMax,
    verify: (packed, start, most) => {
      let count = 0
      let end = start
      const limit = Math.min(most, signaturesMax)
      while (count < limit && end < packed.length) {
        const pushed = pushWindow(packed, end, limit - count)
        end = pushed.count > 0 ? pushed.end : pushLong(packed, end)
        count += Math.max(1, pushed.count)
      }
      // Only now that the signatures are fixed: who knew the random factors could make bad ones that cancel out.
      fillRandom(module.choose())
      module.check()
      const bad: number[] = []
      const good = bytesAt(module.output, count)
      for (let i = 0; i < count; i++) if (good[i] !== 1) bad.push(i)
      return { count, bad, end }
    },
  }
}

/** Known answers, one at a time and as a batch: an engine that says "yes" to all must not be believed. */
function selfTest(engine: SignatureEngine): void {
  const known = [ed25519Known, ...spoiled(ed25519Known)]
  const packed = packItems([...known, ...known, ...known])
  const few = engine.verify(packed, 0, known.length)
  const many = engine.verify(packed, 0, 3 * known.length)
  const good = engine.verify(packItems(Array.from({ length: 9 }, () => ed25519Known)), 0, 9)
  const answers = [few, many, good].map(({ bad }) => bad.join(' ')).join(', ')
  if (answers !== '1 2 3, 1 2 3 5 6 7 9 10 11, ') throw new Error('the WebAssembly engine gives wrong answers here')
}
