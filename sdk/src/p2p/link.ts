// WebRTC of the browser, with the one channel that both sides agree on beforehand. In Node, whose global has no WebRTC, the
// package node-datachannel gives the same interface where it is installed.

import { VerifyError } from '../errors.ts'
import { channelBufferedBytesMax, gatheringTimeoutMs } from '../limits.ts'
import type { ByteChannel, ChannelListener } from './byte-channel.ts'

export type Link = {
  readonly peer: RTCPeerConnection
  readonly channel: ByteChannel
  /** Resolves when the channel can be used; rejects with a signal's reason, and VerifyError where the link was closed. */
  readonly opened: (...signals: readonly AbortSignal[]) => Promise<void>
  /**
   * Aborts when WebRTC gives up. Before anything was sent that need not be the end: whoever answers may give up while a person
   * still carries the answer, and begins again when the other side comes.
   */
  readonly failure: AbortSignal
  readonly close: () => void
}

/**
 * A peer connection that has not begun to connect, or one that knows the other side's offer. Throws VerifyError `unavailable`
 * where there is no WebRTC, `malformed` where it refuses the offer.
 */
export async function createLink(iceServers: readonly string[], offer?: string): Promise<Link> {
  const Peer = findPeerConnection()
  const peer = new Peer({ iceServers: iceServers.map(urls => ({ urls })) })
  // Before the channel: where that comes first, node-datachannel makes an offer of its own.
  if (offer !== undefined) await tellDescription(peer, 'offer', offer)
  const channel = peer.createDataChannel('', { negotiated: true, id: 0 })
  channel.binaryType = 'arraybuffer'
  channel.bufferedAmountLowThreshold = channelBufferedBytesMax / 4
  // Browsers fire no event on the side that closes.
  const closing = new AbortController()
  const close = (): void => {
    closing.abort(new VerifyError('unavailable', 'the connection was closed before it was made'))
    peer.close()
  }
  return {
    peer,
    channel: byteChannel(peer, channel, close),
    opened: (...signals) => whenOpen(channel, [...signals, closing.signal]),
    failure: failureOf(peer),
    close,
  }
}

/** Throws VerifyError `malformed`; the peer connection is closed then. */
export async function tellDescription(peer: RTCPeerConnection, type: 'offer' | 'answer', sdp: string): Promise<void> {
  try {
    await peer.setRemoteDescription({ type, sdp })
  } catch (error) {
    peer.close()
    throw new VerifyError('malformed', 'WebRTC refuses the other side’s description', { actual: error })
  }
}

type PeerConnectionType = typeof RTCPeerConnection
/** What of Node is used, where there is Node. */
type Runtime = {
  readonly process?: {
    readonly getBuiltinModule?: (name: string) => {
      readonly createRequire: (from: string) => (name: string) => unknown
    }
  }
}

function findPeerConnection(): PeerConnectionType {
  if (typeof RTCPeerConnection === 'function') return RTCPeerConnection
  try {
    // Not by import(), which bundlers follow: a page is not to bring what only Node needs.
    const require = (globalThis as Runtime).process?.getBuiltinModule?.('node:module').createRequire(import.meta.url)
    const found = require?.('node-datachannel/polyfill') as
      | { readonly RTCPeerConnection: PeerConnectionType }
      | undefined
    if (found) return found.RTCPeerConnection
  } catch {}
  throw new VerifyError('unavailable', 'there is no WebRTC here')
}

function byteChannel(peer: RTCPeerConnection, channel: RTCDataChannel, close: () => void): ByteChannel {
  let listener: ChannelListener | undefined
  const end = (): void => {
    listener?.closed()
    close()
  }
  // `disconnected` may pass; the two others are the end, once there was a channel.
  peer.onconnectionstatechange = () => {
    const isOver = peer.connectionState === 'closed' || peer.connectionState === 'failed'
    if (isOver && channel.readyState !== 'connecting') end()
  }
  channel.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) listener?.message(new Uint8Array(data))
  }
  channel.onbufferedamountlow = () => listener?.drained()
  channel.onclose = end
  return {
    send: message => channel.send(message as Uint8Array<ArrayBuffer>),
    bufferedBytes: () => channel.bufferedAmount,
    close,
    listen: given => {
      listener = given
    },
  }
}

function failureOf(peer: RTCPeerConnection): AbortSignal {
  const failed = new AbortController()
  peer.addEventListener('connectionstatechange', () => {
    if (peer.connectionState === 'failed')
      failed.abort(new VerifyError('unavailable', 'WebRTC could not reach the other side'))
  })
  return failed.signal
}

function whenOpen(channel: RTCDataChannel, signals: readonly AbortSignal[]): Promise<void> {
  const settled = new AbortController()
  const listening = { signal: settled.signal }
  const made = new Promise<void>((resolve, reject) => {
    channel.addEventListener('open', () => resolve(), listening)
    for (const signal of signals) {
      signal.addEventListener('abort', () => reject(signal.reason), listening)
      if (signal.aborted) reject(signal.reason)
    }
    if (channel.readyState === 'open') resolve()
  })
  return made.finally(() => settled.abort())
}

/** The local description with its candidates, all of them or those that were found in time. */
export async function gathered(peer: RTCPeerConnection): Promise<string> {
  if (peer.iceGatheringState !== 'complete') {
    await new Promise<void>(resolve => {
      const late = setTimeout(resolve, gatheringTimeoutMs)
      peer.addEventListener('icegatheringstatechange', () => {
        if (peer.iceGatheringState !== 'complete') return
        clearTimeout(late)
        resolve()
      })
    })
  }
  return peer.localDescription?.sdp ?? ''
}
