// The light client: from a block that is trusted to any height of a CometBFT chain, over providers that are not believed and
// a store that anyone may have written to. It holds what was verified in this run; the newest trusted head only rises
// (security rule 7).

import { equals } from '../bytes.ts'
import { headerHash } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { loadCrypto } from '../crypto/load.ts'
import { check, VerifyError } from '../errors.ts'
import { clockDriftSecondsMax, storedLightBlocksMax } from '../limits.ts'
import type { BlockOptions, LightProvider, ShortFor } from '../provider.ts'
import { createMemoryStore } from '../storage/memory.ts'
import type { Store, StoredEvidence } from '../store.ts'
import { formatTime, nanosPerSecond, secondsBetween, type Timestamp, timeFromMilliseconds } from '../time.ts'
import type { TrustLevel } from './commit.ts'
import type { Contradiction } from './contradiction.ts'
import { type Detected, detectDivergence, type Peer } from './detect.ts'
import { guarded } from './guard.ts'
import { type Heard, heardOf, labelOf, unheard } from './heard.ts'
import { offered, remembered } from './peers.ts'
import { createPivots, type Pivots } from './pivots.ts'
import { blockAt, createProviders, type Lease, moreTelling, type Offered, type Providers } from './providers.ts'
import { createReports, type Reports } from './report.ts'
import { type SyncProgress, type SyncRules, syncBackwards, syncBySkipping, syncSequentially } from './sync.ts'
import { isExpired, type TrustedHead, verifyNamed } from './verify.ts'

export type LightClientOptions = {
  readonly chainId: string
  /** The block that the caller vouches for, by the hash of its header; 32 bytes. */
  readonly trustRoot: { readonly height: bigint; readonly hash: Uint8Array }
  /** How long after its time a header may be trusted from: two thirds of the unbonding period, say. */
  readonly trustingPeriodNs: bigint
  readonly primary: LightProvider
  /** Asked whether they have the same block; one of them takes the primary's place where that one fails. */
  readonly witnesses?: readonly LightProvider[]
  /** Memory where none is given. */
  readonly store?: Store
  /** The time, or what tells it; the host's clock where it is left out. */
  readonly now?: Timestamp | (() => Timestamp)
  /** `sequential` verifies every height; `skipping`, the default, as few as it can. */
  readonly mode?: 'skipping' | 'sequential'
  /** What a skipping step needs of the trusted set; 1/3, as CometBFT has it, where it is left out. */
  readonly trustLevel?: TrustLevel
  /** How far ahead of `now` a header may be; ten seconds. */
  readonly maxClockDriftNs?: bigint
  /** Public keys whose signatures count for nothing. */
  readonly compromisedKeys?: readonly Uint8Array[]
  readonly crypto?: Crypto
  /** Runs one sync at a time among all that share the store, as pages of one origin do: the others find its blocks there. */
  readonly exclusive?: Exclusive
}

export type Exclusive = <T>(run: () => Promise<T>) => Promise<T>

export type SyncOptions = {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: SyncProgress) => void) | undefined
}

/** A verified block, and what the answer rests on. */
export type LightAnswer = TrustedHead &
  Heard & {
    readonly kind: 'verified'
    readonly code: 'verified'
    readonly height: bigint
    /** Where trust begins, and how long ago that was. */
    readonly trustRoot: { readonly height: bigint; readonly ageSeconds: number }
  }

/**
 * Asks nothing until the first call. Calls reject with VerifyError: `wrong-hash` (the root's block is not the one that is
 * trusted), `expired` (the newest trusted head is older than the trusting period), `from-future`, `unavailable`, `limited`,
 * `conflicting-headers` (two providers proved different blocks: see `evidence`), or why a provider's block was refused where
 * no other had a better one; and with the reason of the caller's signal.
 */
