// A hostile peer at the node's WebRTC door: noise, floods, frames over the limit, streams that say nothing, questions that
// ask for too much, answers that nobody reads, forged packets. The node stays up, answers an honest client, and its memory
// stays bounded.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { after, before, test } from 'node:test'
import { noise } from '@libp2p/noise'
import { webRTCDirect } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createPeers, queryProtocol } from '@muniment/sdk/p2p'
import { createLibp2p, type Libp2p } from 'libp2p'
import { queryRequest, queryResponse } from '../../sdk/src/p2p/messages.ts'
import { startTestNetwork, type TestNetwork } from '../network.ts'

type Stream = Awaited<ReturnType<Libp2p['dialProtocol']>>

let net: TestNetwork
let address = ''
let attacker: Libp2p

before(async () => {
  net = await startTestNetwork()
  // WebRTC-direct v1, which the attacker's libp2p speaks; the door of our own dial has tests of its own.
  address = net.network.peers.find(each => each.includes('/webrtc-direct/'))!
  attacker = await createLibp2p({
    addresses: { listen: [] },
    transports: [webRTCDirect({ rtcConfiguration: { iceServers: [] } })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
  })
})
after(async () => {
  await attacker.stop()
  await net.close()
})

const { id: _, ...nothing } = queryRequest.decode(new Uint8Array(0))
const newest = { from: 0n, to: 0n, compact: undefined }

/** The node closes a connection whose last stream misbehaved: then a new one is made. */
async function open(): Promise<Stream> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attacker.dialProtocol(multiaddr(address), queryProtocol, { signal: AbortSignal.timeout(10_000) })
    } catch (error) {
      if (attempt === 5) throw error
      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }
}

const questionsOf = (...keys: readonly Uint8Array[]): readonly { store: string; key: Uint8Array }[] =>
  keys.map(key => ({ store: 'state', key }))

/** Behind its length as a varint. */
function framed(bytes: Uint8Array): Uint8Array {
  const length: number[] = []
  for (let rest = bytes.length; ; rest >>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  return Uint8Array.from([...length, ...bytes])
}

/** Sends as long as the other side lets it; whether it was cut off. */
async function push(stream: Stream, chunks: Iterable<Uint8Array>): Promise<void> {
  try {
    for (const chunk of chunks) {
      if (stream.status !== 'open') return
      if (!stream.send(chunk)) await stream.onDrain({ signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    }
  } catch {
    // Cut off, as it should be.
  }
}

async function honestClientIsServed(): Promise<void> {
  const peers = await createPeers()
  try {
    const provider = await peers.connect(address)
    assert.equal((await provider.lightBlock('latest')).header.chainId, 'test-net')
  } finally {
    await peers.close()
  }
}

function memoryMiB(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss / 2 ** 20
}

test('random frames, zero lengths and lengths over the limit end the stream, not the node', async () => {
  const attacks: readonly Uint8Array[][] = [
    Array.from({ length: 20 }, () => framed(randomBytes(200))),
    Array.from({ length: 20 }, () => randomBytes(1_000)),
    [Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0x7f])],
    [Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])],
    [framed(new Uint8Array(65 * 1024))],
    Array.from({ length: 50 }, () => Uint8Array.from([0])),
    [Uint8Array.from([0x80, 0x80, 0x04]), ...Array.from({ length: 100 }, () => new Uint8Array(1_000))],
  ]
  for (const chunks of attacks) {
    const stream = await open()
    await push(stream, chunks)
    stream.abort(new Error('done'))
  }
  await honestClientIsServed()
})

test('10,000 requests at once are cut off at the limit, on new streams too', async () => {
  const request = framed(queryRequest.encode({ ...nothing, id: 1, lightBlocks: newest }))
  let answers = 0
  let streams = 0
  const until = Date.now() + 20_000
  for (let sent = 0; sent < 10_000 && Date.now() < until; ) {
    const stream = await open().catch(() => undefined)
    if (!stream) break
    streams++
    stream.addEventListener('message', () => answers++)
    for (let count = 0; count < 200 && stream.status === 'open'; count++, sent++) {
      try {
        stream.send(request)
      } catch {
        break
      }
    }
    await new Promise(resolve => setTimeout(resolve, 50))
    stream.abort(new Error('next'))
    sent = Math.max(sent, streams * 200)
  }
  // A burst of a hundred, and fifty a second after it: what a connection may ask, however many streams it opens.
  assert.ok(streams >= 10, `${streams} streams`)
  assert.ok(answers < 100 + 50 * 21, `${answers} answers`)
  await honestClientIsServed()
})

test('streams that say nothing, or half of something, keep nobody else out', async () => {
  const opened: Stream[] = []
  for (let count = 0; count < 12; count++) {
    const stream = await open().catch(() => undefined)
    if (!stream) continue
    if (count % 2 === 0) await push(stream, [Uint8Array.from([0x40, 1, 2])])
    opened.push(stream)
  }
  await honestClientIsServed()
  for (const stream of opened) stream.abort(new Error('done'))
})

