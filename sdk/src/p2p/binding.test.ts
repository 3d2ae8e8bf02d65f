// Channels in memory instead of WebRTC, so that whoever stands between two sides can be played.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Connection } from '@libp2p/interface'
import { prologueOf } from './binding.ts'
import type { ByteChannel, ChannelListener } from './byte-channel.ts'
import { createHost, type Host, type Upgrade, upgradeLink } from './host.ts'
import type { Link } from './link.ts'

let [anna, berta, mallory] = [] as unknown as [Host, Host, Host]
before(async () => {
  ;[anna, berta, mallory] = await Promise.all([createHost(), createHost(), createHost()])
})
after(() => Promise.all([anna, berta, mallory].map(({ libp2p }) => libp2p.stop())))

/** Two ends that hand each other their messages, a moment later. */
function linkPair(): readonly [Link, Link] {
  const listeners: ChannelListener[] = []
  let isClosed = false
  const end = (own: number): Link => {
    const close = (): void => {
      if (isClosed) return
      isClosed = true
      setTimeout(() => listeners[1 - own]?.closed())
    }
    const channel: ByteChannel = {
      send(message) {
        assert.ok(message.length <= 16 * 1024, 'a message that every WebRTC library takes')
        const copy = message.slice()
        setTimeout(() => listeners[1 - own]?.message(copy))
      },
      bufferedBytes: () => 0,
      close,
      listen: listener => {
        listeners[own] = listener
      },
    }
    return { peer: undefined as never, channel, opened: async () => {}, failure: new AbortController().signal, close }
  }
  return [end(0), end(1)]
}

const certificateOf = (name: string): Uint8Array => new Uint8Array(32).fill(name.charCodeAt(0))
const fingerprints = { offerer: certificateOf('anna'), answerer: certificateOf('berta') }
const idOf = ({ libp2p }: Host): string => libp2p.peerId.toString()

/** Both sides of one handshake, each with what it believes. */
function upgradeBoth(
  [caller, callee]: readonly [Host, Host],
  { offerer = {}, answerer = {} }: { readonly offerer?: Partial<Upgrade>; readonly answerer?: Partial<Upgrade> },
): Promise<readonly PromiseSettledResult<Connection>[]> {
  const [near, far] = linkPair()
  const common = { fingerprints, address: '/webrtc', peer: undefined, signal: AbortSignal.timeout(5_000) }
  return Promise.allSettled([
    upgradeLink(caller, near, { ...common, role: 'offerer', ...offerer }),
    upgradeLink(callee, far, { ...common, role: 'answerer', ...answerer }),
  ])
}

test('two sides that see the same certificates prove to each other who they are', async () => {
  const [near, far] = await upgradeBoth([anna, berta], {
    offerer: { peer: idOf(berta) },
    answerer: { peer: idOf(anna) },
  })
  assert.equal(near?.status === 'fulfilled' && near.value.remotePeer.toString(), idOf(berta))
  assert.equal(far?.status === 'fulfilled' && far.value.remotePeer.toString(), idOf(anna))
  await Promise.all([anna, berta].flatMap(({ libp2p }) => libp2p.getConnections()).map(each => each.close()))
})

test('whoever stands between, with a certificate of his own towards each side, makes the handshake fail', async () => {
  const towardsAnna = { ...fingerprints, answerer: certificateOf('mallory') }
  const towardsBerta = { ...fingerprints, offerer: certificateOf('mallory') }
  for (const options of [
    { offerer: { fingerprints: towardsAnna }, answerer: { fingerprints: towardsBerta } },
    { offerer: { fingerprints: towardsAnna } },
    { answerer: { fingerprints: towardsBerta } },
  ]) {
    const results = await upgradeBoth([anna, berta], options)
    assert.ok(results.some(({ status }) => status === 'rejected'))
    for (const result of results)
      if (result.status === 'rejected') assert.match(String(result.reason.code), /^(?:unavailable|refused)$/)
    // The side that learned it last has no connection left either.
    await new Promise(resolve => setTimeout(resolve, 100))
    const left = [anna, berta].flatMap(({ libp2p }) => libp2p.getConnections())
    assert.deepEqual(
      left.filter(({ status }) => status === 'open'),
      [],
    )
  }
})

test('another peer than was asked for is refused, on either side', async () => {
  const asksForBerta = await upgradeBoth([anna, mallory], { offerer: { peer: idOf(berta) } })
  assert.equal(asksForBerta[0]?.status, 'rejected')
  const expectsAnna = await upgradeBoth([mallory, berta], { answerer: { peer: idOf(anna) } })
  assert.equal(expectsAnna[1]?.status, 'rejected')
})

test('the certificates are told apart by their place', () => {
  const { offerer, answerer } = fingerprints
  assert.notDeepEqual(prologueOf({ offerer, answerer }), prologueOf({ offerer: answerer, answerer: offerer }))
})
