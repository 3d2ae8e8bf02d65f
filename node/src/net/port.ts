// Whether a UDP port can be had, and which. Asked first, because the WebRTC library tells it in log lines of its own and a nameless error.

import { createSocket } from 'node:dgram'
import { isIP } from 'node:net'
import { HomeError } from '../home-error.ts'

/** Throws HomeError: port-in-use, permission, or file-malformed for what is no address of this machine. */
export async function requireFreePort(host: string, port: number): Promise<void> {
  await bindOnce(host, port)
}

/** A port that was free a moment ago. Throws HomeError as above. */
export function findFreePort(host: string): Promise<number> {
  return bindOnce(host, 0)
}

async function bindOnce(host: string, port: number): Promise<number> {
  const family = isIP(host)
  if (family === 0) throw new HomeError('file-malformed', `${host} is no IP address.`)
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ address: host, port, exclusive: true }, resolve)
    })
    return socket.address().port
  } catch (error) {
    throw refusal(error, host, port)
  } finally {
    await new Promise<void>(resolve => socket.close(() => resolve()))
  }
}

function refusal(error: unknown, host: string, port: number): unknown {
  const { code } = error as { code?: string }
  if (code === 'EADDRINUSE')
    return new HomeError('port-in-use', `UDP port ${port} on ${host} is in use; choose another one.`, error)
  if (code === 'EACCES')
    return new HomeError('permission', `There is no permission to listen on UDP port ${port}.`, error)
  if (code === 'EADDRNOTAVAIL') return new HomeError('file-malformed', `${host} is no address of this machine.`, error)
  return error
}
