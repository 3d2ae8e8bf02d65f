import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spawnCryptoWorker } from '../../../test/crypto-implementations.ts'
import { createFallbackCrypto } from './fallback.ts'
import { WasmRefusedError } from './instantiate.ts'
import { ed25519Known, p256Known, spoiled } from './known-answers.ts'
import { loadCrypto } from './load.ts'
import { createWasmCrypto } from './wasm.ts'

const items = [ed25519Known, ...spoiled(ed25519Known)]

test('one Crypto serves all who load it, until each has closed it', async () => {
  let closed = 0
  const spawn = (): ReturnType<typeof spawnCryptoWorker> => {
    const worker = spawnCryptoWorker()
    return Object.assign(worker, {
      terminate: () => {
        closed++
      },
    })
  }
  const [first, second] = await Promise.all([loadCrypto({ spawn }), loadCrypto({ spawn })])
  assert.equal(first.name, 'wasm-worker')
  const many = Array.from({ length: 300 }, () => ed25519Known)
  assert.deepEqual(await first.verifyEd25519(many), [])
  first.close()
  first.close()
  assert.equal(closed, 0)
  assert.deepEqual(await second.verifyEd25519(many), [])
  second.close()
  assert.equal(closed, 1)
  const third = await loadCrypto()
  assert.equal(third.name, 'wasm')
  third.close()
})

test('a page that forbids Wasm gets the same verdicts from noble', async context => {
  context.mock.method(WebAssembly, 'instantiate', () => Promise.reject(new WebAssembly.CompileError('unsafe-eval')))
  await assert.rejects(createWasmCrypto(), WasmRefusedError)
  const crypto = await loadCrypto()
  assert.equal(crypto.name, 'no-wasm')
  assert.deepEqual(await crypto.verifyEd25519(items), [1, 2, 3])
  crypto.close()
})

test('the fallback can be asked for', async () => {
  const crypto = await loadCrypto({ forceFallback: true })
  assert.equal(crypto.name, 'no-wasm')
  crypto.close()
})

test('an engine that accepts every signature, or hashes wrongly, is not used', async context => {
  const instantiate = WebAssembly.instantiate
  for (const broken of ['check', 'digest', 'treeLeaves']) {
    const mock = context.mock.method(WebAssembly, 'instantiate', async (bytes: Uint8Array<ArrayBuffer>) => {
      const { instance } = await instantiate(bytes)
      const { memory, output } = instance.exports as { memory: WebAssembly.Memory; output: WebAssembly.Global }
      const lie = (): void => {
        new Uint8Array(memory.buffer, output.value, 64).fill(1)
      }
      return { instance: { exports: { ...instance.exports, [broken]: lie } } }
    })
    await assert.rejects(createWasmCrypto(), /wrong answers/)
    const crypto = await loadCrypto()
    assert.equal(crypto.name, 'no-wasm')
    assert.deepEqual(await crypto.verifyEd25519(items), [1, 2, 3])
    crypto.close()
    mock.mock.restore()
  }
})

/** The host's WebCrypto with another `verify`. */
function subtleThat(verify: SubtleCrypto['verify']): SubtleCrypto {
  const { subtle } = globalThis.crypto
  return { importKey: subtle.importKey.bind(subtle), verify } as unknown as SubtleCrypto
}

const compressed = { ...p256Known, publicKey: Uint8Array.of(3, ...p256Known.publicKey.subarray(1, 33)) }

test('a WebCrypto that says yes to all, no to all or nothing at all decides no verdict', async () => {
  const hosts: readonly SubtleCrypto['verify'][] = [
    async () => true,
    async () => false,
    () => Promise.reject(new DOMException('no such algorithm', 'NotSupportedError')),
    (async () => 1) as unknown as SubtleCrypto['verify'],
  ]
  for (const verify of hosts) {
    const crypto = createFallbackCrypto({ subtle: subtleThat(verify) })
    assert.deepEqual(await crypto.verifyEd25519(items), [1, 2, 3])
    assert.deepEqual(await crypto.verifyP256([compressed, { ...compressed, message: new Uint8Array(1) }]), [1])
  }
})

test('a WebCrypto that fails after its known answers leaves the verdict to noble', async () => {
  const { subtle } = globalThis.crypto
  for (const failing of [async () => false, () => Promise.reject(new Error('gone'))]) {
    let calls = 0
    const verify: SubtleCrypto['verify'] = (...values) => (++calls <= 4 ? subtle.verify(...values) : failing())
    const crypto = createFallbackCrypto({ subtle: subtleThat(verify) })
    assert.deepEqual(await crypto.verifyEd25519(items), [1, 2, 3])
    assert.ok(calls > 4)
  }
})

test('WebCrypto is never asked about encodings on which hosts differ', async () => {
  const { subtle } = globalThis.crypto
  let calls = 0
  const verify: SubtleCrypto['verify'] = (...values) => {
    calls++
    return subtle.verify(...values)
  }
  const crypto = createFallbackCrypto({ subtle: subtleThat(verify) })
  await crypto.verifyEd25519([])
  await crypto.verifyEd25519([ed25519Known])
  assert.equal(calls, 5)
  const point = (first: number, rest: number, last: number): Uint8Array =>
    Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? first : i === 31 ? last : rest))
  const scalar = (last: number): Uint8Array => point(0, 0, last)
  const awkward: readonly Uint8Array[] = [
    point(0xed, 0xff, 0x7f), // y = p
    point(0xff, 0xff, 0xff), // y = 2^255 - 1
    point(0x01, 0, 0x80), // y = 1 and a sign, where x is 0
    point(0xec, 0xff, 0xff), // y = -1 and a sign
  ]
  const neutral = point(1, 0, 0)
  const asked = awkward.flatMap(bytes => [
    { publicKey: bytes, message: new Uint8Array(0), signature: Uint8Array.of(...neutral, ...scalar(0)) },
    { publicKey: neutral, message: new Uint8Array(0), signature: Uint8Array.of(...bytes, ...scalar(0)) },
    { publicKey: neutral, message: new Uint8Array(0), signature: Uint8Array.of(...neutral, ...scalar(0x20)) },
  ])
  const bad = await crypto.verifyEd25519(asked)
  assert.equal(calls, 5)
  const wasm = await createWasmCrypto()
  assert.deepEqual(bad, await wasm.verifyEd25519(asked))
})
