// The one place where the parts are joined: a client of one network, for pages, workers and Node.

import { formatHex } from './bytes.ts'
import { evidenceId } from './comet/evidence.ts'
import type { Crypto, Hasher } from './crypto/crypto.ts'
import { loadCrypto } from './crypto/load.ts'
import { assert, VerifyError } from './errors.ts'
import { accountEntry } from './ledger/entries.ts'
import { accountKey } from './ledger/keys.ts'
import { createChain } from './light/chain.ts'
import type { Exclusive } from './light/client.ts'
import type { Contradiction } from './light/contradiction.ts'
import { moreTelling } from './light/providers.ts'
import { createReader, type TrustedReader, type TrustedState } from './light/reader.ts'
import type { TrustRoot } from './light/trust-root.ts'
import { type WatchedChain, watchedChain } from './light/watched.ts'
import { inclusionPollMs, inclusionTimeoutMs, lockPatienceMs, paceBlocks } from './limits.ts'
import type { Network } from './network.ts'
import type { Provider, SubmitAnswer } from './provider.ts'
import { createRecorder, decodeBundle, encodeBundle, isBundle, keptBlocks } from './record/bundle.ts'
import { askTimes, type OtherClocks } from './record/clock.ts'
import { parseShortLink, type RecordLink } from './record/link.ts'
import { type Beginning, freshReader, trustedBefore, verifyFile } from './record/offline.ts'
import type { Verdict } from './record/verdict.ts'
import { verifyRecord as checkRecord, type RecordInput, readInput, type VerifyRecordOptions } from './record/verify.ts'
import type { Fetch } from './rpc/transport.ts'
import { unlessAborted } from './signals.ts'
import { createSources, type Dialer, type PeerStatus, type Sources } from './sources.ts'
import { createBoundedStore } from './storage/bounded.ts'
import { createMemoryStore } from './storage/memory.ts'
import type { Store } from './store.ts'
import { secondsBetween, type Timestamp, timeFromMilliseconds, timeToMilliseconds } from './time.ts'
import { type PrepareRequest, prepareBody, signBody } from './tx/prepare.ts'
import type { AnySigner } from './tx/signer.ts'

export type ClientOptions = {
  /** Compiled into the release, never fetched. */
  readonly root: TrustRoot
  readonly network: Network
  readonly crypto?: Crypto
  /** IndexedDB in pages; memory where none is given. */
  readonly store?: Store
  /** For questions over HTTP, in place of the host's own. */
  readonly fetch?: Fetch
  /** Makes the WebRTC host when the first peer is dialled. Without it only RPC is used. */
  readonly peers?: () => Promise<Dialer>
  /** The origin that served the page, for the list of whom a verdict trusts. */
  readonly page?: string
  /** The time, or what tells it; the host's clock where it is left out. */
  readonly now?: Timestamp | (() => Timestamp)
}

export type CallOptions = { readonly signal?: AbortSignal | undefined }

/** What is known of a network without asking anybody. */
export type ClientStatus = {
  /** The newest head that was verified, which is what answers stand under; undefined before the first question. */
  readonly head:
    | {
        readonly height: bigint
        readonly time: Timestamp
        /** By this client's clock; below 0 where that is behind. */
        readonly ageSeconds: number
        /** Names of those of the trust root's witnesses that cosigned this very head. */
        readonly witnesses: readonly string[]
      }
    | undefined
  /** Two blocks were proved that can't both be true, or a history that does not go on; nothing has been found since that is free of it. */
  readonly isContradicted: boolean
  /** In the order in which the network names them. */
  readonly peers: readonly PeerStatus[]
}

