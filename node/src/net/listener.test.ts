import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Provider, VerifyError } from '@muniment/sdk'
import { createPeers } from '@muniment/sdk/p2p'
import { onceMore } from '../../../test/once-more.ts'
import { stubProvider } from '../../../test/stub-provider.ts'
import { createListener } from './listener.ts'

const taken = { code: 0, log: '' }
const transaction = new Uint8Array(1)
const serving = (over: Partial<Provider> = {}): Provider =>
  stubProvider({
    submit: async () => taken,
    lightBlock: () => Promise.reject(new VerifyError('wrong-height', 'no such height')),
    ...over,
  })

/** With the address of our own dial and, for comparison, that of WebRTC-direct v1. */
async function withListener(provider: Provider, use: (direct: string, v1: string) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'muniment-net-'))
  const files = { keyFile: join(home, 'peer-key'), certificateFile: join(home, 'certificate.json') }
  const listener = await createListener({ provider, host: '127.0.0.1', port: 0, directPort: 0, ...files })
  try {
    const [direct, v1] = listener.addresses()
    await use(direct!, v1!)
  } finally {
    await listener.close()
    rmSync(home, { recursive: true })
  }
}

test('a client asks a node over WebRTC, many questions on one stream', async () => {
  await withListener(serving(), async address => {
    const peers = await createPeers()
    const provider = await peers.connect(address)
    assert.equal(provider.kind, 'webrtc')
    const answers = await Promise.all(Array.from({ length: 10 }, () => provider.submit(transaction)))
    assert.deepEqual(
      answers,
      Array.from({ length: 10 }, () => taken),
    )
    await assert.rejects(provider.lightBlock('latest'), { name: 'VerifyError', code: 'wrong-height' })
    await assert.rejects(provider.query([{ store: 'state', key: new Uint8Array(32) }]), { name: 'VerifyError' })
    await peers.close()
  })
})

test('a node that hangs gives an error in time, and the caller may give up earlier', async () => {
  const hanging = serving({ submit: () => new Promise(() => {}) })
  await withListener(hanging, async address => {
    const peers = await createPeers()
    const provider = await peers.connect(address)
    const giveUp = new AbortController()
    setTimeout(() => giveUp.abort(new Error('enough')), 50)
    await assert.rejects(provider.submit(transaction, { signal: giveUp.signal }), { message: 'enough' })
    await peers.close()
  })
})

test('the own dial stands first among the addresses, and both dials reach the node', async () => {
  await withListener(serving(), async (direct, v1) => {
    assert.match(direct, /\/muniment-direct\//)
    assert.match(v1, /\/webrtc-direct\//)
    const peers = await createPeers()
    for (const address of [direct, v1]) {
      const provider = await peers.connect(address)
      assert.deepEqual([provider.kind, provider.label], ['webrtc', address])
      assert.deepEqual(await provider.submit(transaction), taken)
      await provider.close()
    }
    await peers.close()
  })
})

test('an address with another peer id, or another certificate, is refused in both dials', async () => {
  await withListener(serving(), async (direct, v1) => {
    const peers = await createPeers()
    for (const address of [direct, v1]) {
      const foreign = address.replace(/p2p\/.*/, 'p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')
      await assert.rejects(peers.connect(foreign), { name: 'VerifyError', code: 'unavailable' })
    }
    const character = direct.charAt(direct.indexOf('/certhash/') + 20)
    const other = direct.replace(/(certhash\/.{10})./, `$1${character === 'A' ? 'B' : 'A'}`)
    assert.notEqual(other, direct)
    await assert.rejects(peers.connect(other), { name: 'VerifyError', code: 'unavailable' })
    await assert.rejects(peers.connect(direct.replace('127.0.0.1', 'localhost')), { code: 'malformed' })
    await peers.close()
  })
})

test('thirty people behind one address get in, one after the other', async () => {
  await withListener(serving(), async direct => {
    const pages = await Promise.all(Array.from({ length: 30 }, () => createPeers()))
    const answers = await Promise.all(
      pages.map(async page => {
        const provider = await page.connect(direct)
        return provider.submit(transaction)
      }),
    )
    assert.equal(answers.length, 30)
    await Promise.all(pages.map(page => page.close()))
  })
})

test('a node introduces the pages that are connected to it, and they stay connected without it', async () => {
  const [anna, berta] = [await createPeers({ loopback: true }), await createPeers({ loopback: true })]
  let towardsAnna: Provider | undefined
  await withListener(serving(), async direct => {
    await anna.serve(serving({ submit: async () => ({ code: 0, log: 'annas' }) }))
    await anna.connect(direct)
    await berta.connect(direct)
    while (!towardsAnna)
      towardsAnna = await onceMore(async () => {
        const [neighbour] = await berta.neighbours()
        return neighbour?.connect()
      })
    assert.equal((await towardsAnna.submit(transaction)).log, 'annas')
  })
  assert.equal((await towardsAnna!.submit(transaction)).log, 'annas')
  await Promise.all([anna.close(), berta.close()])
})

test('a node keeps its address across restarts, and its keys to itself', async () => {
  const home = mkdtempSync(join(tmpdir(), 'muniment-net-'))
  const files = { keyFile: join(home, 'peer-key'), certificateFile: join(home, 'certificate.json') }
  const addresses: string[] = []
  for (let start = 0; start < 2; start++) {
    const listener = await createListener({ provider: serving(), host: '127.0.0.1', port: 0, directPort: 0, ...files })
    addresses.push(listener.addresses()[0]!.replace(/udp\/\d+/, 'udp'))
    await listener.close()
  }
  assert.equal(addresses[0], addresses[1])
  for (const file of Object.values(files)) assert.equal(statSync(file).mode & 0o077, 0)
  rmSync(home, { recursive: true })
})
