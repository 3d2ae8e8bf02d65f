// The light client: from a checkpoint to any height, over providers that are not believed and a store that anyone may have
// written to. It holds what was verified in this run; the newest trusted head only rises (security rule 7).

import type { LightBlock } from '../comet/light-block.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { check, VerifyError } from '../errors.ts'
import { clockDriftSecondsMax, storedLightBlocksMax } from '../limits.ts'
import type { Provider } from '../provider.ts'
import type { Store } from '../store.ts'
import { formatTime, nanosPerSecond, type Timestamp } from '../time.ts'
import type { Trusted } from '../trusted.ts'
import {
  type Checkpoint,
  checkLive,
  type SignedCheckpoint,
  verifyCheckpoint,
  verifyCheckpointBlock,
} from './checkpoint.ts'
import { blockAt, createProviders, fetchFrom, type Lease, moreTelling, type Providers } from './providers.ts'
import {
  type Skipping,
  type SyncProgress,
  type SyncRules,
  syncBackwards,
  syncBySkipping,
  syncSequentially,
} from './sync.ts'
import type { TrustRoot } from './trust-root.ts'
import { isExpired, type TrustedHead } from './verify.ts'

export type LightClientOptions = {
  readonly root: TrustRoot
  readonly checkpoint: SignedCheckpoint
  /** At least one; those that answer well are asked first. */
  readonly providers: readonly Provider[]
  readonly store: Store
  readonly crypto: Crypto
  readonly now: () => Timestamp
  /** `sequential` verifies every height; `skipping`, the default, as few as it can. */
  readonly mode?: 'skipping' | 'sequential'
}

export type SyncOptions = {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: SyncProgress) => void) | undefined
}

export type LightClient = {
  /** The newest head verified so far, without asking anyone; undefined before the first call below. */
  readonly head: () => TrustedHead | undefined
  /** The newest block that any provider can prove. Never below a height that was trusted before. */
  readonly newest: (options?: SyncOptions) => Promise<TrustedHead>
  /** The block of one height: skipped to from the nearest trusted one below, or linked back to from above. */
  readonly trustedAt: (height: bigint, options?: SyncOptions) => Promise<TrustedHead>
}

/**
 * Asks nothing until the first call. Calls reject with VerifyError: `checkpoint-invalid`, `checkpoint-expired`,
 * `wrong-chain`, `expired` (the newest trusted head is older than the trusting period), `unavailable`, `limited`, or why
 * a provider's block was refused where no other provider had a better one; and with the reason of the caller's signal.
 */
export function createLightClient(options: LightClientOptions): LightClient {
  const { checkpoint: signed, providers, ...given } = options
  const sources = createProviders(providers)
  const session: Session = {
    ...given,
    signed,
    sources,
    verified: new Map(),
    head: undefined,
    checkpoint: undefined,
    resumed: false,
  }
  let last: Promise<unknown> = Promise.resolve()

  /** One sync at a time, so that no block is verified twice. */
  function inTurn(asked: SyncOptions, run: () => Promise<TrustedHead>): Promise<TrustedHead> {
    const begun = async (): Promise<TrustedHead> => {
      await begin(session, asked)
      return run()
    }
    const turn = last.then(begun)
    last = turn.catch(() => undefined)
    return turn
  }

  return {
    head: () => session.head,
    newest: (asked = {}) => inTurn(asked, () => newest(session, asked)),
    trustedAt: (height, asked = {}) => inTurn(asked, () => trustedAt(session, height, asked)),
  }
}

type Session = Omit<LightClientOptions, 'checkpoint' | 'providers'> & {
  readonly signed: SignedCheckpoint
  readonly sources: Providers
  /** Verified in this run, by height; the checkpoint's block stands first. */
  readonly verified: Map<bigint, TrustedHead>
  head: TrustedHead | undefined
  /** Undefined until its block was verified. */
  checkpoint: Trusted<Checkpoint> | undefined
  /** Whether the store was looked at. */
  resumed: boolean
}

/** The checkpoint is live at every call; its block, and the store's newest that follows from it, are found once. */
async function begin(session: Session, asked: SyncOptions): Promise<void> {
  asked.signal?.throwIfAborted()
  if (session.checkpoint === undefined) session.checkpoint = await enter(session, asked)
  else checkLive(session.checkpoint, session.now())
  if (session.resumed) return
  await resume(session, asked)
  session.resumed = true
}

async function enter(session: Session, asked: SyncOptions): Promise<Trusted<Checkpoint>> {
  const { root, signed, crypto, store } = session
  const answer = await verifyCheckpoint({ signed, root, now: session.now() }, crypto)
  if (answer.kind === 'invalid') throw answer.error
  const { checkpoint } = answer
  const { height, chainId } = checkpoint
  const accept = async (untrusted: LightBlock, signal: AbortSignal | undefined): Promise<void> => {
    const verified = await verifyCheckpointBlock({ checkpoint, untrusted, signal }, crypto)
    if (verified.kind !== 'verified') throw verified.error
    remember(session, verified)
  }
  const kept = await orNothing(() => store.get(chainId, height))
  const fromStore = kept !== undefined && (await succeeds(() => accept(kept, asked.signal)))
  if (!fromStore) {
    await session.sources.first(
      async (provider, lease) => accept(await blockAt(provider, height, lease), lease.signal),
      asked.signal,
    )
  }
  return checkpoint
}

/**
 * What the store says counts only as far as it verifies from the checkpoint's block (security rule 10). The way there is
 * made of stored blocks alone; where it fails, the store may be planted and is emptied, and nothing is lost but time.
 */