export type Client = {
  readonly root: TrustRoot
  readonly crypto: Crypto
  readonly now: () => Timestamp
  readonly status: () => ClientStatus
  /** Verifies the newest head that the network's nodes can prove. Throws VerifyError where none could. */
  readonly sync: (options?: CallOptions) => Promise<ClientStatus>
  /** Checks a link, a document or a file. Asks the network's nodes until one can prove an answer. */
  readonly verifyRecord: (input: RecordInput, options?: Omit<VerifyRecordOptions, 'now'>) => Promise<Verdict>
  /** A document with everything that proves it under the newest head, in one file: it is checked without asking anybody. */
  readonly bundle: (input: RecordInput, options?: CallOptions) => Promise<Uint8Array>
  /** Proven values of the state. Throws VerifyError of the last node asked where none could prove them. */
  readonly read: (keys: readonly Uint8Array[], options?: CallOptions) => Promise<TrustedState>
  /** The body of a transaction with the first signer's next nonce: what everyone is then shown, and signs. */
  readonly prepare: (request: PrepareRequest, options?: CallOptions) => Promise<Uint8Array>
  /** Signs a body, one signer a place in its list: keys by themselves, or passkeys whose answers are checked here. */
  readonly sign: (body: Uint8Array, signers: readonly AnySigner[]) => Promise<Uint8Array>
  /** Hands a transaction to the first node that takes it. Its answer is a hint: wait for the proof. */
  readonly submit: (transaction: Uint8Array, options?: CallOptions) => Promise<SubmitAnswer>
  /** Reads a key until it is proven to be there. Rejects with VerifyError `unavailable` after a minute. */
  readonly waitFor: (key: Uint8Array, options?: CallOptions) => Promise<TrustedState>
  /**
   * About when a block will be made, by the pace of the last blocks before it: a guess for people, never for a rule. Rejects with
   * VerifyError where no node proves that pace.
   */
  readonly expectedTime: (height: bigint, options?: CallOptions) => Promise<Timestamp>
  /**
   * Which peers proved different blocks to this client, after all that have not taken the evidence were asked to; whoever is
   * silent is waited for some seconds.
   */
  readonly contradictions: (options?: CallOptions) => Promise<readonly Contradiction[]>
  /** All evidence that is kept, as a file for others: a JSON list in the form that CometBFT's `broadcast_evidence` takes. */
  readonly evidenceFile: () => Promise<string>
  readonly close: () => Promise<void>
}

/** Asks nobody until the first call. */
export async function createClient(options: ClientOptions): Promise<Client> {
  const session = await openSession(options)
  const { root, crypto, now, store, sources } = session
  return {
    root,
    crypto,
    now,
    status: () => statusOf(session),
    sync: (call = {}) => unlessAborted(sync(session, call), call.signal),
    verifyRecord: (input, call = {}) =>
      unlessAborted(verifyInput(session, input, { ...call, now: now() }), call.signal),
    bundle: (input, call = {}) => unlessAborted(makeBundle(session, input, { ...call, now: now() }), call.signal),
    // Whoever calls off is answered at once, whatever a node, a store or another call is still doing.
    read: (keys, call) => unlessAborted(session.reader.read(keys, call), call?.signal),
    prepare: (request, call) => unlessAborted(prepare(session, request, call), call?.signal),
    sign: (body, signers) => signBody(body, { signers, genesisHash: root.genesisHash, hasher: crypto }),
    submit: (transaction, call = {}) => unlessAborted(submit(session, transaction, call), call.signal),
    waitFor: (key, call = {}) => unlessAborted(waitFor(session, key, call), call.signal),
    expectedTime: (height, call = {}) => unlessAborted(expectedTime(session, height, call), call.signal),
    contradictions: (call = {}) => unlessAborted(contradictions(session), call.signal),
    evidenceFile: () => evidenceFile(session),
    async close() {
      await sources.close()
      await store.close()
    },
  }
}

export type VerifyRequest = ClientOptions & Omit<VerifyRecordOptions, 'now'>

/** One question answered and everything closed again: the call for scripts. */
export async function verifyRecord(input: RecordInput, options: VerifyRequest): Promise<Verdict> {
  const client = await createClient(options)
  try {
    return await client.verifyRecord(input, options)
  } finally {
    await client.close()
  }
}

/**
 * What a proof bundle says by itself: nobody is asked, whatever nodes the network names. Where it cannot be followed from
 * the network's checkpoint the answer is `old-signatures` (security rule 12).
 */
export async function verifyBundle(bytes: Uint8Array, options: VerifyRequest): Promise<Verdict> {
  const { root, page } = options
  const { checkpoint } = options.network
  const crypto = options.crypto ?? (await loadCrypto())
  const now = clockOf(options)()
  const beginning = { root, checkpoint, crypto }
  const trusted = await trustedBefore(beginning, { page, now })
  const verified = verifyFile(bytes, { ...beginning, trusted, heightSeen: 0n }, { ...options, now })
  return unlessAborted(verified, options.signal)
}

type Session = {
  readonly options: ClientOptions
  readonly root: TrustRoot
  readonly crypto: Crypto
  readonly now: () => Timestamp
  readonly store: Store
  readonly sources: Sources
  readonly chain: WatchedChain
  readonly reader: TrustedReader
}

