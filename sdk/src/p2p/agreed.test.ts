// What an answer that is taken for granted may and may not change.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concat, encodeUtf8 } from '../bytes.ts'
import { agreedChannel } from './agreed.ts'
import type { ByteChannel, ChannelListener } from './byte-channel.ts'

const question = encodeUtf8('\x13/multistream/1.0.0\n\x07/noise\n')
const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 1))

function setUp() {
  const sent: string[] = []
  const heard: string[] = []
  let isClosed = false
  let wire: ChannelListener | undefined
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
  const raw: ByteChannel = {
    send: message => sent.push(text(message)),
    bufferedBytes: () => 0,
    close: () => {
      isClosed = true
    },
    listen: listener => {
      wire = listener
    },
  }
  const channel = agreedChannel(raw)
  channel.listen({ message: bytes => heard.push(text(bytes)), drained: () => undefined, closed: () => undefined })
  return { channel, sent, heard, isClosed: () => isClosed, arrives: (bytes: Uint8Array) => wire!.message(bytes) }
}

test('who asks hears the answer at once, and goes on; the true answer is then heard by nobody', async () => {
  for (const cuts of [[28], [20, 28], [1, 2, 27, 28]]) {
    const { channel, sent, heard, isClosed, arrives } = setUp()
    channel.send(question)
    await settled()
    assert.deepEqual(heard, [Buffer.from(question).toString('latin1')])
    channel.send(encodeUtf8('handshake'))
    assert.equal(sent.length, 2, 'both are on their way before anything has come back')
    let from = 0
    for (const to of cuts) {
      const last = to === 28 ? encodeUtf8('reply') : new Uint8Array(0)
      arrives(concat(question.subarray(from, to), last))
      from = to
    }
    arrives(encodeUtf8('more'))
    assert.deepEqual(heard.slice(1), ['reply', 'more'])
    assert.equal(isClosed(), false)
  }
})

test('another answer ends the connection, and nothing of it is heard', async () => {
  for (const answer of ['\x13/multistream/1.0.0\n\x03na\n', '\x13/multistream/2.0.0\n\x07/noise\n', 'x']) {
    const { channel, heard, isClosed, arrives } = setUp()
    channel.send(question)
    await settled()
    arrives(encodeUtf8(answer))
    assert.equal(isClosed(), true, JSON.stringify(answer))
    assert.equal(heard.length, 1)
  }
})

test('where another question is asked, its answer is waited for', async () => {
  const { channel, heard, arrives } = setUp()
  channel.send(encodeUtf8('something else'))
  await settled()
  assert.deepEqual(heard, [])
  arrives(question)
  assert.deepEqual(heard, [Buffer.from(question).toString('latin1')])
})
