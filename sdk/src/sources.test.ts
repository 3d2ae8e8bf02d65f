import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stubProvider } from '../../test/stub-provider.ts'
import { VerifyError } from './errors.ts'
import { dialPatienceMs, redialAfterMs } from './limits.ts'
import type { Provider, SubmitAnswer } from './provider.ts'
import { createLazyProvider, createSources, missingProvider } from './sources.ts'

const taken: SubmitAnswer = { code: 0, log: '' }
const transaction = new Uint8Array(1)
const unavailable = (error: unknown): boolean => error instanceof VerifyError && error.code === 'unavailable'

function peer(change: Partial<Provider> = {}): Provider {
  return stubProvider({ kind: 'webrtc', label: 'peer', submit: async () => taken, ...change })
}

function deferred(): { readonly promise: Promise<Provider>; readonly resolve: (provider: Provider) => void } {
  let resolve: (provider: Provider) => void = () => undefined
  const promise = new Promise<Provider>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

describe('a peer', () => {
  it('is dialled at the first question, once for all that wait', async () => {
    let dials = 0
    const connect = async (): Promise<Provider> => {
      dials++
      return peer()
    }
    const provider = createLazyProvider('peer', connect, true)
    assert.equal(dials, 0)
    assert.deepEqual(await Promise.all([provider.submit(transaction), provider.submit(transaction)]), [taken, taken])
    assert.equal(dials, 1)
  })

  it('that is slow is waited for only a moment where others can be asked, and serves when it is there', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const dialled = deferred()
    const provider = createLazyProvider('peer', () => dialled.promise, false)
    const first = assert.rejects(provider.submit(transaction), unavailable)
    t.mock.timers.tick(dialPatienceMs)
    await first
    dialled.resolve(peer())
    assert.deepEqual(await provider.submit(transaction), taken)
  })

  it('that is slow is waited for to the end where it is the only one', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const dialled = deferred()
    const provider = createLazyProvider('peer', () => dialled.promise, true)
    const asked = provider.submit(transaction)
    t.mock.timers.tick(60_000)
    dialled.resolve(peer())
    assert.deepEqual(await asked, taken)
  })

  it('that could not be reached is left alone for a while, but where it is the only one', async t => {
    let now = 0
    t.mock.method(performance, 'now', () => now)
    for (const isOnly of [false, true]) {
      let dials = 0
      const connect = async (): Promise<Provider> => {
        dials++
        throw new VerifyError('unavailable', 'nobody answers')
      }
      const provider = createLazyProvider('peer', connect, isOnly)
      await assert.rejects(provider.submit(transaction), unavailable)
      await assert.rejects(provider.submit(transaction), unavailable)
      assert.equal(dials, isOnly ? 2 : 1)
      now += redialAfterMs + 1
      await assert.rejects(provider.submit(transaction), unavailable)
      assert.equal(dials, isOnly ? 3 : 2)
    }
  })

  it('whose connection broke is closed, and dialled again at the next question', async () => {
    let dials = 0
    let closed = 0
    const broken = peer({
      submit: () => Promise.reject(new VerifyError('unavailable', 'the connection broke')),
      close: async () => void closed++,
    })
    const provider = createLazyProvider('peer', async () => (++dials === 1 ? broken : peer()), false)
    await assert.rejects(provider.submit(transaction), unavailable)
    assert.deepEqual(await provider.submit(transaction), taken)
    assert.deepEqual({ dials, closed }, { dials: 2, closed: 1 })
  })

  it('goes on being dialled for the others when one stops asking', async () => {
    const dialled = deferred()
    const provider = createLazyProvider('peer', () => dialled.promise, false)
    const stop = new AbortController()
    const stopped = assert.rejects(provider.submit(transaction, { signal: stop.signal }), /no more/)
    const other = provider.submit(transaction)
    stop.abort(new Error('no more'))
    await stopped
    dialled.resolve(peer())
    assert.deepEqual(await other, taken)
  })
})

it('a network without nodes is unavailable', async () => {
  await assert.rejects(missingProvider.submit(transaction), unavailable)
})

it('WebRTC that can not be loaded is a node that is not reached, and is tried again', async () => {
  const checkpoint = { checkpoint: new Uint8Array(0), signatures: [] }
  const network = { chainId: 'test-1', checkpoint, peers: ['/ip4/127.0.0.1/udp/1'], rpc: [] }
  let tries = 0
  const sources = createSources(network, async () => {
    if (++tries === 1) throw new TypeError('Failed to fetch dynamically imported module')
    return { connect: async () => peer(), close: async () => undefined }
  })
  await assert.rejects(sources.providers[0]!.submit(transaction), unavailable)
  assert.deepEqual(await sources.providers[0]!.submit(transaction), taken)
  assert.equal(tries, 2)
  await sources.close()
})