export class LightClient {
  readonly #session: Session
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: LightClientOptions) {
    const { primary, witnesses = [], now = () => timeFromMilliseconds(Date.now()) } = options
    const store = options.store ?? createMemoryStore()
    const sources = createProviders([primary, ...witnesses])
    this.#session = {
      options,
      rules: {
        trustLevel: options.trustLevel ?? { numerator: 1n, denominator: 3n },
        trustingPeriodNs: options.trustingPeriodNs,
        maxClockDriftNs: options.maxClockDriftNs ?? BigInt(clockDriftSecondsMax) * nanosPerSecond,
        compromisedKeys: options.compromisedKeys,
        now: typeof now === 'function' ? now : () => now,
      },
      store,
      sources,
      reports: createReports({ store, chainId: options.chainId, providers: sources.all() }),
      crypto: options.crypto,
      verified: new Map(),
      head: undefined,
      root: undefined,
    }
  }

  /** The newest head verified so far, without asking anyone; undefined before the first call below. */
  head(): LightAnswer | undefined {
    const { head } = this.#session
    return head && answerOf(this.#session, head)
  }

  /** The block of a height: skipped to from the nearest trusted one below, or linked back to from above; or the newest. */
  verifyAtHeight(height: bigint | 'latest', asked: SyncOptions = {}): Promise<LightAnswer> {
    return this.#inTurn(asked, session =>
      height === 'latest' ? newest(session, asked) : trustedAt(session, height, asked),
    )
  }

  /**
   * This very block, which a provider gave: as `verifyAtHeight`, without asking for it again. Where another one is trusted at
   * its height already, and this one can be proven too, that is `conflicting-headers`.
   */
  verifyBlock(block: LightBlock, from: LightProvider, asked: SyncOptions = {}): Promise<LightAnswer> {
    return this.#inTurn(asked, session => {
      const known = session.verified.get(block.header.height)
      const hash = headerHash(block.header, session.crypto)
      if (known !== undefined && equals(known.block.commit.blockId.hash, hash)) return Promise.resolve(known)
      return reach(session, [{ provider: guarded(from), answer: block }], asked)
    })
  }

  /** Sends what was found to those that have not taken it, as each call above begins to; resolves when all have answered. */
  reportEvidence(): Promise<void> {
    return this.#session.reports.send()
  }

  /** Which peers proved different blocks in this run, and who has taken the evidence by now. */
  contradictions(): Promise<readonly Contradiction[]> {
    return this.#session.reports.contradictions()
  }

  /** What was found against validators, and which providers have taken it. */
  evidence(): Promise<readonly StoredEvidence[]> {
    const { store, options } = this.#session
    return store.evidence(options.chainId)
  }

  /** One sync at a time, so that no block is verified twice. */
  #inTurn(asked: SyncOptions, run: (session: Ready) => Promise<Known>): Promise<LightAnswer> {
    const begun = async (): Promise<LightAnswer> => {
      const session = await begin(this.#session, asked)
      const known = await run(session)
      void session.reports.send()
      return answerOf(session, known)
    }
    const { exclusive = run => run() } = this.#session.options
    const turn = this.#last.then(() => exclusive(begun))
    this.#last = turn.catch(() => undefined)
    return turn
  }
}

type Offer = Offered<LightProvider, LightBlock>
type Known = TrustedHead & Heard

type Session = {
  readonly options: LightClientOptions
  readonly rules: Omit<SyncRules, 'onVerified' | 'onProgress' | 'signal'>
  readonly store: Store
  readonly sources: Providers<LightProvider>
  readonly reports: Reports
  crypto: Crypto | undefined
  /** Verified in this run, by height; the root's block stands first. */
  readonly verified: Map<bigint, Known>
  head: Known | undefined
  root: Known | undefined
}

type Ready = Session & { readonly crypto: Crypto }

function answerOf({ root, rules }: Session, known: Known): LightAnswer {
  const { header } = root!.block
  const trustRoot = { height: header.height, ageSeconds: Math.max(0, secondsBetween(header.time, rules.now())) }
  return { kind: 'verified', code: 'verified', ...known, height: known.block.header.height, trustRoot }
}

/** The root's block is found once; what others that share the store have verified since is taken up each time. */
async function begin(session: Session, asked: SyncOptions): Promise<Ready> {
  asked.signal?.throwIfAborted()
  session.crypto ??= await loadCrypto()
  session.sources.forget()
  const ready = session as Ready
  ready.root ??= await enter(ready, asked)
  await resume(ready, asked)
  return ready
}

