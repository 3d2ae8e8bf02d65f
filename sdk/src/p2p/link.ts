// WebRTC of the browser, with the one channel that both sides agree on beforehand. In Node, whose global has no WebRTC, the
// package node-datachannel gives the same interface where it is installed.

import { VerifyError } from '../errors.ts'
import { channelBufferedBytesMax, gatheringTimeoutMs } from '../limits.ts'
import type { ByteChannel, ChannelListener } from './channel.ts'

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

/** A peer connection that has not begun to connect. Throws VerifyError `unavailable` where there is no WebRTC. */
export async function createLink(iceServers: readonly string[]): Promise<Link> {
  const Peer = await findPeerConnection()
  const peer = new Peer({ iceServers: iceServers.map(urls => ({ urls })) })
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

async function findPeerConnection(): Promise<typeof RTCPeerConnection> {
  if (typeof RTCPeerConnection === 'function') return RTCPeerConnection
  // A name that bundlers can't follow: in a page it is never asked for.
  const name = 'node-datachannel/polyfill'
  try {
    return (await import(/* @vite-ignore */ name)).RTCPeerConnection
  } catch {
    throw new VerifyError('unavailable', 'there is no WebRTC here')
  }
}

function byteChannel(peer: RTCPeerConnection, channel: RTCDataChannel, close: () => void): ByteChannel {
  let listener: ChannelListener | undefined
  // `disconnected` may pass; the two others are the end.
  peer.onconnectionstatechange = () => {
    const isOver = peer.connectionState === 'closed' || peer.connectionState === 'failed'
    if (isOver && channel.readyState !== 'connecting') listener?.closed()
  }
  channel.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) listener?.message(new Uint8Array(data))
  }
  channel.onbufferedamountlow = () => listener?.drained()
  channel.onclose = () => {
    listener?.closed()
    close()
  }
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
