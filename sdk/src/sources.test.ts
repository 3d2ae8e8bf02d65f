import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stubProvider } from '../../test/stub-provider.ts'
import { VerifyError, type VerifyErrorCode } from './errors.ts'
import { dialPatienceMs, nextAddressOfLastAfterMs, redialAfterMs } from './limits.ts'
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
    const provider = createLazyProvider('peer', connect, { isOnly: true })
    assert.equal(dials, 0)
    assert.deepEqual(await Promise.all([provider.submit(transaction), provider.submit(transaction)]), [taken, taken])
    assert.equal(dials, 1)
  })

  it('that is slow is waited for only a moment where others can be asked, and serves when it is there', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const dialled = deferred()
    const provider = createLazyProvider('peer', () => dialled.promise, { isOnly: false })
    const first = assert.rejects(provider.submit(transaction), unavailable)
    t.mock.timers.tick(dialPatienceMs)
    await first
    dialled.resolve(peer())
    assert.deepEqual(await provider.submit(transaction), taken)
  })

  it('that is slow is waited for to the end where it is the only one', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const dialled = deferred()
    const provider = createLazyProvider('peer', () => dialled.promise, { isOnly: true })
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
      const provider = createLazyProvider('peer', connect, { isOnly })
      await assert.rejects(provider.submit(transaction), unavailable)
      await assert.rejects(provider.submit(transaction), unavailable)
      assert.equal(dials, isOnly ? 2 : 1)
      now += redialAfterMs + 1
      await assert.rejects(provider.submit(transaction), unavailable)
      assert.equal(dials, isOnly ? 3 : 2)
    }
  })

  it('that says itself that it has no answer keeps its connection', async () => {
    let dials = 0
    const answering = peer({
      witnessedHead: () => Promise.reject(new VerifyError('unavailable', 'the node says: not yet', { told: true })),
      close: async () => assert.fail('closed'),
    })
    const connect = async (): Promise<Provider> => {
      dials++
      return answering
    }
    const provider = createLazyProvider('peer', connect, { isOnly: false })
    await assert.rejects(provider.witnessedHead(), unavailable)
    assert.deepEqual(await provider.submit(transaction), taken)
    assert.equal(dials, 1)
  })

  it('whose connection broke is closed, and dialled again at the next question', async () => {
    let dials = 0
    let closed = 0
    const broken = peer({
      submit: () => Promise.reject(new VerifyError('unavailable', 'the connection broke')),
      close: async () => void closed++,
    })
    const provider = createLazyProvider('peer', async () => (++dials === 1 ? broken : peer()), { isOnly: false })
    await assert.rejects(provider.submit(transaction), unavailable)
    assert.deepEqual(await provider.submit(transaction), taken)
    assert.deepEqual({ dials, closed }, { dials: 2, closed: 1 })
  })

  it('goes on being dialled for the others when one stops asking', async () => {
    const dialled = deferred()
    const provider = createLazyProvider('peer', () => dialled.promise, { isOnly: false })
    const stop = new AbortController()
    const stopped = assert.rejects(provider.submit(transaction, { signal: stop.signal }), /no more/)
    const other = provider.submit(transaction)
    stop.abort(new Error('no more'))
    await stopped
    dialled.resolve(peer())
    assert.deepEqual(await other, taken)
  })
})

describe('a node with two addresses', () => {
  const key = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
  const [first, second] = ['muniment-direct', 'webrtc-direct'].map(dial => `/ip4/192.0.2.1/udp/4001/${dial}/p2p/${key}`)

  /** The source, and what was dialled and closed; each address leads to what is given for it. */
  function openSource(leads: Readonly<Record<string, Promise<Provider>>>) {
    const dialled: string[] = []
    const connect = (address: string): Promise<Provider> => {
      dialled.push(address)
      return leads[address]!
    }
    const network = { chainId: 'test', checkpoint: undefined as never, peers: [first!, second!], rpc: [] }
    const { providers } = createSources(network, async () => ({ connect, close: async () => undefined }))
    return { providers, provider: providers[0]!, dialled }
  }

  it('is one source, and the second is not dialled where the first leads to it', async () => {
    const { providers, provider, dialled } = openSource({ [first!]: Promise.resolve(peer()) })
    assert.equal(providers.length, 1)
    assert.deepEqual(await provider.submit(transaction), taken)
    assert.deepEqual(dialled, [first])
  })

  it('is reached by the second where the first fails', async () => {
    const failing = Promise.reject(new VerifyError('unavailable', 'forbidden'))
    const { provider, dialled } = openSource({ [first!]: failing, [second!]: Promise.resolve(peer()) })
    assert.deepEqual(await provider.submit(transaction), taken)
    assert.deepEqual(dialled, [first, second])
  })

  it('is reached by the second where the first is slow, and what comes late is closed', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const slow = deferred()
    let closed = 0
    const { provider, dialled } = openSource({ [first!]: slow.promise, [second!]: Promise.resolve(peer()) })
    const asked = provider.submit(transaction)
    await new Promise(resolve => setImmediate(resolve))
    assert.deepEqual(dialled, [first])
    t.mock.timers.tick(nextAddressOfLastAfterMs)
    assert.deepEqual(await asked, taken)
    slow.resolve(peer({ close: async () => void closed++ }))
    await new Promise(resolve => setImmediate(resolve))
    assert.equal(closed, 1)
  })

  it('is out of reach, for the first one’s reason, where both fail', async () => {
    const failing = (why: string): Promise<never> => Promise.reject(new VerifyError('unavailable', why))
    const { provider } = openSource({ [first!]: failing('the one'), [second!]: failing('the other') })
    await assert.rejects(provider.submit(transaction), { code: 'unavailable', message: 'the one' })
  })
})

