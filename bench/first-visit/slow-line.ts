// One slow line between a browser and everything it asks: TCP and UDP pass it in both directions at one rate, in the order in
// which they came, and arrive after its delay. It can be cut. A TCP connection costs what its handshakes cost: one round trip
// before the first byte, and another one for TLS 1.3.

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type SlowLineOptions = {
  readonly bitsPerSecond: number
  readonly roundTripMs: number
  /** Round trips until a TCP connection carries its first byte. */
  readonly handshakes: number
}

export type SlowLine = {
  /** The port that leads to a server's port. */
  readonly tcp: (port: number) => Promise<number>
  readonly udp: (port: number) => Promise<number>
  /** Nothing passes and every connection ends, until `mend`. */
  readonly cut: () => void
  readonly mend: () => void
  /** Bytes that have passed, both ways. */
  readonly bytes: () => number
  readonly close: () => void
}

/** IPv4 and TCP or UDP, as they come on a line without options. */
const headerBytes = { tcp: 40, udp: 28 } as const
const segmentBytes = 1_400

export function createSlowLine({ bitsPerSecond, roundTripMs, handshakes }: SlowLineOptions): SlowLine {
  const bytesPerMs = bitsPerSecond / 8_000
  const oneWayMs = roundTripMs / 2
  const freeAt = { up: 0, down: 0 }
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  const datagrams: UdpSocket[] = []
  let passed = 0
  let isCut = false

  /** Calls when the last of the bytes has arrived; never where the line is cut meanwhile. */
  function pass(way: 'up' | 'down', bytes: number, arrive: () => void): void {
    const now = performance.now()
    const sentAt = Math.max(now, freeAt[way]) + bytes / bytesPerMs
    freeAt[way] = sentAt
    passed += bytes
    setTimeout(
      () => {
        if (!isCut) arrive()
      },
      sentAt + oneWayMs - now,
    )
  }

  function pipe(way: 'up' | 'down', from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += segmentBytes) {
        const segment = chunk.subarray(at, at + segmentBytes)
        pass(way, segment.length + headerBytes.tcp, () => to.writable && to.write(segment))
      }
    })
    from.on('end', () => pass(way, headerBytes.tcp, () => to.end()))
    from.on('error', () => to.destroy())
    from.on('close', () => sockets.delete(from))
  }

  async function tcp(port: number): Promise<number> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, near => {
      if (isCut) return near.destroy()
      const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      for (const socket of [near, far]) sockets.add(socket.setNoDelay())
      pipe('up', near, far)
      pipe('down', far, near)
      setTimeout(() => near.resume(), handshakes * roundTripMs)
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  async function udp(port: number): Promise<number> {
    const near = await bound()
    /** A socket of its own towards the server for each browser's address. */
    const fars = new Map<number, Promise<UdpSocket>>()
    near.on('message', (message, { port: from }) => {
      if (isCut) return
      const far = fars.get(from) ?? bound()
      if (!fars.has(from)) {
        fars.set(from, far)
        far.then(socket =>
          socket.on('message', answer =>
            pass('down', answer.length + headerBytes.udp, () => near.send(answer, from, '127.0.0.1')),
          ),
        )
      }
      far.then(socket => pass('up', message.length + headerBytes.udp, () => socket.send(message, port, '127.0.0.1')))
    })
    return near.address().port
  }

  async function bound(): Promise<UdpSocket> {
    const socket = createSocket('udp4')
    datagrams.push(socket)
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return socket
  }

  return {
    tcp,
    udp,
    cut() {
      isCut = true
      for (const socket of sockets) socket.destroy()
    },
    mend() {
      isCut = false
      freeAt.up = freeAt.down = 0
    },
    bytes: () => passed,
    close() {
      isCut = true
      for (const socket of sockets) socket.destroy()
      for (const server of servers) server.close()
      for (const socket of datagrams) socket.close()
    },
  }
}
