// A connection between two nodes that can be cut: a port of its own that leads to another one.

import { connect, createServer, type Socket } from 'node:net'

export type Link = {
  readonly port: number
  /** Ends what is connected, and refuses what is dialled, until it is mended. */
  readonly cut: () => void
  readonly mend: () => void
  readonly close: () => Promise<void>
}

export async function startLink(to: number): Promise<Link> {
  const sockets = new Set<Socket>()
  let isCut = false
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    // A node that is killed resets its connections, and that is no failure of a test.
    return socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
  }
  const server = createServer(near => {
    keep(near)
    if (isCut) return near.destroy()
    const far = keep(connect({ port: to, host: '127.0.0.1' }))
    near.once('close', () => far.destroy())
    far.once('close', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut() {
      isCut = true
      destroyAll()
    },
    mend() {
      isCut = false
    },
    close() {
      destroyAll()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}