describe('a network with servers and peers', () => {
  const network = {
    chainId: 'test',
    checkpoint: undefined as never,
    peers: ['/ip4/192.0.2.1/udp/4001/webrtc-direct'],
    rpc: ['https://node.example'],
  }
  const dialling = (connect: () => Promise<Provider>) =>
    createSources(network, async () => ({ connect, close: async () => undefined }))

  it('has its servers first, and peers that are spared until they are woken', () => {
    const sources = dialling(async () => peer())
    assert.deepEqual(
      sources.providers.map(({ kind, isReserve }) => [kind, isReserve]),
      [
        ['rpc', false],
        ['webrtc', true],
      ],
    )
    assert.equal(sources.wake(), true)
    assert.equal(sources.providers[1]!.isReserve, false)
    assert.equal(sources.wake(), false)
  })

  it('spares no peer that it is connected to, as long as it is', async () => {
    let submitted = 0
    const submit = async (): Promise<SubmitAnswer> => {
      if (++submitted === 2) throw new VerifyError('unavailable', 'the connection broke')
      return taken
    }
    const [, provider] = dialling(async () => peer({ submit })).providers
    await provider!.submit(transaction)
    assert.equal(provider!.isReserve, false)
    await assert.rejects(provider!.submit(transaction), unavailable)
    assert.equal(provider!.isReserve, true)
  })

  it('waits for a slow dial to its end: whoever dials a spared peer has nobody else', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const slow = deferred()
    const [, provider] = dialling(() => slow.promise).providers
    const asked = provider!.submit(transaction)
    await new Promise(resolve => setImmediate(resolve))
    t.mock.timers.tick(dialPatienceMs * 3)
    slow.resolve(peer())
    assert.deepEqual(await asked, taken)
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

describe('whether a node has answered', () => {
  const network = {
    chainId: 'test',
    checkpoint: undefined as never,
    peers: ['/ip4/127.0.0.1/udp/1'],
    rpc: ['https://node.example/'],
  }
  const sourcesOf = (change: Partial<Provider>) =>
    createSources(network, async () => ({ connect: async () => peer(change), close: async () => undefined }))
  const stateAfter = async (change: Partial<Provider>, signal?: AbortSignal): Promise<string> => {
    const sources = sourcesOf(change)
    await sources.providers[1]!.submit(transaction, { signal }).catch(() => undefined)
    return sources.peers()[1]!.state
  }

  it('is said of each by its kind and address, and of none before it was asked', () => {
    assert.deepEqual(sourcesOf({}).peers(), [
      { kind: 'rpc', label: 'https://node.example/', state: 'not-asked' },
      { kind: 'webrtc', label: '/ip4/127.0.0.1/udp/1', state: 'not-asked' },
    ])
  })

  it('is true of one that answered, and of one that refused', async () => {
    const refusing = (code: VerifyErrorCode, told = false) => ({
      submit: async () => {
        throw new VerifyError(code, 'no', { told })
      },
    })
    assert.equal(await stateAfter({}), 'answered')
    assert.equal(await stateAfter(refusing('refused')), 'answered')
    assert.equal(await stateAfter(refusing('unavailable', true)), 'answered')
    assert.equal(await stateAfter(refusing('unavailable')), 'silent')
  })

  it('is not judged by a question that was called off', async () => {
    const never = (): Promise<never> => new Promise(() => undefined)
    assert.equal(await stateAfter({ submit: never }, AbortSignal.abort()), 'not-asked')
  })

  it('of a network without nodes is said of nobody', () => {
    assert.deepEqual(createSources({ ...network, peers: [], rpc: [] }, undefined).peers(), [])
  })
})
