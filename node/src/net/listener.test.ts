import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Provider, VerifyError } from '@muniment/sdk'
import { createPeers } from '@muniment/sdk/p2p'
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

async function withListener(provider: Provider, use: (address: string, home: string) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'muniment-net-'))
  const files = { keyFile: join(home, 'peer-key'), certificateFile: join(home, 'certificate.json') }
  const listener = await createListener({ provider, host: '127.0.0.1', port: 0, ...files })
  try {
    await use(listener.addresses()[0]!, home)
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

test('an address with another peer id is refused', async () => {
  await withListener(serving(), async address => {
    const peers = await createPeers()
    const foreign = address.replace(/p2p\/.*/, 'p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')
    await assert.rejects(peers.connect(foreign), { name: 'VerifyError', code: 'unavailable' })
    await peers.close()
  })
})

test('a node keeps its address across restarts, and its keys to itself', async () => {
  const home = mkdtempSync(join(tmpdir(), 'muniment-net-'))
  const files = { keyFile: join(home, 'peer-key'), certificateFile: join(home, 'certificate.json') }
  const addresses: string[] = []
  for (let start = 0; start < 2; start++) {
    const listener = await createListener({ provider: serving(), host: '127.0.0.1', port: 0, ...files })
    addresses.push(listener.addresses()[0]!.replace(/udp\/\d+/, 'udp'))
    await listener.close()
  }
  assert.equal(addresses[0], addresses[1])
  for (const file of Object.values(files)) assert.equal(statSync(file).mode & 0o077, 0)
  rmSync(home, { recursive: true })
})
