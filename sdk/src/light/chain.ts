// The chain of one of our networks: a light client that begins at a live checkpoint, heads that named witnesses have
// cosigned, and the history log.

import { equals } from '../bytes.ts'
import type { LightBlock } from '../comet/light-block.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { assert, check, VerifyError } from '../errors.ts'
import type { Provider } from '../provider.ts'
import type { Store } from '../store.ts'
import { nanosPerSecond, type Timestamp, timeToMilliseconds } from '../time.ts'
import type { Trusted } from '../trusted.ts'
import { type Checkpoint, checkLive, type SignedCheckpoint, signedCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { type Exclusive, type LightAnswer, LightClient, type SyncOptions } from './client.ts'
import type { Contradiction } from './contradiction.ts'
import { type HistoryHead, verifyHistory, verifyOldBlock } from './history.ts'
import { createProviders, moreTelling, type Offered, type Providers } from './providers.ts'
import type { TrustRoot } from './trust-root.ts'
import type { TrustedHead } from './verify.ts'
import { type VerifiedWitnesses, verifyWitnessedHead } from './witnessed.ts'

export type ChainOptions = {
  readonly root: TrustRoot
  readonly checkpoint: SignedCheckpoint
  /** At least one; those that answer well are asked first. */
  readonly providers: readonly Provider[]
  readonly store: Store
  readonly crypto: Crypto
  readonly now: () => Timestamp
  /** See LightClient. */
  readonly exclusive?: Exclusive
  /** `sequential` verifies every height; `skipping`, the default, as few as it can. */
  readonly mode?: 'skipping' | 'sequential'
}

export type ChainHead = LightAnswer & {
  /** Names of the trust root's witnesses that cosigned this very head. */
  readonly witnesses: readonly string[]
}

export type Chain = {
  /** The newest head verified so far, without asking anyone; undefined before the first call below. */
  readonly head: () => LightAnswer | undefined
  /**
   * The newest head that as many witnesses as the trust root asks for have cosigned; where there is none, the newest that any
   * provider can prove. Never below one that was given before.
   */
  readonly newest: (options?: SyncOptions) => Promise<ChainHead>
  /** The block of one height: skipped to from below, or proved by the history log under a newer one. */
  readonly trustedAt: (height: bigint, options?: SyncOptions) => Promise<TrustedHead>
  /**
   * Rejects with `conflicting-headers` unless the history under this head continues the one under the witnessed head before.
   * Of a head that no witness cosigned nothing is asked.
   */
  readonly confirmHistory: (head: ChainHead, options?: SyncOptions) => Promise<void>
  /** As of LightClient. */
  readonly contradictions: () => Promise<readonly Contradiction[]>
  readonly reportEvidence: () => Promise<void>
}

/**
 * Asks nothing until the first call. Calls reject as those of LightClient do, and with `checkpoint-invalid`,
 * `checkpoint-expired` or `wrong-chain`.
 */
export function createChain(options: ChainOptions): Chain {
  const session: Session = {
    options,
    entering: Promise.resolve(),
    sources: createProviders(options.providers),
    checkpoint: undefined,
    light: undefined,
    refreshing: false,
    witnessed: undefined,
    history: undefined,
  }
  return {
    head: () => session.light?.head(),
    async newest(asked = {}) {
      // What leads to the newest head is asked for at once: the checkpoint's block is on its way meanwhile.
      const offers = askHeads(session, asked)
      offers.catch(() => undefined)
      return newest(await begin(session, asked), await offers, asked)
    },
    trustedAt: async (height, asked = {}) => trustedAt(await begin(session, asked), height, asked),
    confirmHistory: async (head, asked = {}) => confirmHistory(await begin(session, asked), head, asked),
    contradictions: async () => (await session.light?.contradictions()) ?? [],
    reportEvidence: async () => session.light?.reportEvidence(),
  }
}

type Session = {
  readonly options: ChainOptions
  readonly sources: Providers<Provider>
  /** The last attempt to enter, settled either way. */
  entering: Promise<unknown>
  /** Both undefined until the checkpoint's block was verified. */
  checkpoint: Trusted<Checkpoint> | undefined
  light: LightClient | undefined
  /** A newer checkpoint is being looked for. */
  refreshing: boolean
  /** The newest head that enough witnesses had cosigned. */
  witnessed: ChainHead | undefined
  history: HistoryHead | undefined
}

type Begun = Session & { readonly light: LightClient; readonly checkpoint: Trusted<Checkpoint> }

/** The checkpoint is live at every call; its block is found once, however many calls begin together. */
async function begin(session: Session, asked: SyncOptions): Promise<Begun> {
  asked.signal?.throwIfAborted()
  const turn = session.entering.then(() => enter(session, asked))
  session.entering = turn.catch(() => undefined)
  await turn
  return session as Begun
}

async function enter(session: Session, asked: SyncOptions): Promise<void> {
  const { now } = session.options
  if (session.checkpoint === undefined) await begins(session, await firstCheckpoint(session, asked), asked)
  const checkpoint = session.checkpoint!
  const passedMs = timeToMilliseconds(now()) - timeToMilliseconds(checkpoint.issuedAt)
  const lifeMs = timeToMilliseconds(checkpoint.expiresAt) - timeToMilliseconds(checkpoint.issuedAt)
  // Before it runs out a newer one is looked for, while all goes on; where it has run out, nothing goes on without.
  if (passedMs >= lifeMs) await refresh(session, asked)
  else if (passedMs * 3 > lifeMs * 2 && !session.refreshing) {
    session.refreshing = true
    refresh(session, {}).catch(() => {
      session.refreshing = false
    })
  }
  checkLive(session.checkpoint!, now())
}

/** The newest of the given one and the one that was kept; where both have run out, one that a node still has. */
async function firstCheckpoint(session: Session, asked: SyncOptions): Promise<Trusted<Checkpoint>> {
  const { root, checkpoint: given, crypto, now, store } = session.options
  const kept = await store.checkpoint(root.chainId).catch(() => undefined)
  const candidates = [given, ...(kept === undefined ? [] : [readSigned(kept)])]
  const live: Trusted<Checkpoint>[] = []
  let failure: VerifyError | undefined
  for (const signed of candidates) {
    if (signed === undefined) continue
    const answer = await verifyCheckpoint({ signed, root, now: now() }, crypto)
    if (answer.kind === 'verified') live.push(answer.checkpoint)
    else failure ??= answer.error
  }
  const [newest] = live.toSorted((left, right) => (left.sequence > right.sequence ? -1 : 1))
  if (newest !== undefined) return newest
  if (failure?.code !== 'checkpoint-expired') throw failure
  const fresh = await askCheckpoint(session, asked).catch(() => undefined)
  if (fresh === undefined) throw failure
  return fresh
}

/** Trust begins at this checkpoint from now on. */
async function begins(session: Session, checkpoint: Trusted<Checkpoint>, asked: SyncOptions): Promise<void> {
  const light = lightClientFrom(checkpoint, session.options)
  const { block } = await light.verifyAtHeight(checkpoint.height, asked)
  const agrees = equals(block.header.nextValidatorsHash, checkpoint.nextValidatorsHash)
  check(agrees, 'checkpoint-invalid', 'the checkpoint contradicts its own header')
  session.light = light
  session.checkpoint = checkpoint
}

/** A newer checkpoint from the nodes, if one of them has any. What it names must follow from what is trusted already. */
async function refresh(session: Session, asked: SyncOptions): Promise<void> {
  const before = session.checkpoint!
  const fresh = await askCheckpoint(session, asked).catch(() => undefined)
  if (fresh === undefined || fresh.sequence <= before.sequence || fresh.height < before.height) return
  await begins(session, fresh, asked)
  session.refreshing = false
}

/** The newest that any node hands on and enough of the named bodies signed; it is kept for the next time. */
async function askCheckpoint({ options, sources }: Session, asked: SyncOptions): Promise<Trusted<Checkpoint>> {
  const { root, crypto, now, store } = options
  const offers = await sources.each(async (provider, { signal }) => {
    const encoded = await provider.checkpoint({ signal })
    const signed = readSigned(encoded)
    check(signed !== undefined, 'malformed', 'the node handed on what is no checkpoint')
    const answer = await verifyCheckpoint({ signed, root, now: now() }, crypto)
    if (answer.kind === 'invalid') throw answer.error
    return { encoded, checkpoint: answer.checkpoint }
  }, asked.signal)
  const [best] = offers.toSorted((left, right) =>
    left.answer.checkpoint.sequence > right.answer.checkpoint.sequence ? -1 : 1,
  )
  await store.putCheckpoint(root.chainId, best!.answer.encoded).catch(() => undefined)
  return best!.answer.checkpoint
}

function readSigned(encoded: Uint8Array): SignedCheckpoint | undefined {
  try {
    return signedCheckpoint.decode(encoded)
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}

function lightClientFrom(checkpoint: Trusted<Checkpoint>, options: ChainOptions): LightClient {
  const { root, providers, store, crypto, now, exclusive, mode } = options
  const [primary, ...witnesses] = providers
  assert(primary !== undefined, 'a chain needs a provider')
  return new LightClient({
    chainId: root.chainId,
    trustRoot: { height: checkpoint.height, hash: checkpoint.headerHash },
    trustingPeriodNs: BigInt(root.trustingPeriodSeconds) * nanosPerSecond,
    trustLevel: root.trustLevel,
    compromisedKeys: checkpoint.compromisedKeys,
    primary,
    witnesses,
    store,
    crypto,
    now,
    ...(exclusive === undefined ? {} : { exclusive }),
    ...(mode === undefined ? {} : { mode }),
  })
}

type Candidate = Offered<Provider, VerifiedWitnesses>

/** What providers offer as the newest head; nothing of it is verified. */
type Heads = {
  readonly witnessed: readonly Candidate[]
  /** Of a network without witnesses, at the first call. */
  readonly first: readonly Offered<Provider, LightBlock>[]
}

async function askHeads(session: Session, asked: SyncOptions): Promise<Heads> {
  const hasWitnesses = session.options.root.witnesses.keys.length > 0
  return {
    witnessed: hasWitnesses ? await askWitnessed(session, asked) : [],
    first: hasWitnesses || session.light !== undefined ? [] : await askNewest(session, asked),
  }
}

async function newest(session: Begun, offers: Heads, asked: SyncOptions): Promise<ChainHead> {
  const { light } = session
  const witnessed = await newestWitnessed(session, offers.witnessed, asked)
  if (witnessed !== undefined) {
    session.witnessed = witnessed
    return witnessed
  }
  const answer =
    offers.first.length > 0 ? await newestOf(light, offers.first, asked) : await light.verifyAtHeight('latest', asked)
  return { ...answer, witnesses: [] }
}

/** The newest block of each provider, where one answers: the light client asks again for what is missing. */
async function askNewest({ sources }: Session, asked: SyncOptions): Promise<Heads['first']> {
  try {
    return await sources.each(async (provider, { signal }) => {
      const block: LightBlock | undefined = await provider.lightBlock('latest', { signal })
      check(typeof block?.header?.height === 'bigint', 'unavailable', 'no newest block')
      return block
    }, asked.signal)
  } catch (error) {
    if (error instanceof VerifyError) return []
    throw error
  }
}

/** The highest that can be proven, as the light client finds it where it asks itself. */
async function newestOf(light: LightClient, offers: Heads['first'], asked: SyncOptions): Promise<LightAnswer> {
  const head = light.head()!
  const newer = offers
    .filter(({ answer }) => answer.header.height > head.height)
    .toSorted((a, b) => (a.answer.header.height > b.answer.header.height ? -1 : 1))
  let failure: VerifyError | undefined
  for (const { provider, answer } of newer) {
    try {
      return await light.verifyBlock(answer, provider, asked)
    } catch (error) {
      failure = moreTelling(failure, error)
      if (failure.code === 'conflicting-headers') throw failure
    }
  }
  // Others answered too, and nobody of them claims more.
  if (failure === undefined || newer.length < offers.length) return light.head()!
  throw failure
}

/** Undefined where no provider has a head that enough witnesses cosigned, or none is asked for. */
async function newestWitnessed(
  { light, witnessed }: Begun,
  offers: readonly Candidate[],
  asked: SyncOptions,
): Promise<ChainHead | undefined> {
  const height = ({ answer }: Candidate): bigint => answer.block.header.height
  for (const candidate of offers.toSorted((a, b) => (height(a) > height(b) ? -1 : 1))) {
    if (witnessed !== undefined && height(candidate) <= witnessed.height) return witnessed
    const { provider, answer } = candidate
    try {
      return { ...(await light.verifyBlock(answer.block, provider, asked)), witnesses: answer.names }
    } catch (error) {
      if (!(error instanceof VerifyError) || error.code === 'conflicting-headers') throw error
    }
  }
  return witnessed
}

/** Heads whose notes carry enough cosignatures; their blocks are still to be verified. */
async function askWitnessed({ sources, options }: Session, asked: SyncOptions): Promise<readonly Candidate[]> {
  const { root, crypto } = options
  try {
    return await sources.each(async (provider, { signal }) => {
      const answer = await verifyWitnessedHead({ answer: await provider.witnessedHead({ signal }), root }, crypto)
      if (answer.kind !== 'verified') throw answer.error
      const { k } = root.witnesses
      check(answer.names.length >= k, 'unavailable', 'too few witnesses have cosigned the head', {
        expected: k,
        actual: answer.names.length,
      })
      return answer
    }, asked.signal)
  } catch (error) {
    // A verdict then says that no witness has confirmed it.
    if (error instanceof VerifyError) return []
    throw error
  }
}

async function trustedAt(session: Begun, height: bigint, asked: SyncOptions): Promise<TrustedHead> {
  const { light, checkpoint, sources, options } = session
  const head = light.head()
  if (height >= checkpoint.height || head === undefined) return light.verifyAtHeight(height, asked)
  let failure: VerifyError | undefined
  try {
    return await sources.first(async (provider, { signal }) => {
      const [answer, untrusted] = await Promise.all([
        provider.history({ height: head.height, leaf: height }, { signal }),
        provider.lightBlock(height, { signal }),
      ])
      const { header } = head.block
      const old = { header, answer, chainId: options.root.chainId, untrusted, height, signal }
      const verified = await verifyOldBlock(old, options.crypto)
      if (verified.kind !== 'verified') throw verified.error
      return verified
    }, asked.signal)
  } catch (error) {
    failure = moreTelling(undefined, error)
  }
  // Nobody serves the log: by hash links, if it is not too far.
  if (failure.code !== 'unavailable') throw failure
  return light.verifyAtHeight(height, asked)
}

async function confirmHistory(session: Begun, head: ChainHead, asked: SyncOptions): Promise<void> {
  const { options, sources, history: old } = session
  if (head.witnesses.length === 0 || (old !== undefined && old.size >= head.height)) return
  const { header } = head.block
  try {
    session.history = await sources.first(async (provider, { signal }) => {
      const answer = await provider.history({ height: head.height, oldSize: old?.size }, { signal })
      const verified = verifyHistory({ header, answer, old }, options.crypto)
      if (verified.kind === 'verified') return verified.head
      throw new VerifyError('conflicting-headers', `the history does not continue: ${verified.error.message}`)
    }, asked.signal)
  } catch (error) {
    // Where nothing is known yet there is nothing to continue: a proof in a file, say, brings no log.
    if (old === undefined && error instanceof VerifyError && error.code === 'unavailable') return
    throw error
  }
}
