import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker as NodeWorker } from 'node:worker_threads'
import fc from 'fast-check'
import { spawnCryptoWorker } from '../../../test/crypto-implementations.ts'
import type { Crypto, SignedMessage } from './crypto.ts'
import { createFallbackCrypto } from './fallback.ts'
import { packItems, unpackItems } from './packed.ts'
import { createWasmCrypto } from './wasm.ts'
import { createWorkerCrypto, type WorkerCryptoOptions } from './worker-crypto.ts'
import type { WorkAnswer, WorkRequest } from './worker-messages.ts'
import type { WorkerLike } from './worker-pool.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const rawKey = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url'))
const message = new TextEncoder().encode('text')
const signature = new Uint8Array(sign(null, message, privateKey))
const good: SignedMessage = { publicKey: rawKey, message, signature }
const spoilt: SignedMessage = { ...good, message: rawKey }

/** Three chunks for one worker, with a bad signature in the first and in the last. */
const items = Array.from({ length: 17_000 }, (_, i) => (i === 3 || i === 16_999 ? spoilt : good))
const bad = [3, 16_999]
const chunkCount = 5_667

type Listener = (event: { readonly data?: unknown }) => void

/** A worker as a browser has it, that does what the test says with each request. */
function fakeWorker(act: (request: WorkRequest, worker: ReturnType<typeof fakeWorker>) => void) {
  const listeners = new Map<string, Listener>()
  const worker = {
    terminated: 0,
    addEventListener: (type: string, listener: Listener) => void listeners.set(type, listener),
    postMessage: (request: unknown) => queueMicrotask(() => act(request as WorkRequest, worker)),
    terminate: () => void worker.terminated++,
    answer: (data: unknown) => listeners.get('message')!({ data }),
    fire: (type: string) => listeners.get(type)!({}),
  }
  return worker
}

/** The honest answer to a request. */
async function answerOf({ id, windows }: WorkRequest): Promise<WorkAnswer> {
  const asked = unpackItems(windows)
  return { id, count: asked.length, bad: await (await createWasmCrypto()).verifyEd25519(asked) }
}

async function open(options: Partial<WorkerCryptoOptions> & { readonly spawn: () => WorkerLike }): Promise<Crypto> {
  return createWorkerCrypto({ inThread: await createWasmCrypto(), ...options })
}

const faults: Readonly<Record<string, (request: WorkRequest, worker: ReturnType<typeof fakeWorker>) => void>> = {
  'fails to start': (_, worker) => worker.fire('error'),
  'sends what cannot be read': (_, worker) => worker.fire('messageerror'),
  'answers with an error': ({ id }, worker) => worker.answer({ id, error: 'out of memory' }),
  'answers another question': ({ id }, worker) => worker.answer({ id: id + 1, count: chunkCount, bad: [] }),
  'checked fewer than it was given': ({ id }, worker) => worker.answer({ id, count: 1, bad: [] }),
  'names an index beyond the chunk': ({ id }, worker) => worker.answer({ id, count: chunkCount, bad: [chunkCount] }),
  'answers with nothing': (_, worker) => worker.answer(undefined),
  'answers with a word': ({ id }, worker) => worker.answer({ id, count: chunkCount, bad: 'none' }),
  'never answers': () => {},
}

for (const [fault, act] of Object.entries(faults)) {
  test(`a worker that ${fault} is given up, and the verdict is the same`, async () => {
    const spawned: ReturnType<typeof fakeWorker>[] = []
    const spawn = (): WorkerLike => {
      const worker = fakeWorker(act)
      spawned.push(worker)
      return worker
    }
    const crypto = await open({ spawn, size: 2, timeoutMs: 30 })
    assert.deepEqual(await crypto.verifyEd25519(items), bad)
    assert.deepEqual(await crypto.verifyEd25519(items), bad)
    assert.equal(spawned.length, 2)
    assert.deepEqual(
      spawned.map(worker => worker.terminated),
      [1, 1],
    )
    crypto.close()
  })
}

test('a host that can spawn no worker gets its verdict from the thread', async () => {
  let asked = 0
  const spawn = (): WorkerLike => {
    asked++
    throw new Error('worker-src')
  }
  const crypto = await open({ spawn, size: 3 })
  assert.deepEqual(await crypto.verifyEd25519(items), bad)
  assert.deepEqual(await crypto.verifyEd25519(items), bad)
  assert.equal(asked, 3)
})

