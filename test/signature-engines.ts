// Both modules that check signatures, asked directly: no turn is taken and no failure hidden in between.

import type { TestContext } from 'node:test'
import type { SignedMessage } from '../sdk/src/crypto/crypto.ts'
import { packItems } from '../sdk/src/crypto/packed.ts'
import { createSignatureEngine, type SignatureEngine } from '../sdk/src/crypto/wasm-ed25519.ts'
import { type Exports, unfusedSkip } from './engine-build.ts'

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

/** What an instance is called for, and what it threw. */
export type Watched = {
  readonly calls: string[]
  readonly failures: unknown[]
  /** Rejects where the engine fails its self-test. */
  readonly engine: Promise<SignatureEngine>
  readonly exports: () => Exports
}

/** Opens an engine whose calls are noted; `binary` is taken in place of its module. */
export function watch(context: TestContext, { open }: EngineChoice, binary?: Uint8Array): Watched {
  const calls: string[] = []
  const failures: unknown[] = []
  let opened: WebAssembly.Exports | undefined
  const noted = (name: string, value: WebAssembly.ExportValue): unknown => {
    if (typeof value !== 'function') return value
    return (...values: unknown[]) => {
      calls.push(name)
      try {
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
    // The probe and the other module are what they are.
    if (opened !== undefined || !WebAssembly.Module.exports(module).some(({ name }) => name === 'push'))
      return { instance }
    const taken = binary === undefined ? instance : (await instantiate(binary as Uint8Array<ArrayBuffer>)).instance
    opened = taken.exports
    const exports = Object.entries(opened).map(([name, value]) => [name, noted(name, value)])
    return { instance: { exports: Object.fromEntries(exports) } }
  })
  const engine = open().finally(() => mock.mock.restore())
  return { calls, failures, engine, exports: () => opened as Exports }
}

/** The indices of bad ones, the engine being given as many at once as it holds. */
export function badOf(engine: SignatureEngine, items: readonly SignedMessage[]): readonly number[] {
  const { count, bad } = engine.verifyItems(items, engine.signaturesMax)
  return [...bad, ...badOfPacked(engine, items.slice(count)).map(index => count + index)]
}

/** The same by the engine's other way in. */
export function badOfPacked(engine: SignatureEngine, items: readonly SignedMessage[]): readonly number[] {
  const packed = packItems(items)
  const bad: number[] = []
  let done = 0
  for (let offset = 0; offset < packed.length; ) {
    const verdicts = engine.verifyPacked(packed, offset, engine.signaturesMax)
    for (const index of verdicts.bad) bad.push(done + index)
    done += verdicts.count
    offset = verdicts.end
  }
  if (done !== items.length) throw new Error(`${done} signatures were judged and not ${items.length}`)
  return bad
}