test('questions for too much, or for what is not there, are answered with a word', async () => {
  const peers = await createPeers()
  const provider = await peers.connect(address)
  const ask = [
    () => provider.lightBlocks(1n, 1_000n),
    () => provider.lightBlocks(0n, 1n),
    () => provider.lightBlocks(5n, 4n),
    () => provider.lightBlocks((1n << 64n) - 1n, (1n << 64n) - 1n),
    () => provider.lightBlocks(1n, (1n << 64n) - 1n),
    () => provider.query([]),
    () => provider.query(questionsOf(new Uint8Array(0))),
    () => provider.query(questionsOf(new Uint8Array(32)), (1n << 64n) - 1n),
    () => provider.query(questionsOf(...Array.from({ length: 17 }, () => new Uint8Array(32)))),
  ]
  for (const [index, question] of ask.entries())
    await assert.rejects(question, { name: 'VerifyError' }, `question ${index}`)
  // The same without the client's own manners.
  for (const range of [
    { from: 1n, to: 1_000n },
    { from: 5n, to: 4n },
    { from: 0n, to: 1n },
    { from: 1n, to: (1n << 64n) - 1n },
  ]) {
    const stream = await open()
    const answer = new Promise<Uint8Array>(resolve =>
      stream.addEventListener('message', event => resolve(event.data.subarray()), { once: true }),
    )
    await push(stream, [
      framed(queryRequest.encode({ ...nothing, id: 9, lightBlocks: { ...range, compact: undefined } })),
    ])
    const { error, lightBlocks } = queryResponse.decode((await answer).subarray(1))
    assert.ok(error !== undefined && lightBlocks === undefined, String(range.to))
    stream.abort(new Error('done'))
  }
  for (const transaction of [new Uint8Array(0), randomBytes(100), new Uint8Array(32 * 1024)])
    assert.notEqual((await provider.submit(transaction)).code, 0)
  await peers.close()
  await honestClientIsServed()
})

test('a peer that asks much and reads nothing costs bounded memory', async () => {
  const blocks = queryRequest.encode({ ...nothing, id: 7, lightBlocks: { ...newest, from: 1n, to: 2n } })
  await honestClientIsServed()
  const before = memoryMiB()
  for (let round = 0; round < 10; round++) {
    const stream = await open().catch(() => undefined)
    if (!stream) break
    stream.pause()
    await push(
      stream,
      Array.from({ length: 100 }, () => framed(blocks)),
    )
    stream.abort(new Error('next'))
  }
  const grown = memoryMiB() - before
  assert.ok(grown < 150, `${grown.toFixed(0)} MiB more`)
  await honestClientIsServed()
})

/** A STUN attribute (RFC 8489, 14), padded to four bytes. */
function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)])
}

/** A STUN binding request with a made-up user name and integrity, as the first packet of WebRTC-direct. */
function forgedStun(): Buffer {
  const user = `libp2p+webrtc+v1/${randomBytes(16).toString('hex')}`
  const body = Buffer.concat([attribute(6, Buffer.from(`${user}:${user}`)), attribute(8, randomBytes(20))])
  const header = Buffer.alloc(8)
  header.writeUInt16BE(1, 0)
  header.writeUInt16BE(body.length, 2)
  header.writeUInt32BE(0x2112a442, 4)
  return Buffer.concat([header, randomBytes(12), body])
}

test('a flood of forged first packets is limited, answers are no longer than what was sent, and memory is bounded', async () => {
  const port = Number(/\/udp\/(\d+)\//.exec(address)![1])
  const before = memoryMiB()
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', () => resolve()))
  let [sent, received] = [0, 0]
  socket.on('message', message => {
    received += message.length
  })
  for (let count = 0; count < 3_000; count++) {
    const packet = count % 3 === 2 ? randomBytes(1 + (count % 1_200)) : forgedStun()
    sent += packet.length
    socket.send(packet, port, '127.0.0.1')
    if (count % 100 === 99) await new Promise(resolve => setTimeout(resolve, 5))
  }
  await new Promise(resolve => setTimeout(resolve, 1_000))
  socket.close()
  const grown = memoryMiB() - before
  console.log(`3,000 packets: ${sent} bytes sent, ${received} received, ${grown.toFixed(0)} MiB more`)
  assert.ok(received > 0, 'the packets were taken for first packets')
  assert.ok(received <= sent, `${received} bytes for ${sent}`)
  assert.ok(grown < 200, `${grown.toFixed(0)} MiB more`)
  // The bucket is empty after the flood and fills again in a moment.
  await new Promise(resolve => setTimeout(resolve, 2_000))
  await honestClientIsServed()
})