test('a worker that dies at its second chunk loses none', async () => {
  let chunks = 0
  const spawn = (): WorkerLike =>
    fakeWorker((request, worker) => {
      if (++chunks === 2) worker.fire('error')
      else void answerOf(request).then(worker.answer)
    })
  const crypto = await open({ spawn })
  assert.deepEqual(await crypto.verifyEd25519(items), bad)
  assert.equal(chunks, 2)
})

test('an answer that comes after its worker was given up changes nothing', async () => {
  const spawn = (): WorkerLike =>
    fakeWorker(({ id }, worker) => {
      worker.fire('error')
      worker.answer({ id, count: chunkCount, bad: [] })
    })
  const crypto = await open({ spawn })
  assert.deepEqual(await crypto.verifyEd25519(items), bad)
})

test('no worker is spawned for a few signatures, nor more than were asked for', async () => {
  let spawned = 0
  const spawn = (): WorkerLike => {
    spawned++
    return fakeWorker((request, worker) => void answerOf(request).then(worker.answer))
  }
  const crypto = await open({ spawn, size: 2 })
  assert.deepEqual(await crypto.verifyEd25519(items.slice(0, 255)), [3])
  assert.equal(spawned, 0)
  assert.deepEqual(await crypto.verifyEd25519([...items, ...items]), [3, 16_999, 17_003, 33_999])
  assert.equal(spawned, 2)
  crypto.close()
})

test('after an abort no further chunk is given to a worker', async () => {
  let chunks = 0
  const controller = new AbortController()
  const spawn = (): WorkerLike =>
    fakeWorker((request, worker) => {
      chunks++
      controller.abort()
      void answerOf(request).then(worker.answer)
    })
  const crypto = await open({ spawn })
  await assert.rejects(crypto.verifyEd25519(items, { signal: controller.signal }), { name: 'AbortError' })
  for (let i = 0; i < 200; i++) await turn()
  assert.equal(chunks, 1)
  assert.deepEqual(await crypto.verifyEd25519(items), bad)
})

test('closing terminates the workers, and what was under way is still answered', async () => {
  const worker = fakeWorker(() => {})
  const crypto = await open({ spawn: () => worker })
  const answers = crypto.verifyEd25519(items)
  await turn()
  crypto.close()
  assert.equal(worker.terminated, 1)
  assert.deepEqual(await answers, bad)
})

test("a thread of Node that is killed at work, or isn't our worker at all, changes no verdict", async () => {
  let killed: WorkerLike | undefined
  const spawns: readonly (() => WorkerLike)[] = [
    () => {
      killed = spawnCryptoWorker()
      return killed
    },
    () => new NodeWorker('process.exit(1)', { eval: true }),
    () => new NodeWorker('throw new Error("no")', { eval: true }),
    () => new NodeWorker(new URL('./no-such-file.js', import.meta.url)),
  ]
  for (const spawn of spawns) {
    const crypto = await open({ spawn })
    const answers = crypto.verifyEd25519(items)
    await turn()
    killed?.terminate()
    killed = undefined
    assert.deepEqual(await answers, bad)
    crypto.close()
  }
})

test('its name says what it consists of', async () => {
  const spawn = spawnCryptoWorker
  assert.equal((await open({ spawn })).name, 'wasm-worker')
  assert.equal((await open({ spawn, inThread: createFallbackCrypto() })).name, 'no-wasm-worker')
})

test('items come out of the packing as they went in, but for those of a wrong length, which become bad ones', async () => {
  const bytes = fc.uint8Array({ maxLength: 80 })
  const exactly = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length })
  const anyItems = fc.array(
    fc.record({
      publicKey: fc.oneof(exactly(32), exactly(32), bytes),
      message: bytes,
      signature: fc.oneof(exactly(64), exactly(64), bytes),
    }),
    { maxLength: 8 },
  )
  const isWhole = ({ publicKey, signature: s }: SignedMessage): boolean => publicKey.length === 32 && s.length === 64
  const crypto = await createWasmCrypto()
  await fc.assert(
    fc.asyncProperty(anyItems, fc.nat(3), async (list, start) => {
      const unpacked = unpackItems(packItems(list, Math.min(start, list.length)))
      const packed = list.slice(start)
      assert.equal(unpacked.length, packed.length)
      for (const [i, item] of packed.entries()) {
        if (isWhole(item)) assert.deepEqual({ ...unpacked[i]! }, { ...item })
        else assert.deepEqual(await crypto.verifyEd25519([unpacked[i]!]), [0])
      }
    }),
  )
})
