// The door of our own dial, and what forged or endless first packets can do to it.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as limits from '../limits.ts'
import { type DirectDoor, openDirectDoor } from './direct.ts'
import { loadCertificate } from './identity.ts'

/** What the protocol says, not what the code does. */
const directUfragPrefix = 'muniment/direct/1/'
const peer = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'

async function withDoor(use: (door: DirectDoor, port: number) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'muniment-direct-'))
  const certificate = await loadCertificate(join(home, 'certificate.json'))
  const admit = async (): Promise<void> => {}
  const door = await openDirectDoor({ host: '127.0.0.1', port: 0, certificate, peer, admit })
  try {
    await use(door, Number(/\/udp\/(\d+)\//.exec(door.addresses()[0]!)![1]))
  } finally {
    door.close()
    rmSync(home, { recursive: true })
  }
}

async function bind(host: string): Promise<Socket> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, host, () => resolve())
  })
  return socket
}

/** A STUN attribute (RFC 8489, 14), padded to four bytes. */
function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)])
}

const text = (bytes: number): string => randomBytes(bytes).toString('hex')

/** A first packet as a caller would send it, its integrity made up. */
function forgedPacket(user = `${directUfragPrefix}${text(12)}:${text(4)}`): Buffer {
  const body = Buffer.concat([attribute(6, Buffer.from(user)), attribute(8, randomBytes(20))])
  const header = Buffer.alloc(8)
  header.writeUInt16BE(1, 0)
  header.writeUInt16BE(body.length, 2)
  header.writeUInt32BE(0x2112a442, 4)
  return Buffer.concat([header, randomBytes(12), body])
}

const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

function threads(): number {
  return Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1])
}

test('an address that never answers gets three packets, and is forgotten', async () => {
  await withDoor(async (door, port) => {
    const victim = await bind('127.0.0.1')
    let received = 0
    victim.on('message', () => received++)
    victim.send(forgedPacket(), port, '127.0.0.1')
    await wait(1_000)
    assert.equal(door.connections(), 1)
    await wait(limits.addressTimeoutMs + 2_000)
    assert.equal(door.connections(), 0)
    assert.ok(received > 0 && received <= 3, `${received} packets`)
    victim.close()
  })
})

test('a flood of first packets from one network takes that network’s share and no more', async () => {
  await withDoor(async (door, port) => {
    const flooder = await bind('127.0.0.1')
    for (let count = 0; count < 2_000; count++) {
      flooder.send(forgedPacket(), port, '127.0.0.1')
      if (count % 100 === 99) await wait(1)
    }
    await wait(200)
    assert.ok(door.connections() > 0)
    assert.ok(door.connections() <= limits.handshakeBurstPerNetwork + 10, `${door.connections()} connections`)
    // Somebody else gets in while it lasts.
    const before = door.connections()
    const other = await bind('127.0.7.7')
    other.send(forgedPacket(), port, '127.0.0.1')
    await wait(200)
    assert.equal(door.connections(), before + 1)
    flooder.close()
    other.close()
  })
})

const isLinux = process.platform === 'linux'

test('a flood from everywhere costs a bounded number of threads, and they come back', {
  skip: isLinux ? false : 'threads are counted, and addresses made up, on Linux',
}, async () => {
  await withDoor(async (door, port) => {
    const before = threads()
    const sockets = await Promise.all(Array.from({ length: 200 }, (_, index) => bind(`127.1.${index}.1`)))
    let most = 0
    let held = 0
    for (let round = 0; round < 15; round++) {
      for (const socket of sockets) socket.send(forgedPacket(), port, '127.0.0.1')
      await wait(20)
      most = Math.max(most, threads() - before)
      held = Math.max(held, door.connections())
    }
    assert.ok(held > 0 && held <= limits.handshakeBurst + limits.handshakesPerSecond, `${held} connections`)
    assert.ok(most <= limits.pendingConnectionsMax + 8, `${most} threads more`)
    await wait(limits.addressTimeoutMs + 1_000)
    assert.equal(door.connections(), 0)
    assert.ok(threads() - before <= 8, `${threads() - before} threads left`)
    for (const socket of sockets) socket.close()
  })
})

test('packets that our own dial would not send begin nothing', async () => {
  await withDoor(async (door, port) => {
    const caller = await bind('127.0.0.1')
    const users = [
      `libp2p+webrtc+v1/${text(12)}:libp2p+webrtc+v1/${text(12)}`,
      `${directUfragPrefix}${text(12)}`,
      `${directUfragPrefix}${text(12)}:`,
      `${directUfragPrefix}short:${text(4)}`,
      `${directUfragPrefix}${text(12)}:abc`,
      `${directUfragPrefix}${text(12)}:ab cd`,
      `${directUfragPrefix}${text(12)}\r\na=x:y:${text(4)}`,
      `${directUfragPrefix}${'ä'.repeat(12)}:${text(4)}`,
      `${directUfragPrefix}${text(200)}:${text(4)}`,
      ':',
      '',
    ]
    for (const user of users) caller.send(forgedPacket(user), port, '127.0.0.1')
    for (let count = 0; count < 50; count++) caller.send(randomBytes(1 + count * 20), port, '127.0.0.1')
    await wait(300)
    assert.equal(door.connections(), 0)
    caller.send(forgedPacket(), port, '127.0.0.1')
    await wait(300)
    assert.equal(door.connections(), 1)
    caller.close()
  })
})

test('one packet many times over is one caller', async () => {
  await withDoor(async (door, port) => {
    const caller = await bind('127.0.0.1')
    const packet = forgedPacket()
    let received = 0
    caller.on('message', () => received++)
    for (let count = 0; count < 200; count++) caller.send(packet, port, '127.0.0.1')
    await wait(400)
    assert.equal(door.connections(), 1)
    assert.ok(received > 0 && received <= 3, `${received} packets`)
    caller.close()
  })
})