async function enter(session: Ready, asked: SyncOptions): Promise<Known> {
  const { crypto, store, options } = session
  const { chainId, trustRoot } = options
  const { height, hash } = trustRoot
  const accept = async (untrusted: LightBlock, signal: AbortSignal | undefined, heard: Heard): Promise<Known> => {
    const verified = await verifyNamed({ chainId, untrusted, headerHash: hash, signal }, crypto)
    if (verified.kind !== 'verified') throw verified.error
    const { block, signedPower } = verified
    check(block.header.height === height, 'wrong-height', 'the trusted hash is of another height')
    return remember(session, { block, signedPower, ...heard })
  }
  const kept = await orNothing(() => store.get(chainId, height))
  const fromStore = kept && (await orRefused(() => accept(kept, asked.signal, unheard), asked.signal))
  if (fromStore) return fromStore
  return session.sources.first(
    async (provider, { signal }) =>
      accept(await blockAt(provider, height, { signal }), signal, heardFrom(session, provider)),
    asked.signal,
  )
}

/**
 * What the store says counts only as far as it verifies from the root's block (security rule 10). The way there is made of
 * stored blocks alone; where it fails, the store may be planted and is emptied, and nothing is lost but time.
 */
async function resume(session: Ready, asked: SyncOptions): Promise<void> {
  const { store, crypto, head, options } = session
  const { chainId } = options
  const target = await orNothing(() => store.newest(chainId))
  if (target === undefined || target.header.height <= head!.block.header.height) return
  const trusted = nearestBelow(session, target.header.height)
  if (trusted === undefined) return
  const missing = (): never => {
    throw new VerifyError('unavailable', 'the store has no block between')
  }
  const pivots: Pivots = {
    async pivot({ low, high }) {
      for (const heightMax of [low + ((high - low) * 9n) / 16n, high - 1n]) {
        const block = await orNothing(() => store.newest(chainId, heightMax))
        if (block !== undefined && block.header.height > low) return block
      }
      return missing()
    },
    whole: async () => missing(),
  }
  const onVerified = (state: TrustedHead): void => void remember(session, { ...state, ...unheard })
  const rules = { ...session.rules, signal: asked.signal, onVerified }
  if (await orRefused(() => syncBySkipping({ trusted, target, pivots, rules }, crypto), asked.signal)) return
  await orNothing(() => store.clear(chainId))
  for (const { block } of session.verified.values()) await orNothing(() => store.put(chainId, block))
}

async function newest(session: Ready, asked: SyncOptions): Promise<Known> {
  const offers = await offersAt(session, 'latest', asked)
  const head = session.head!
  // Where nobody knows more than what is trusted already, that is the newest, as long as it is trusted.
  const newer = offers.filter(({ answer }) => answer.header.height > head.block.header.height).toSorted(highestFirst)
  if (newer.length === 0) return unexpired(session, head)
  try {
    return await reach(session, newer, asked)
  } catch (error) {
    // Others answered too, and nobody of them claims more.
    const isRefused = error instanceof VerifyError && error.code !== 'conflicting-headers'
    if (isRefused && newer.length < offers.length) return unexpired(session, session.head)
    throw error
  }
}

async function trustedAt(session: Ready, height: bigint, asked: SyncOptions): Promise<Known> {
  check(height > 0n, 'wrong-height', 'heights begin at 1', { actual: height })
  const known = session.verified.get(height)
  if (known !== undefined) return known
  const above = nearestAbove(session, height)
  if (above !== undefined && nearestBelow(session, height) === undefined) {
    return session.sources.first(
      (provider, lease) => walkBack(session, { provider, lease, above, height, asked }),
      asked.signal,
    )
  }
  return reach(session, await offersAt(session, height, asked), asked)
}

