// The host's half of assembly/ed25519: signatures by Wasm, an instance at a time.

import type { SignedMessage } from './crypto.ts'
import { instantiate, isValidModule } from './instantiate.ts'
import { ed25519Known, spoiled } from './known-answers.ts'
import { measureWindow, messageOffset, packItems, packWindow, type Window, windowBytes } from './packed.ts'

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

/** The verdicts on `count` signatures. */
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
  /** Judges windows from `start` on, those that have at most `most` signatures together, but one at least. Throws as above. */
  readonly verifyWindows: (
    windows: readonly Window[],
    start: number,
    most: number,
  ) => Verdicts & { readonly end: number }
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

/** Ways to push signatures through `input`. */
type Push = {
  readonly pushWindow: (window: Window) => void
  /** Pushes items from `start` on as far as they fit; answers where they end. */
  readonly pushItems: (items: readonly SignedMessage[], start: number, end: number) => number
}

function createPush(module: Ed25519Module): Push {
  let kept = bytesAt(module, module.input, windowBytes)
  const input = (): Uint8Array<ArrayBuffer> => {
    if (kept.length === 0) kept = bytesAt(module, module.input, windowBytes)
    return kept
  }

  /** A signature whose message is longer than a window, a piece at a time. */
  function pushLong(bytes: Uint8Array): void {
    input().set(bytes.subarray(0, messageOffset))
    module.pushBegin()
    for (let offset = messageOffset; offset < bytes.length; offset += windowBytes) {
      const piece = bytes.subarray(offset, offset + windowBytes)
      input().set(piece)
      module.pushUpdate(piece.length)
    }
    module.pushEnd()
  }

  return {
    pushWindow: ({ bytes, count }) => {
      if (bytes.length > windowBytes) return pushLong(bytes)
      input().set(bytes)
      module.push(count)
    },
    pushItems: (items, start, most) => {
      const { end, size } = measureWindow(items, start, most)
      if (size > windowBytes) pushLong(packItems(items, start, end)[0]!.bytes)
      else {
        packWindow(items, start, { bytes: input(), end })
        module.push(end - start)
      }
      return end
    },
  }
}

function createEngine(module: Ed25519Module, name: string): SignatureEngine {
  const signaturesMax: number = module.signaturesMax.value
  const seed = globalThis.crypto.getRandomValues(bytesAt(module, module.seed, seedBytes))
  // Odd factors, so that no key's hash loses bits.
  for (let i = 0; i < seedBytes; i += 8) seed[i]! |= 1
  module.start()
  if (module.inputBytes.value < windowBytes) throw new Error('the module takes less than a window')
  const { pushWindow, pushItems } = createPush(module)

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
      const end = Math.min(most, signaturesMax, items.length)
      for (let start = 0; start < end; ) start = pushItems(items, start, end)
      return judge(end)
    },
    verifyWindows: (windows, start, most) => {
      const limit = Math.min(most, signaturesMax)
      let count = 0
      let end = start
      do {
        pushWindow(windows[end]!)
        count += windows[end]!.count
        end++
      } while (end < windows.length && count + windows[end]!.count <= limit)
      return { ...judge(count), end }
    },
  }
}

/** Known answers, one at a time and as a batch: an engine that says "yes" to all must not be believed. */
function selfTest(engine: SignatureEngine): void {
  const known = [ed25519Known, ...spoiled(ed25519Known)]
  const few = engine.verifyItems(known, known.length)
  const many = engine.verifyWindows(packItems([...known, ...known, ...known]), 0, 3 * known.length)
  const good = engine.verifyItems(
    Array.from({ length: 9 }, () => ed25519Known),
    9,
  )
  const answers = [few, many, good].map(({ bad }) => bad.join(' ')).join(', ')
  if (answers !== '1 2 3, 1 2 3 5 6 7 9 10 11, ') throw new Error('the WebAssembly engine gives wrong answers here')
}
