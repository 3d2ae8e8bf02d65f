// The engine in hosts of all kinds: without fused multiplications, with one of V8's compilers alone, with little memory, and
// with an instance that fails. Verdicts are right in each, and the faster module is taken only where it is.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { base64 as fusedModule } from '../../sdk/src/crypto/ed25519-fma-module.generated.ts'
import { instantiate } from '../../sdk/src/crypto/instantiate.ts'
import { createWasmCrypto } from '../../sdk/src/crypto/wasm.ts'
import { createRandom, secretsFrom, signWith, spoilt } from '../ed25519-signing.ts'
import type { ChildReport } from '../engine-child.ts'
import { type Exports, unfusedSkip, watch } from '../signature-engines.ts'

const child = fileURLToPath(new URL('../engine-child.ts', import.meta.url))

async function runChild(...flags: readonly string[]): Promise<ChildReport> {
  const args = [...flags, '--conditions=source', '--disable-warning=ExperimentalWarning', child]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 100_000 })
  return JSON.parse(stdout)
}

test('a processor that says it fuses multiplications gets the faster module', { skip: noProcessorFlags() }, () => {
  assert.equal(unfusedSkip, false)
})

/** Other systems say elsewhere what their processors have. */
function noProcessorFlags(): string | false {
  if (process.arch === 'arm64') return false
  try {
    return / fma /.test(readFileSync('/proc/cpuinfo', 'utf8')) ? false : 'this processor does not say that it fuses'
  } catch {
    return 'this system does not say what its processor has'
  }
}

test('where multiplications are not fused the faster module, which would refuse good signatures, is not taken', async context => {
  const report = await runChild('--no-enable-fma3')
  if (report.fuses) return context.skip('this processor fuses multiplications whatever V8 is told')
  assert.deepEqual(report, {
    name: 'wasm-simd',
    fuses: false,
    right: [true, true],
    failures: [],
    // The known answers stand behind the probe.
    nameWithLyingProbe: 'wasm-simd',
    fusedModuleAccepts: false,
  } satisfies ChildReport)
})

for (const flag of ['--liftoff-only', '--no-liftoff']) {
  test(`both modules are right in one compiler alone (${flag})`, async () => {
    const { name, fuses, right, failures, fusedModuleAccepts } = await runChild(flag)
    assert.deepEqual({ right, failures }, { right: [true, true], failures: [] })
    assert.equal(name, fuses ? 'wasm' : 'wasm-simd')
    assert.equal(fusedModuleAccepts, fuses)
  })
}

test('an engine that gets no more memory gives its work to another, and verdicts stay right', async () => {
  const { memory } = await instantiate<Exports>(fusedModule)
  const pages = memory.buffer.byteLength / 65_536
  // The keys of 3,000 signatures need more than that.
  const { right, failures } = await runChild(`--wasm-max-mem-pages=${pages + 20}`)
  assert.deepEqual(right, [true, true])
  assert.deepEqual(failures, ['RuntimeError: unreachable'])
})

const random = createRandom('host')
const key = secretsFrom(random.scalar(), 1)[0]!
const items = secretsFrom(random.scalar(), 2500).map(commitment => signWith(key, commitment, random.bytes(50)))
const bad = [3, 1500, 2499]
for (const index of bad) items[index] = spoilt(items[index]!)

/** The self-test has three; the first turn takes fewer signatures than there are. */
for (const [when, failing] of [
  ['first', 4],
  ['second', 5],
] as const) {
  for (const call of ['push', 'choose', 'check']) {
    test(`an instance that stops in its ${when} turn, at ${call}, changes no verdict and is not asked again`, async context => {
      const checks = (calls: readonly string[]): number => calls.filter(each => each === 'check').length
      const watched = watch(context, createWasmCrypto, {
        before: (name, calls) => {
          const turn = checks(calls) + (name === 'check' ? 0 : 1)
          if (name === call && turn === failing) throw new WebAssembly.RuntimeError('out of memory')
        },
      })
      const crypto = await watched.opened
      const shares: number[] = []
      assert.deepEqual(await crypto.verifyEd25519(items, { onProgress: share => shares.push(share) }), bad)
      assert.equal(shares.at(-1), 1)
      assert.deepEqual(
        shares,
        shares.toSorted((left, right) => left - right),
      )
      assert.equal(watched.failures.length, 1)
      const asked = watched.calls.length
      assert.deepEqual(await crypto.verifyEd25519(items.slice(0, 20)), [3])
      assert.equal(watched.calls.length, asked)
      const reason = new Error('the reader left')
      await assert.rejects(crypto.verifyEd25519(items, { signal: AbortSignal.abort(reason) }), reason)
    })
  }
}

test('what a caller writes into its buffers while it is told the progress changes no verdict', async () => {
  const crypto = await createWasmCrypto()
  const own = items.map(({ publicKey, message, signature }) => ({
    publicKey: Uint8Array.from(publicKey),
    message: Uint8Array.from(message),
    signature: Uint8Array.from(signature),
  }))
  const onProgress = (): void => {
    for (const { publicKey, message, signature } of own)
      for (const bytes of [publicKey, message, signature]) bytes.fill(7)
  }
  assert.deepEqual(await crypto.verifyEd25519(own, { onProgress }), bad)
})