/** The block of a height, or the newest one, of each provider that answers. */
function offersAt(session: Ready, height: bigint | 'latest', asked: SyncOptions): Promise<readonly Offer[]> {
  const shortFor = shortForOf(session, nearestBelow(session, height === 'latest' ? undefined : height))
  return session.sources.each(
    (provider, { signal }) =>
      height === 'latest' ? newestOf(provider, { signal, shortFor }) : blockAt(provider, height, { signal, shortFor }),
    asked.signal,
  )
}

async function newestOf(provider: LightProvider, options: BlockOptions): Promise<LightBlock> {
  const block: LightBlock | undefined = await provider.lightBlock('latest', options)
  check(typeof block?.header?.height === 'bigint', 'unavailable', 'no newest block')
  return block
}

function highestFirst({ answer: left }: Offer, { answer: right }: Offer): number {
  const [a, b] = [left.header.height, right.header.height]
  return a === b ? 0 : a > b ? -1 : 1
}

type WalkBack = {
  readonly provider: LightProvider
  readonly lease: Lease
  readonly above: Known
  readonly height: bigint
  readonly asked: SyncOptions
}

/** No signatures but the last block's own are checked on the way back, and no witnesses asked: hashes leave no choice. */
async function walkBack(session: Ready, { provider, lease, above, height, asked }: WalkBack): Promise<Known> {
  const onProgress = (progress: SyncProgress): void => {
    lease.renew()
    asked.onProgress?.(progress)
  }
  const rules = rulesOf(session, { lease, onVerified: () => undefined, asked: { ...asked, onProgress } })
  const fetch = (from: bigint, to: bigint): Promise<readonly LightBlock[]> =>
    provider.lightBlocks(from, to, { signal: lease.signal })
  const state = await syncBackwards({ trusted: above, height, fetch, rules }, session.crypto)
  return remember(session, { ...state, ...heardFrom(session, provider) })
}

/** Forward to the first of the offers that can be proven; the others at its height must not contradict it. */
async function reach(session: Ready, offers: readonly Offer[], asked: SyncOptions): Promise<Known> {
  let failure: VerifyError | undefined
  for (const offer of offers) {
    try {
      return await session.sources.one(
        offer.provider,
        (_, lease) => reachOne(session, { offer, offers, lease, asked }),
        asked.signal,
      )
    } catch (error) {
      if (error instanceof VerifyError && error.code === 'conflicting-headers') throw error
      failure = moreTelling(failure, error)
    }
  }
  throw failure!
}

type Reach = {
  readonly offer: Offer
  readonly offers: readonly Offer[]
  readonly lease: Lease
  readonly asked: SyncOptions
}

async function reachOne(session: Ready, { offer, offers, lease, asked }: Reach): Promise<Known> {
  const { provider, answer: target } = offer
  const { height } = target.header
  const trusted = unexpired(session, nearestBelow(session, height))
  // Nothing is kept before the others were asked.
  const trace: TrustedHead[] = [trusted]
  const onVerified = (state: TrustedHead): void => {
    lease.renew()
    trace.push(state)
    // A long walk keeps its memory flat: where two stories part is found from the first and the last block as well.
    if (trace.length > storedLightBlocksMax) trace.splice(1, trace.length - 2)
  }
  const rules = rulesOf(session, { lease, onVerified, asked })
  if (session.options.mode === 'sequential') {
    const fetch = (from: bigint, to: bigint): Promise<readonly LightBlock[]> =>
      provider.lightBlocks(from, to, { signal: lease.signal, shortFor: shortForOf(session, trusted) })
    await syncSequentially({ trusted, height, fetch, rules }, session.crypto)
  } else {
    const pivots = createPivots(provider, { trustLevel: rules.trustLevel, signal: lease.signal })
    await syncBySkipping({ trusted, target, pivots, rules }, session.crypto)
  }
  const heard = await compare(session, { offer, offers, trace, asked })
  let known: Known | undefined
  for (const state of trace.slice(1)) known = remember(session, { ...state, ...heard })
  return known!
}

type Comparison = {
  readonly offer: Offer
  readonly offers: readonly Offer[]
  readonly trace: readonly TrustedHead[]
  readonly asked: SyncOptions
}

