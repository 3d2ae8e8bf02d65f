// What a page does with other peers: dials nodes, pairs with browsers, is introduced to more of them, answers them.

import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { assert, VerifyError } from '../errors.ts'
import { dialTimeoutMs, introductionStreamsPerPeerMax, pairingTimeoutMs, streamsPerPeerMax } from '../limits.ts'
import type { Provider } from '../provider.ts'
import { joinSignals } from '../signals.ts'
import { isDirectAddress } from './address.ts'
import { type CandidatePolicy, formatBlob, pairedPolicy, parseBlob } from './blob.ts'
import { withDeadline } from './deadline.ts'
import { dialDirect } from './dial.ts'
import { createHost, type Host } from './host.ts'
import { askIntroducer, createTarget, type Introducing, idOf, joinIntroducer, meetThrough } from './introduce.ts'
import { createIntroducer } from './introducer.ts'
import { introducedPolicy, introduceProtocol } from './introduction.ts'
import { type Meetings, meetByAnswer, meetByOffer } from './meet.ts'
import { queryProtocol } from './messages.ts'
import { createPeerProvider } from './peer.ts'
import { createQueryServer } from './serve.ts'

export type PeersOptions = {
  /** `stun:HOST:PORT`, by which this page learns its own public address. None by default: nobody is asked unasked. */
  readonly iceServers?: readonly string[]
  /** Whether peers may meet on one machine by its loopback address: for tests. */
  readonly loopback?: boolean
}

export type PeerCallOptions = { readonly signal?: AbortSignal }

/** Connections of one page. The Provider of another browser has the kind `neighbour`, and its peer id as its label. */
export type Peers = {
  /** This page's own peer id; it lasts as long as the page. */
  readonly id: string
  /**
   * Dials a node: `/ip4/…/udp/…/muniment-direct/certhash/…/p2p/…`, or the same with `webrtc-direct`. The address names the
   * node's key, so nobody can stand in for it.
   */
  readonly connect: (address: string, options?: PeerCallOptions) => Promise<Provider>
  /** Begins to pair with another browser: its user reads the blob, and gives back the one that `answer` makes there. */
  readonly offer: (options?: PeerCallOptions) => Promise<Offer>
  /** Throws VerifyError for what is no offer. */
  readonly answer: (blob: string, options?: PeerCallOptions) => Promise<Answer>
  /** Browsers to which the peers of this page can introduce it: a few of those that wait there. */
  readonly neighbours: (options?: PeerCallOptions) => Promise<readonly Neighbour[]>
  /** Answers whoever is connected from the provider, and waits at all peers to be introduced to others, until stopped. */
  readonly serve: (provider: Provider) => Promise<() => Promise<void>>
  readonly close: () => Promise<void>
}

export type Offer = {
  /** At most 342 characters of base64url. */
  readonly blob: string
  /** Once. Rejects with VerifyError. */
  readonly accept: (answer: string) => Promise<Provider>
  readonly cancel: () => void
}

export type Answer = {
  readonly blob: string
  /** Resolves when the other side has accepted; rejects with VerifyError when it has not for five minutes. */
  readonly connected: Promise<Provider>
  readonly cancel: () => void
}

export type Neighbour = { readonly id: string; readonly connect: (options?: PeerCallOptions) => Promise<Provider> }

export async function createPeers(options: PeersOptions = {}): Promise<Peers> {
  const host = await createHost()
  const meetings: Meetings = { host, iceServers: options.iceServers ?? [], paired: new Set(), open: new Set() }
  const allowed = (policy: CandidatePolicy): CandidatePolicy =>
    options.loopback ? { ...policy, scopes: [...policy.scopes, 'loopback'] } : policy
  const pairing: Pairing = { meetings, policy: allowed(pairedPolicy) }
  const introducing: Introducing = {
    meetings,
    policyFor(peer) {
      const { scopes } = meetings.paired.has(peer) ? pairedPolicy : introducedPolicy
      return allowed({ ...introducedPolicy, scopes })
    },
  }
  return {
    id: host.libp2p.peerId.toString(),
    connect: (address, call) => connect(host, address, call?.signal),
    offer: call => offer(pairing, call?.signal),
    answer: (blob, call) => answer(pairing, blob, call?.signal),
    neighbours: call => neighbours(introducing, call?.signal),
    serve: provider => serve(introducing, provider),
    async close() {
      for (const link of meetings.open) link.close()
      await host.libp2p.stop()
    },
  }
}

async function connect(host: Host, address: string, given: AbortSignal | undefined): Promise<Provider> {
  const signal = withDeadline(dialTimeoutMs, 'the node could not be reached in time', given)
  try {
    const connection = isDirectAddress(address)
      ? await dialDirect(host, address, signal)
      : await host.libp2p.dial(multiaddr(address), { signal })
    return createPeerProvider(connection, { kind: 'webrtc', label: address })
  } catch (error) {
    throw reasonOf(error, signal, 'the node could not be reached')
  }
}