async function openSession(options: ClientOptions): Promise<Session> {
  const { root, network } = options
  const crypto = options.crypto ?? (await loadCrypto())
  const now = clockOf(options)
  const store = createBoundedStore(options.store ?? createMemoryStore())
  const sources = createSources(network, options.peers, options.fetch)
  const { providers } = sources
  const exclusive = lockOf(`muniment/sync/${root.chainId}`)
  const { checkpoint } = network
  const chain = watchedChain(createChain({ root, checkpoint, providers, store, crypto, now, exclusive }))
  return { options, root, crypto, now, store, sources, chain, reader: createReader(chain, { providers, crypto }) }
}

/** One page of an origin at a time, where there are Web Locks; one that hangs holds the others up for a moment only. */
function lockOf(name: string): Exclusive {
  const locks: LockManager | undefined = globalThis.navigator?.locks
  if (locks === undefined) return run => run()
  return async run => {
    let begun = false
    const once = <T>(work: () => Promise<T>): Promise<T> => {
      begun = true
      return work()
    }
    try {
      return await locks.request(name, { signal: AbortSignal.timeout(lockPatienceMs) }, () => once(run))
    } catch (error) {
      if (begun) throw error
      return run()
    }
  }
}

function clockOf({ now = () => timeFromMilliseconds(Date.now()) }: ClientOptions): () => Timestamp {
  return typeof now === 'function' ? now : () => now
}

function statusOf({ chain, sources, now }: Session): ClientStatus {
  const newest = chain.lastNewest()
  const peers = sources.peers()
  const isContradicted = chain.isContradicted()
  if (newest === undefined) return { head: undefined, isContradicted, peers }
  const { time } = newest.block.header
  const { height, witnesses } = newest
  return { head: { height, time, ageSeconds: secondsBetween(time, now()), witnesses }, isContradicted, peers }
}

async function sync(session: Session, { signal }: CallOptions): Promise<ClientStatus> {
  const head = await session.chain.newest({ signal })
  await session.chain.confirmHistory(head, { signal })
  return statusOf(session)
}

function beginningOf({ root, options, crypto }: Session): Beginning {
  return { root, checkpoint: options.network.checkpoint, crypto }
}

async function verifyInput(session: Session, input: RecordInput, call: VerifyRecordOptions): Promise<Verdict> {
  const { root, crypto, reader, chain, options } = session
  const beginning = beginningOf(session)
  const trusted = await trustedBefore(beginning, { page: options.page, now: call.now })
  const heightSeen = chain.head()?.height ?? 0n
  if (typeof input !== 'string' && isBundle(input))
    return verifyFile(input, { ...beginning, trusted, heightSeen }, call)
  const source = { reader, root, crypto, trusted, heightSeen, clocks: otherClocks(session), shortLinks: parseShortLink }
  const verdict = await checkRecord(input, source, call)
  // Where those that were asked can't give a fresh proof, those that were spared are asked too: no server can keep one back.
  if (leavesOpen(verdict, session) && session.sources.wake()) return verifyInput(session, input, call)
  if (verdict.code !== 'peers-disagree') return verdict
  return { ...verdict, contradictions: await chain.contradictions() }
}

/** Another node might have answered better. */
function leavesOpen({ code }: Verdict, { root }: Session): boolean {
  if (code === 'single-operator') return root.witnesses.k > 0
  return [
    'older-proof',
    'offline',
    'no-peers',
    'header-too-old',
    'clock-wrong',
    'checkpoint-expired',
    'old-signatures',
  ].includes(code)
}

async function expectedTime({ chain }: Session, height: bigint, call: CallOptions): Promise<Timestamp> {
  const { block: newest } = chain.head() ?? (await chain.newest(call))
  const { height: now, time } = newest.header
  const before = now > paceBlocks ? now - paceBlocks : 1n
  const { block: past } = await chain.trustedAt(before, call)
  const milliseconds = timeToMilliseconds(time) - timeToMilliseconds(past.header.time)
  const pace = now > before ? milliseconds / Number(now - before) : 0
  return timeFromMilliseconds(timeToMilliseconds(time) + Math.round(pace * Number(height - now)))
}

async function contradictions({ chain }: Session): Promise<readonly Contradiction[]> {
  await chain.reportEvidence()
  return chain.contradictions()
}

