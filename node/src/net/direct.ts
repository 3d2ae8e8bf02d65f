// The door of our own dial: a second UDP port. A caller's first packet carries all that is needed to answer it, so anyone can
// forge it; every bound stands before the native connection, which costs a thread and sends packets to whoever is named.

import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import {
  type ByteChannel,
  type Caller,
  createBucket,
  type FirstCall,
  formatDirectAddress,
  readFirstPacket,
} from '@muniment/sdk/p2p'
import { IceUdpMuxListener, type IceUdpMuxRequest } from 'node-datachannel'
import * as limits from '../limits.ts'
import { createGate } from '../rpc/gate.ts'
import type { Certificate } from './identity.ts'
import { createNativeConnection } from './native-channel.ts'
import { findFreePort, requireFreePort } from './port.ts'

export type DirectDoor = {
  /** Dialable addresses of our own dial. */
  readonly addresses: () => readonly string[]
  /** Native connections, proven or not. */
  readonly connections: () => number
  readonly close: () => void
}

export type DirectOptions = {
  /** IP address, not a name. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  readonly certificate: Certificate
  /** This node's peer id. */
  readonly peer: string
  /** Proves who is behind an open channel; rejects, and closes the channel, where nobody is let in. */
  readonly admit: (channel: ByteChannel, caller: Caller) => Promise<void>
}

/** Listeners that nobody holds are collected, and stop without a word. */
const held = new Set<IceUdpMuxListener>()

/**
 * Throws HomeError: port-in-use, permission, file-malformed. To be opened after that of WebRTC-direct v1: its connections name
 * no port, so the library gives them to the listener that came first.
 */
export async function openDirectDoor(options: DirectOptions): Promise<DirectDoor> {
  const { host, certificate, peer } = options
  const port = options.port === 0 ? await findFreePort(host) : options.port
  await requireFreePort(host, port)
  const fingerprint = fingerprintOf(certificate)
  const callers = createCallers(options, { port, fingerprint })
  const listener = new IceUdpMuxListener(port, host)
  held.add(listener)
  listener.onUnhandledStunRequest(packet => {
    // An exception would end the process: what can't be begun is dropped, as a packet is that got lost.
    try {
      callers.accept(packet)
    } catch {}
  })
  return {
    addresses: () => dialableHosts(host).map(each => formatDirectAddress({ host: each, port, fingerprint, peer })),
    connections: callers.count,
    close() {
      held.delete(listener)
      listener.stop()
      callers.close()
    },
  }
}

type Callers = {
  readonly accept: (packet: IceUdpMuxRequest) => void
  readonly count: () => number
  readonly close: () => void
}

function createCallers(
  { certificate, admit }: DirectOptions,
  { port, fingerprint }: { readonly port: number; readonly fingerprint: Uint8Array },
): Callers {
  const open = new Map<string, { readonly close: () => void }>()
  const handshakes = createBucket(limits.handshakesPerSecond, limits.handshakeBurst)
  const pending = createGate({
    connectionsPerAddressMax: limits.pendingConnectionsPerNetworkMax,
    requestsConcurrentMax: limits.pendingConnectionsMax,
    callsPerSecondMax: limits.handshakesPerSecondAndNetwork,
    callsBurstMax: limits.handshakeBurstPerNetwork,
    addressesMax: limits.handshakeNetworksMax,
  })

  function begin({ name, host, port: callersPort, secret, offer }: FirstCall): void {
    const close = (): void => connection.close()
    // While the caller's address has not answered, nothing but our own checks is sent there (RFC 8445, 14.3): three packets.
    let late = setTimeout(close, limits.addressTimeoutMs)
    let isPending = true
    const settle = (): void => {
      if (!isPending) return
      isPending = false
      clearTimeout(late)
      pending.done()
      pending.left(host)
    }
    const connection = createNativeConnection(
      { certificate, port, secret, offer },
      {
        onValidated() {
          if (!isPending) return
          clearTimeout(late)
          late = setTimeout(close, limits.handshakeTimeoutMs)
        },
        onOpen(channel, offerer) {
          const fingerprints = { offerer, answerer: fingerprint }
          admit(channel, { host, port: callersPort, fingerprints }).then(settle, close)
        },
        onClosed() {
          settle()
          open.delete(name)
        },
      },
    )
    open.set(name, connection)
  }

  return {
    accept(packet) {
      const first = readFirstPacket(packet)
      if (!first) return
      if (open.has(first.name) || open.size >= limits.connectionsMax) return
      // Whoever floods from one network uses up its own share before that of all.
      if (!pending.takeCall(first.host) || !handshakes.take()) return
      if (!pending.enter(first.host)) return
      if (!pending.start()) return pending.left(first.host)
      begin(first)
    },
    count: () => open.size,
    close() {
      for (const connection of [...open.values()]) connection.close()
    },
  }
}

/** The DER bytes' SHA-256, without multibase and multihash. */
function fingerprintOf({ certhash }: Certificate): Uint8Array {
  return Uint8Array.from(Buffer.from(certhash.slice(1), 'base64url').subarray(2))
}

/** Of a host that stands for all addresses of this machine, those that others can dial; its own, where there is no other. */
function dialableHosts(host: string): readonly string[] {
  if (host !== '0.0.0.0' && !/^[0:]+$/.test(host)) return [host]
  const all = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  const fitting = all.filter(({ address, scopeid }) => !scopeid && (host.includes(':') || isIP(address) === 4))
  const outward = fitting.filter(({ internal }) => !internal)
  return (outward.length > 0 ? outward : fitting).map(({ address }) => address)
}
