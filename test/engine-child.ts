// What a process of its own, started with flags for V8, makes of signatures; it writes one line of JSON. For tests of what
// cannot be had in the process that runs them: no fused multiplications, one of the two compilers alone, little memory.

import { mock } from 'node:test'
import { base64 as fusedModule } from '../sdk/src/crypto/ed25519-fma-module.generated.ts'
import { instantiate } from '../sdk/src/crypto/instantiate.ts'
import { ed25519Known } from '../sdk/src/crypto/known-answers.ts'
import { createWasmCrypto } from '../sdk/src/crypto/wasm.ts'
import { createSignatureEngine } from '../sdk/src/crypto/wasm-ed25519.ts'
import { createRandom, secretsFrom, signWith, spoilt } from './ed25519-signing.ts'
import { type Exports, unfusedSkip, watch } from './signature-engines.ts'

export type ChildReport = {
  readonly name: string
  readonly fuses: boolean
  /** Whether the verdicts were right, and again after that. */
  readonly right: readonly boolean[]
  /** What the instance threw. */
  readonly failures: readonly string[]
  /** The engine that would be taken if the probe always said that multiplications are fused. */
  readonly nameWithLyingProbe: string
  /** What the module with relaxed operations says of a good signature, asked without a probe or a self-test. */
  readonly fusedModuleAccepts: boolean
}

const count = 3000
const random = createRandom('child')
const keys = secretsFrom(random.scalar(), count)
const commitments = secretsFrom(random.scalar(), count)
const items = keys.map((key, i) => signWith(key, commitments[i]!, random.bytes(100)))
const bad = [0, 1000, count - 1]
for (const index of bad) items[index] = spoilt(items[index]!)

/** As the host does it, but for what it does to be sure. */
async function askFusedModule(): Promise<boolean> {
  const exports = await instantiate<Exports>(fusedModule)
  const at = (name: string): number => (exports[name] as unknown as WebAssembly.Global).value
  exports.start!()
  const { publicKey, signature, message } = ed25519Known
  const input = Uint8Array.of(message.length, 0, 0, 0, ...publicKey, ...signature, ...message)
  new Uint8Array(exports.memory.buffer).set(input, at('input'))
  exports.push!(1)
  exports.choose!()
  exports.check!()
  return new Uint8Array(exports.memory.buffer)[at('output')] === 1
}

async function openWithLyingProbe(): Promise<string> {
  const { instantiate: real } = WebAssembly
  const mocked = mock.method(WebAssembly, 'instantiate', async (bytes: Uint8Array<ArrayBuffer>) => {
    const { instance } = await real(bytes)
    if (!('multiplyAdd' in instance.exports)) return { instance }
    return { instance: { exports: { multiplyAdd: () => -(2 ** -60) } } }
  })
  const { name } = await createSignatureEngine()
  mocked.mock.restore()
  return name
}

const watched = watch({ mock }, createWasmCrypto)
const crypto = await watched.opened
const right: boolean[] = []
for (let times = 0; times < 2; times++) right.push(String(await crypto.verifyEd25519(items)) === String(bad))
const report: ChildReport = {
  name: crypto.name,
  fuses: unfusedSkip === false,
  right,
  failures: watched.failures.map(String),
  nameWithLyingProbe: await openWithLyingProbe(),
  fusedModuleAccepts: await askFusedModule(),
}
process.stdout.write(JSON.stringify(report))