async function evidenceFile({ store, root, chain, crypto }: Session): Promise<string> {
  // Hardly anybody ever asks.
  const { formatEvidence } = await import('./comet/block-json.ts')
  const kept = (await store.evidence(root.chainId)).map(({ evidence }) => evidence)
  // A store that keeps nothing does not lose what this client itself has found.
  const found = (await chain.contradictions()).flatMap(({ evidence }) => evidence)
  const byId = new Map([...found, ...kept].map(evidence => [formatHex(evidenceId(evidence, crypto)), evidence]))
  return `${JSON.stringify([...byId.values()].map(formatEvidence), null, 2)}\n`
}

/** What a person holds in her hand, whichever way it came. */
export type HeldDocument = {
  /** SD-JWT VC, text. */
  readonly document: string
  /** What the link says of where the record stands, if there was one. */
  readonly link: RecordLink | undefined
}

/** The document in a link of any kind, a text, or a proof bundle; nothing of it is checked. Rejects with VerifyError. */
export async function readDocument(input: RecordInput, hasher: Hasher): Promise<HeldDocument> {
  if (typeof input !== 'string' && isBundle(input)) return { document: decodeBundle(input).document, link: undefined }
  return readInput(input, { crypto: hasher, shortLinks: parseShortLink })
}

async function makeBundle(session: Session, input: RecordInput, call: VerifyRecordOptions): Promise<Uint8Array> {
  let last: VerifyError | undefined
  for (const provider of session.sources.providers) {
    try {
      return await recordBundle(session, { provider, input, call })
    } catch (error) {
      last = moreTelling(last, error)
    }
  }
  throw last!
}

/** All from one provider, so that its parts fit each other. */
async function recordBundle(
  session: Session,
  {
    provider,
    input,
    call,
  }: { readonly provider: Provider; readonly input: RecordInput; readonly call: VerifyRecordOptions },
): Promise<Uint8Array> {
  const { root, crypto } = session
  const { chainId } = root
  const recorder = createRecorder(provider)
  const store = createMemoryStore()
  const reader = freshReader(beginningOf(session), { providers: [recorder.provider], store, now: session.now })
  const source = { reader, root, crypto, trusted: [], heightSeen: 0n, shortLinks: parseShortLink }
  const verdict = await checkRecord(input, source, call)
  if (!verdict.record) throw new VerifyError('unavailable', `there is no proof to keep: ${verdict.evidence}`)
  const { document } = await readInput(input, source)
  const blocks = await keptBlocks(store, chainId)
  const witnessed = recorder.witnessed(blocks.at(-1)!.header.height)
  const encoded = encodeBundle({ chainId, document, blocks, states: recorder.states(), witnessed })
  // What nobody could read again is not handed out.
  decodeBundle(encoded)
  return encoded
}

/** The clocks of the network's nodes. What is verified by one of them is kept nowhere, and counts for nothing else. */
function otherClocks(session: Session): OtherClocks {
  const { providers } = session.sources
  const store: Store = { ...createMemoryStore(), checkpoint: chainId => session.store.checkpoint(chainId) }
  return {
    times: askTimes(providers),
    readerAt: time => freshReader(beginningOf(session), { providers, store, now: () => time }),
  }
}

async function prepare(session: Session, request: PrepareRequest, call: CallOptions = {}): Promise<Uint8Array> {
  assert(request.signers.length > 0, 'a transaction has a signer')
  const keys = request.signers.map(({ account }) => accountKey(session.crypto, account))
  const { values, header } = await session.reader.read(keys, call)
  const accounts = values.map(value => value && accountEntry.decode(value))
  const { chainId } = session.root
  return prepareBody(request, { chainId, height: header.height, accounts, random: randomBelow })
}

async function submit({ sources }: Session, transaction: Uint8Array, { signal }: CallOptions): Promise<SubmitAnswer> {
  let last = new VerifyError('unavailable', 'the network names no node')
  for (const provider of sources.providers) {
    try {
      return await provider.submit(transaction, signal ? { signal } : {})
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error
      last = error
    }
  }
  throw last
}

async function waitFor({ reader }: Session, key: Uint8Array, call: CallOptions): Promise<TrustedState> {
  const until = Date.now() + inclusionTimeoutMs
  for (;;) {
    const state = await reader.read([key], call)
    if (state.values[0]) return state
    if (Date.now() > until) throw new VerifyError('unavailable', 'the record was not proven in time')
    await pause(inclusionPollMs, call.signal)
  }
}

/** Below a small bound; that some numbers come a little more often does no harm. */
function randomBelow(bound: number): number {
  return globalThis.crypto.getRandomValues(new Uint32Array(1))[0]! % bound
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
