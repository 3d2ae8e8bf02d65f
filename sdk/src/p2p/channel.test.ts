import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { channelBufferedBytesMax, channelWaitingBytesMax } from '../limits.ts'
import type { ByteChannel, ChannelListener } from './byte-channel.ts'
import { createChannelConnection } from './channel.ts'
import { createHost } from './host.ts'

const host = await createHost()
after(() => host.libp2p.stop())

function openChannel(over: Partial<ByteChannel> = {}) {
  const sent: Uint8Array[] = []
  let listener: ChannelListener | undefined
  let closed = 0
  let buffered = 0
  const channel: ByteChannel = {
    send: message => {
      sent.push(message.slice())
      buffered += message.length
    },
    bufferedBytes: () => buffered,
    close: () => {
      closed++
    },
    listen: given => {
      listener = given
    },
    ...over,
  }
  const log = host.parts.logger.forComponent('test')
  const connection = createChannelConnection(channel, { direction: 'outbound', address: '/webrtc', log })
  const drain = (): void => {
    buffered = 0
    listener!.drained()
  }
  return { connection, sent, drain, listener: listener!, closed: () => closed }
}

test('what is long goes in messages that every WebRTC library takes, in order', () => {
  const { connection, sent } = openChannel()
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251)
  connection.send(bytes)
  assert.ok(sent.every(message => message.length <= 16 * 1024))
  assert.deepEqual(Uint8Array.from(sent.flatMap(message => [...message])), bytes)
})

test('what WebRTC has not sent yet waits, and a peer that reads nothing is cut off', async () => {
  const { connection, sent, drain, closed } = openChannel()
  const chunk = new Uint8Array(64 * 1024)
  while (connection.send(chunk));
  const length = (): number => sent.reduce((sum, message) => sum + message.length, 0)
  assert.ok(length() <= channelBufferedBytesMax + chunk.length)
  const before = length()
  connection.send(chunk)
  assert.equal(length(), before)
  drain()
  await new Promise(resolve => setTimeout(resolve, 10))
  assert.ok(length() > before)
  assert.equal(closed(), 0)
  for (let waiting = 0; waiting <= channelWaitingBytesMax + channelBufferedBytesMax; waiting += chunk.length) {
    if (connection.status !== 'open') break
    connection.send(chunk)
  }
  assert.equal(connection.status, 'aborted')
  assert.equal(closed(), 1)
})

test('a channel that has closed by itself throws at nobody', async () => {
  const { connection, closed } = openChannel({
    send: () => {
      throw new Error('the channel is closed')
    },
  })
  connection.send(new Uint8Array(100))
  assert.equal(connection.status, 'aborted')
  assert.equal(closed(), 1)
})

test('the end of a channel is the end of the connection', () => {
  const { connection, listener } = openChannel()
  listener.closed()
  assert.equal(connection.status, 'closed')
  assert.throws(() => connection.send(new Uint8Array(1)))
})
