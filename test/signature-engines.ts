// Both modules that check signatures, asked directly: no turn is taken and no failure hidden in between.

import type { MockTracker } from 'node:test'
import type { SignedMessage } from '../sdk/src/crypto/crypto.ts'
import { instantiate, isValidModule } from '../sdk/src/crypto/instantiate.ts'
import { packItems } from '../sdk/src/crypto/packed.ts'
import { base64 as probe } from '../sdk/src/crypto/probe-module.generated.ts'
import { createSignatureEngine, type SignatureEngine } from '../sdk/src/crypto/wasm-ed25519.ts'

export type Exports = Readonly<Record<string, (...values: number[]) => number>> & {
  readonly memory: WebAssembly.Memory
}

/** For node:test's `skip` option: false, or the reason. Modules of fused multiplications answer wrongly where nothing fuses. */
export const unfusedSkip: string | false = (await fuses())
  ? false
  : 'this processor or engine does not fuse multiplications'

/** What the engine asks too. */
async function fuses(): Promise<boolean> {
  if (!isValidModule(probe)) return false
  const { multiplyAdd } = await instantiate<Exports>(probe)
  return multiplyAdd!(1 + 2 ** -30, 1 - 2 ** -30, -1) === -(2 ** -60)
}

export type EngineChoice = {
  readonly name: 'wasm' | 'wasm-simd'
  readonly skip: string | false
  readonly open: () => Promise<SignatureEngine>
}

export const engineChoices: readonly EngineChoice[] = [
  { name: 'wasm', skip: unfusedSkip, open: () => openNamed('wasm') },
  { name: 'wasm-simd', skip: false, open: () => openNamed('wasm-simd') },
]

/** Throws where another engine was chosen: the first one's self-test had failed. */
async function openNamed(name: EngineChoice['name']): Promise<SignatureEngine> {
  const engine = await createSignatureEngine({ relaxedSimd: name === 'wasm' })
  if (engine.name !== name) throw new Error(`the engine is ${engine.name} and not ${name}`)
  return engine
}

/** What the instance of an engine is called for and what it threw, while something that has an engine is used. */
export type Watched<Opened> = {
  readonly calls: string[]
  readonly failures: unknown[]
  /** Rejects where it cannot be opened. */
  readonly opened: Promise<Opened>
  readonly exports: () => Exports
}

export type WatchOptions = {
  /** A module in place of the one that would be taken. */
  readonly binary?: Uint8Array
  /** Called before each call of the instance; what it throws the call throws. */
  readonly before?: (name: string, calls: readonly string[]) => void
}

/** Opens what has an engine, and notes what is asked of its instance. */
export function watch<Opened>(
  context: { readonly mock: MockTracker },
  open: () => Promise<Opened>,
  { binary, before }: WatchOptions = {},
): Watched<Opened> {
  const calls: string[] = []
  const failures: unknown[] = []
  let found: WebAssembly.Exports | undefined
  const noted = (name: string, value: WebAssembly.ExportValue): unknown => {
    if (typeof value !== 'function') return value
    return (...values: unknown[]) => {
      calls.push(name)
      try {
        before?.(name, calls)
        return value(...values)
      } catch (error) {
        failures.push(error)
        throw error
      }
    }
  }
  const { instantiate } = WebAssembly
  const mock = context.mock.method(WebAssembly, 'instantiate', async (bytes: Uint8Array<ArrayBuffer>) => {
    const { module, instance } = await instantiate(bytes)
    // The probe, the hashes and a second engine are what they are.
    const isEngine = WebAssembly.Module.exports(module).some(({ name }) => name === 'push')
    if (!isEngine || found !== undefined) return { instance }
    const taken = binary === undefined ? instance : (await instantiate(binary as Uint8Array<ArrayBuffer>)).instance
    found = taken.exports
    const exports = Object.entries(found).map(([name, value]) => [name, noted(name, value)])
    return { instance: { exports: Object.fromEntries(exports) } }
  })
  const opened = open().finally(() => mock.mock.restore())
  return { calls, failures, opened, exports: () => found as Exports }
}

/** The indices of bad ones, the engine being given as many at once as it holds. */
export function badOf(engine: SignatureEngine, items: readonly SignedMessage[]): readonly number[] {
  const { count, bad } = engine.verifyItems(items, engine.signaturesMax)
  return [...bad, ...badOfPacked(engine, items.slice(count)).map(index => count + index)]
}

/** The same by the engine's other way in. */
export function badOfPacked(engine: SignatureEngine, items: readonly SignedMessage[]): readonly number[] {
  const windows = packItems(items)
  const bad: number[] = []
  let done = 0
  for (let next = 0; next < windows.length; ) {
    const verdicts = engine.verifyWindows(windows, next, engine.signaturesMax)
    for (const index of verdicts.bad) bad.push(done + index)
    done += verdicts.count
    next = verdicts.end
  }
  if (done !== items.length) throw new Error(`${done} signatures were judged and not ${items.length}`)
  return bad
}