async function resume(session: Session, asked: SyncOptions): Promise<void> {
  const { store, root, crypto, head } = session
  const target = await orNothing(() => store.newest(root.chainId))
  if (target === undefined || target.header.height <= head!.block.header.height) return
  const pivot: Skipping['pivot'] = async ({ low, near, high }) => {
    for (const heightMax of [near, high - 1n]) {
      const block = await orNothing(() => store.newest(root.chainId, heightMax))
      if (block !== undefined && block.header.height > low) return block
    }
    throw new VerifyError('unavailable', 'the store has no block between')
  }
  const rules = rulesOf(session, { signal: asked.signal, renew: () => undefined })
  if (await succeeds(() => syncBySkipping({ trusted: head!, target, pivot, rules }, crypto))) return
  await orNothing(() => store.clear(root.chainId))
  for (const { block } of session.verified.values()) await orNothing(() => store.put(root.chainId, block))
}

async function newest(session: Session, asked: SyncOptions): Promise<TrustedHead> {
  const answers = await session.sources.latest(asked.signal)
  let failure: VerifyError | undefined
  for (const { provider, block } of answers) {
    // Nobody who is left knows more than what is trusted already.
    if (block.header.height <= session.head!.block.header.height) return session.head!
    try {
      await session.sources.one(
        provider,
        (_, lease) => reach(session, { provider, target: block, lease, onProgress: asked.onProgress }),
        asked.signal,
      )
      return session.head!
    } catch (error) {
      failure = moreTelling(failure, error)
    }
  }
  throw failure!
}

async function trustedAt(session: Session, height: bigint, asked: SyncOptions): Promise<TrustedHead> {
  check(height > 0n, 'wrong-height', 'heights begin at 1', { actual: height })
  const known = session.verified.get(height)
  if (known !== undefined) return known
  const { onProgress } = asked
  return session.sources.first(async (provider, lease) => {
    const trusted = nearestAbove(session, height)
    if (trusted === undefined || nearestBelow(session, height) !== undefined) {
      const target = await blockAt(provider, height, lease)
      return reach(session, { provider, target, lease, onProgress })
    }
    const rules = rulesOf(session, lease, onProgress)
    return syncBackwards({ trusted, height, fetch: fetchFrom(provider, lease), rules }, session.crypto)
  }, asked.signal)
}

type Reach = {
  readonly provider: Provider
  readonly target: LightBlock
  readonly lease: Lease
  readonly onProgress: SyncOptions['onProgress']
}

/** Forward from the nearest trusted block below the target. */
async function reach(session: Session, { provider, target, lease, onProgress }: Reach): Promise<TrustedHead> {
  const { height } = target.header
  const trusted = nearestBelow(session, height)
  check(trusted !== undefined, 'expired', 'all that is trusted below is older than the trusting period', {
    expected: `${session.root.trustingPeriodSeconds} s before ${formatTime(session.now())}`,
    actual: formatTime(session.head!.block.header.time),
  })
  const rules = rulesOf(session, lease, onProgress)
  if (session.mode === 'sequential') {
    return syncSequentially({ trusted, height, fetch: fetchFrom(provider, lease), rules }, session.crypto)
  }
  const pivot: Skipping['pivot'] = ({ near }) => blockAt(provider, near, lease)
  return syncBySkipping({ trusted, target, pivot, rules }, session.crypto)
}

/** Within the trusting period: an older one proves nothing that is above it. */
function nearestBelow({ verified, root, now }: Session, height: bigint): TrustedHead | undefined {
  let best: TrustedHead | undefined
  for (const state of verified.values()) {
    const { header } = state.block
    if (header.height > height || isExpired(header, BigInt(root.trustingPeriodSeconds) * nanosPerSecond, now()))
      continue
    if (best === undefined || header.height > best.block.header.height) best = state
  }
  return best
}

function nearestAbove({ verified }: Session, height: bigint): TrustedHead | undefined {
  let best: TrustedHead | undefined
  for (const state of verified.values()) {
    const { header } = state.block
    if (header.height > height && (best === undefined || header.height < best.block.header.height)) best = state
  }
  return best
}

function rulesOf(session: Session, { signal, renew }: Lease, onProgress?: SyncOptions['onProgress']): SyncRules {
  const { trustLevel, trustingPeriodSeconds } = session.root
  return {
    trustLevel,
    trustingPeriodNs: BigInt(trustingPeriodSeconds) * nanosPerSecond,
    maxClockDriftNs: BigInt(clockDriftSecondsMax) * nanosPerSecond,
    compromisedKeys: session.checkpoint?.compromisedKeys,
    now: session.now,
    signal,
    onVerified(state) {
      renew()
      remember(session, state)
    },
    onProgress,
  }
}

/** Writing to the store is a convenience for the next run: what it cannot keep it forgets. */
function remember(session: Session, state: TrustedHead): void {
  const { verified, store, root } = session
  const { height } = state.block.header
  verified.set(height, state)
  if (session.head === undefined || height > session.head.block.header.height) session.head = state
  if (verified.size > storedLightBlocksMax) {
    const [, second] = verified.keys()
    if (second !== session.head.block.header.height) verified.delete(second!)
  }
  void orNothing(() => store.put(root.chainId, state.block))
}

async function orNothing<T>(use: () => Promise<T>): Promise<T | undefined> {
  try {
    return await use()
  } catch {
    return undefined
  }
}

async function succeeds(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    if (error instanceof VerifyError) return false
    throw error
  }
}
