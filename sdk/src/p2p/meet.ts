// Two equals meet: one makes an offer, the other an answer, and whoever carries them between the two, a person or a peer
// that both know, the connection is made in this one way.

import type { Connection } from '@libp2p/interface'
import { check } from '../errors.ts'
import { pairingsAtOnceMax, peersMax } from '../limits.ts'
import { type CandidatePolicy, packBlob, unpackBlob } from './blob.ts'
import { readDescription, writeDescription } from './description.ts'
import { type Host, upgradeLink } from './host.ts'
import { createLink, gathered, type Link, tellDescription } from './link.ts'

/** Where connections between equals are begun: what they share. */
export type Meetings = {
  readonly host: Host
  /** `stun:HOST:PORT`, of the page's own choice. */
  readonly iceServers: readonly string[]
  /** Peers whose blob a person carried. */
  readonly paired: Set<string>
  /** Begun, and neither made nor given up. */
  readonly open: Set<{ readonly close: () => void }>
}

export type MeetOptions = {
  readonly policy: CandidatePolicy
  /** Who must be on the other side; undefined where the blob alone says it. */
  readonly peer: string | undefined
  /** Ends the attempt; its reason is what is then thrown. */
  readonly signal: AbortSignal
}

export type Offered = {
  readonly blob: Uint8Array
  /** Rejects with VerifyError or the signal's reason. */
  readonly accept: (answer: Uint8Array) => Promise<Connection>
  readonly cancel: () => void
}

export type Answered = { readonly blob: Uint8Array; readonly connected: Promise<Connection> }

export async function meetByOffer(meetings: Meetings, options: MeetOptions): Promise<Offered> {
  const link = await beginLink(meetings, options.signal)
  return closedOnError(link, async () => {
    await link.peer.setLocalDescription(await link.peer.createOffer())
    const local = readDescription(await gathered(link.peer))
    let isAnswered = false
    return {
      blob: packBlob('offer', local, options.policy),
      cancel: link.close,
      async accept(answer) {
        // What is no answer does no harm: another one may follow.
        const remote = unpackBlob('answer', answer, options.policy)
        check(!isAnswered, 'refused', 'this offer has been answered')
        isAnswered = true
        await tellDescription(link.peer, 'answer', writeDescription(remote, 'answer'))
        return upgradeLink(meetings.host, link, {
          role: 'offerer',
          fingerprints: { offerer: local.fingerprint, answerer: remote.fingerprint },
          address: '/webrtc',
          ...options,
        })
      },
    }
  })
}

export async function meetByAnswer(meetings: Meetings, offer: Uint8Array, options: MeetOptions): Promise<Answered> {
  const remote = unpackBlob('offer', offer, options.policy)
  const link = await beginLink(meetings, options.signal, writeDescription(remote, 'offer'))
  return closedOnError(link, async () => {
    await link.peer.setLocalDescription(await link.peer.createAnswer())
    const sdp = await gathered(link.peer)
    check(/^a=setup:active\s*$/m.test(sdp), 'unavailable', 'this WebRTC answers in a way that is not known')
    const local = readDescription(sdp)
    const connected = upgradeLink(meetings.host, link, {
      role: 'answerer',
      fingerprints: { offerer: remote.fingerprint, answerer: local.fingerprint },
      address: '/webrtc',
      ...options,
    })
    // Whoever gives up before the connection is made need not look at it.
    connected.catch(() => undefined)
    return { blob: packBlob('answer', local, options.policy), connected }
  })
}

/** A link that counts as open until it is connected or closed, and ends with the signal. */
async function beginLink({ host, iceServers, open }: Meetings, signal: AbortSignal, offer?: string): Promise<Link> {
  signal.throwIfAborted()
  check(open.size < pairingsAtOnceMax, 'limited', 'too many connections are being made')
  check(host.libp2p.getConnections().length < peersMax, 'limited', 'too many connections')
  // Counted before anything is waited for.
  const entry = { close: (): void => {} }
  open.add(entry)
  try {
    const link = await createLink(iceServers, offer)
    entry.close = link.close
    signal.addEventListener('abort', link.close)
    const done = (): void => {
      signal.removeEventListener('abort', link.close)
      open.delete(entry)
    }
    link.opened(signal).then(done, () => {
      link.close()
      done()
    })
    return link
  } catch (error) {
    open.delete(entry)
    throw error
  }
}

async function closedOnError<T>(link: Link, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    link.close()
    throw error
  }
}