/** What a caller is told: the signal's reason, a VerifyError, never an error of a library. */
function reasonOf(error: unknown, signal: AbortSignal, sentence: string): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof VerifyError) return error
  return new VerifyError('unavailable', `${sentence}: ${error instanceof Error ? error.message : String(error)}`)
}

type Pairing = { readonly meetings: Meetings; readonly policy: CandidatePolicy }

/** A signal that ends with the caller's, when nobody comes for minutes, and when it is cancelled. */
function pairingSignal(given: AbortSignal | undefined): { readonly signal: AbortSignal; readonly cancel: () => void } {
  const cancelled = new AbortController()
  return {
    signal: withDeadline(pairingTimeoutMs, 'the other side did not come', joinSignals(given, cancelled.signal)),
    cancel: () => cancelled.abort(new VerifyError('unavailable', 'the pairing was given up')),
  }
}

async function offer({ meetings, policy }: Pairing, given: AbortSignal | undefined): Promise<Offer> {
  const { signal, cancel } = pairingSignal(given)
  const made = await meetByOffer(meetings, { policy, peer: undefined, signal })
  return {
    blob: formatBlob(made.blob),
    accept: async text => pairedProvider(meetings, await made.accept(parseBlob(text))),
    cancel,
  }
}

async function answer({ meetings, policy }: Pairing, text: string, given: AbortSignal | undefined): Promise<Answer> {
  const { signal, cancel } = pairingSignal(given)
  const made = await meetByAnswer(meetings, parseBlob(text), { policy, peer: undefined, signal })
  const connected = made.connected.then(connection => pairedProvider(meetings, connection))
  // Whoever gives up before then need not look at it.
  connected.catch(() => undefined)
  return { blob: formatBlob(made.blob), connected, cancel }
}

function pairedProvider({ paired }: Meetings, connection: Connection): Provider {
  paired.add(connection.remotePeer.toString())
  return neighbourProvider(connection)
}

/** Opens its stream when it is asked: the other browser may serve nothing, and be connected all the same. */
function neighbourProvider(connection: Connection): Provider {
  return createPeerProvider(connection, { kind: 'neighbour', label: connection.remotePeer.toString() })
}

async function neighbours(introducing: Introducing, given: AbortSignal | undefined): Promise<readonly Neighbour[]> {
  const { libp2p } = introducing.meetings.host
  const signal = withDeadline(dialTimeoutMs, 'the introducers did not answer in time', given)
  const found = new Map<string, Neighbour>()
  const ask = async (introducer: Connection): Promise<void> => {
    const { list } = await askIntroducer(introducer, { list: {} }, signal)
    for (const target of list?.keys ?? []) {
      const id = idOf(target)
      found.set(id, { id, connect: call => meetNeighbour(introducing, introducer, { target, given: call?.signal }) })
    }
  }
  // One that does not answer, or does not introduce, is no fault of the others.
  await Promise.allSettled(libp2p.getConnections().map(ask))
  given?.throwIfAborted()
  found.delete(libp2p.peerId.toString())
  for (const peer of libp2p.getPeers()) found.delete(peer.toString())
  return [...found.values()]
}

async function meetNeighbour(
  introducing: Introducing,
  introducer: Connection,
  { target, given }: { readonly target: Uint8Array; readonly given: AbortSignal | undefined },
): Promise<Provider> {
  const signal = withDeadline(dialTimeoutMs, 'the neighbour could not be reached in time', given)
  return neighbourProvider(await meetThrough(introducing, introducer, { target, signal }))
}

async function serve(introducing: Introducing, provider: Provider): Promise<() => Promise<void>> {
  const { libp2p } = introducing.meetings.host
  assert(!libp2p.getProtocols().includes(queryProtocol), 'a page serves one provider at a time')
  const stopped = new AbortController()
  const server = createQueryServer({ provider })
  const introducer = createIntroducer({ answer: createTarget(introducing) })
  await libp2p.handle(queryProtocol, server.accept, { maxInboundStreams: streamsPerPeerMax })
  await libp2p.handle(introduceProtocol, introducer.accept, { maxInboundStreams: introductionStreamsPerPeerMax })
  // Peers that introduce nobody refuse, which is their right.
  const join = (connection: Connection): Promise<void> =>
    joinIntroducer(connection, stopped.signal).catch(() => undefined)
  const opened = ({ detail }: CustomEvent<Connection>): void => void join(detail)
  libp2p.addEventListener('connection:open', opened)
  await Promise.all(libp2p.getConnections().map(join))
  return async () => {
    stopped.abort(new VerifyError('unavailable', 'this page serves no more'))
    libp2p.removeEventListener('connection:open', opened)
    await libp2p.unhandle([queryProtocol, introduceProtocol])
  }
}