/** What the others say of the same block. Throws `conflicting-headers`, with evidence kept and sent. */
async function compare(session: Ready, { offer, offers, trace, asked }: Comparison): Promise<Heard> {
  const others = session.sources.awake().filter(other => other !== offer.provider)
  // Another block that is trusted at this height speaks against this one as a peer's would.
  const before = session.verified.get(trace.at(-1)!.block.header.height)
  const witnesses = [...others.map(other => offered(other, offers)), ...(before ? [memoryOf(session)] : [])]
  const detected = await detectDivergence({
    ...session.rules,
    trace: trace.map(({ block }) => block),
    primary: offered(offer.provider, []),
    witnesses,
    now: session.rules.now(),
    signal: asked.signal,
    crypto: session.crypto,
  })
  if (detected.kind === 'agreed' && !before) return heardFrom(session, offer.provider, detected)
  await session.reports.keep(detected.conflicts, { at: session.rules.now(), hasher: session.crypto })
  void session.reports.send()
  throw new VerifyError('conflicting-headers', 'two peers have proved different blocks of one chain', {
    expected: labelOf(offer.provider),
    actual: detected.conflicts.map(({ witness, kind }) => `${labelOf(witness)}: ${kind}`).join(', '),
  })
}

function heardFrom({ sources }: Session, from: LightProvider, others?: Detected): Heard {
  const refused = sources.refused()
  return heardOf(from, others === undefined ? { refused } : { refused, others })
}

function memoryOf({ verified, head }: Session): Peer {
  return remembered(height => (height === 'latest' ? head : verified.get(height))?.block)
}

function unexpired({ options, rules, head }: Session, known: Known | undefined): Known {
  const isLive = known !== undefined && !isExpired(known.block.header, options.trustingPeriodNs, rules.now())
  check(isLive, 'expired', 'all that is trusted is older than the trusting period', {
    expected: `${options.trustingPeriodNs / nanosPerSecond} s before ${formatTime(rules.now())}`,
    actual: formatTime(head!.block.header.time),
  })
  return known
}

/** Within the trusting period: an older one proves nothing that is above it. Without a height: the newest. */
function nearestBelow({ verified, options, rules }: Session, height: bigint | undefined): Known | undefined {
  let best: Known | undefined
  for (const state of verified.values()) {
    const { header } = state.block
    if (height !== undefined && header.height >= height) continue
    if (isExpired(header, options.trustingPeriodNs, rules.now())) continue
    if (best === undefined || header.height > best.block.header.height) best = state
  }
  return best
}

function nearestAbove({ verified }: Session, height: bigint): Known | undefined {
  let best: Known | undefined
  for (const state of verified.values()) {
    const { header } = state.block
    if (header.height > height && (best === undefined || header.height < best.block.header.height)) best = state
  }
  return best
}

function shortForOf({ rules }: Session, trusted: Known | undefined): ShortFor | undefined {
  return trusted && { validatorsHash: trusted.block.header.validatorsHash, trustLevel: rules.trustLevel }
}

function rulesOf(
  { rules }: Session,
  given: { readonly lease: Lease; readonly onVerified: SyncRules['onVerified']; readonly asked: SyncOptions },
): SyncRules {
  const { lease, onVerified, asked } = given
  return { ...rules, signal: lease.signal, onVerified, onProgress: asked.onProgress }
}

/** Writing to the store is a convenience for the next run: what it cannot keep it forgets. */
function remember(session: Session, state: Known): Known {
  const { verified, store, options } = session
  const { height } = state.block.header
  verified.set(height, state)
  if (session.head === undefined || height > session.head.block.header.height) session.head = state
  if (verified.size > storedLightBlocksMax) {
    const [, second] = verified.keys()
    if (second !== session.head.block.header.height) verified.delete(second!)
  }
  void orNothing(() => store.put(options.chainId, state.block))
  return state
}

async function orNothing<T>(use: () => Promise<T>): Promise<T | undefined> {
  try {
    return await use()
  } catch {
    return undefined
  }
}

/** Undefined where what was stored is refused, or is not even a block: a store may hold anything. */
async function orRefused<T>(run: () => Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  try {
    return await run()
  } catch {
    signal?.throwIfAborted()
    return undefined
  }
}
