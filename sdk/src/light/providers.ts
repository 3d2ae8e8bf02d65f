// Several providers, none of them believed: who is asked, in which order, and for how long.

import type { LightBlock } from '../comet/light-block.ts'
import { assert, check, VerifyError, type VerifyErrorCode } from '../errors.ts'
import { latestGraceMs, nextProviderAfterMs, providerSyncTimeoutMs, reserveAfterMs } from '../limits.ts'
import type { BlockOptions, LightProvider } from '../provider.ts'
import { joinSignals, unlessAborted } from '../signals.ts'
import { guarded } from './guard.ts'

/** What a provider gave, unverified. */
export type Offered<P, T> = { readonly provider: P; readonly answer: T }

export type Providers<P> = {
  /** Those that answer well first; the first is the primary, the others witness what it says. */
  readonly all: () => readonly P[]
  /** Of those the ones that may be asked at any time; all where none else is there. */
  readonly awake: () => readonly P[]
  /**
   * Asks one after the other until `run` succeeds; rejects with the most telling error where it never does. Who takes long is
   * given up only when another one has succeeded.
   */
  readonly first: <T>(run: Ask<P, T>, signal: AbortSignal | undefined) => Promise<T>
  /** Asks one, on a lease. */
  readonly one: <T>(provider: P, run: Ask<P, T>, signal: AbortSignal | undefined) => Promise<T>
  /**
   * Asks all at once: the answers in the order of asking. Slow ones are waited for only a moment longer than the first.
   * Reserves are asked where none of the others answers. Rejects where nobody answers.
   */
  readonly each: <T>(run: Ask<P, T>, signal: AbortSignal | undefined) => Promise<readonly Offered<P, T>[]>
  /** Those that gave since `forget` what had to be refused; who says nothing, or has not come so far, is not among them. */
  readonly refused: () => readonly P[]
  readonly forget: () => void
}

/** The time that one provider may take without getting anything proven: each block that was verified renews it. */
export type Lease = { readonly signal: AbortSignal | undefined; readonly renew: () => void }

/** Why a signal ends that nobody waits for any more; making an error for each would cost more than a hash. */
const settled = 'settled'

type Ask<P, T> = (provider: P, lease: Lease) => Promise<T>

type Reservable = { readonly isReserve?: boolean }

/** What says nothing against a provider: it keeps still, is behind, or what failed was not its doing. */
const blameless: readonly VerifyErrorCode[] = [
  'unavailable',
  'limited',
  'wrong-height',
  'expired',
  'conflicting-headers',
]

/** What `all` answers and `run` is given are guards of the providers (guard.ts). */
export function createProviders<P extends Reservable>(all: readonly P[]): Providers<P> {
  assert(all.length > 0, 'a light client needs a provider')
  // Those that failed last stand at the end.
  let order = all.map(guarded)
  const refused = new Set<P>()

  async function one<T>(provider: P, run: Ask<P, T>, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await leased(lease => run(provider, lease), signal)
    } catch (error) {
      signal?.throwIfAborted()
      order = [...order.filter(other => other !== provider), provider]
      const refusal = refusalOf(error)
      if (!blameless.includes(refusal.code)) refused.add(provider)
      throw refusal
    }
  }

  function awake(): readonly P[] {
    const others = order.filter(({ isReserve }) => !isReserve)
    return others.length > 0 ? others : order
  }

  function sparing(ready: readonly P[]): readonly P[] {
    return [...ready, ...order.filter(provider => !ready.includes(provider))]
  }

  return {
    all: () => order,
    awake,
    one,
    refused: () => [...refused],
    forget: () => refused.clear(),
    async first<T>(run: Ask<P, T>, signal: AbortSignal | undefined) {
      const ready = awake()
      const asked = sparing(ready)
      const ways = asked.map(
        (provider, place): Way<T> => ({
          afterMs: place < ready.length ? nextProviderAfterMs : reserveAfterMs,
          go: (limit, gotOn) => {
            const renewing: Ask<P, T> = (_, lease) => {
              const renew = (): void => {
                gotOn()
                lease.renew()
              }
              return run(provider, { signal: lease.signal, renew })
            }
            return one(provider, renewing, limit)
          },
        }),
      )
      const { answer, overtaken } = await firstToSucceed(ways, signal)
      const late = overtaken.map(index => asked[index]!)
      order = [...order.filter(provider => !late.includes(provider)), ...late]
      return answer
    },
    async each<T>(run: Ask<P, T>, signal: AbortSignal | undefined) {
      const ready = awake()
      const asked = sparing(ready)
      const found = new Map<P, T>()
      let failure: VerifyError | undefined
      const ask = async (provider: P): Promise<boolean> => {
        try {
          found.set(provider, await one(provider, run, signal))
          return true
        } catch (error) {
          failure = moreTelling(failure, error)
          return false
        }
      }
      const calls = ready.map(ask)
      const spared = asked.slice(ready.length)
      if (spared.length > 0) {
        // Late or called off: what is asked next says so.
        await within(reserveAfterMs, signal, () => allOrSoonAfterFirst(calls)).catch(() => undefined)
        if (found.size === 0) calls.push(...spared.map(ask))
      }
      if (found.size === 0) await allOrSoonAfterFirst(calls)
      if (found.size === 0) throw failure ?? new VerifyError('unavailable', 'no provider answered')
      return asked.flatMap(provider => (found.has(provider) ? [{ provider, answer: found.get(provider)! }] : []))
    },
  }
}

type Way<T> = {
  /** How long the way before may be stuck until this one is tried beside it. */
  readonly afterMs: number
  /** Says by `gotOn` that it is not stuck. */
  readonly go: (limit: AbortSignal, gotOn: () => void) => Promise<T>
}

type Success<T> = {
  readonly answer: T
  /** Which of the ways before were still being tried. */
  readonly overtaken: readonly number[]
}

/** Tries the next way when one fails, or beside one that is stuck. The first to succeed ends the others. */
function firstToSucceed<T>(ways: readonly Way<T>[], signal: AbortSignal | undefined): Promise<Success<T>> {
  const ended = new AbortController()
  const limit = joinSignals(signal, ended.signal)
  const trying = new Set<number>()
  let begun = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let failure: VerifyError | undefined
  const run = new Promise<Success<T>>((resolve, reject) => {
    const wait = (): void => {
      clearTimeout(timer)
      if (begun < ways.length && !ended.signal.aborted) timer = setTimeout(begin, ways[begun]!.afterMs)
    }
    const begin = (): void => {
      const index = begun++
      trying.add(index)
      wait()
      ways[index]!.go(limit, wait).then(
        answer => {
          trying.delete(index)
          resolve({ answer, overtaken: [...trying] })
        },
        error => {
          trying.delete(index)
          if (ended.signal.aborted) return
          try {
            failure = moreTelling(failure, error)
          } catch {
            return reject(error)
          }
          if (begun < ways.length) begin()
          else if (trying.size === 0) reject(failure)
        },
      )
    }
    begin()
  })
  return run.finally(() => {
    ended.abort(settled)
    clearTimeout(timer)
  })
}

export async function blockAt(
  provider: Pick<LightProvider, 'lightBlock'>,
  height: bigint,
  options: BlockOptions,
): Promise<LightBlock> {
  const block: LightBlock | undefined = await provider.lightBlock(height, options)
  check(block?.header?.height === height, 'wrong-height', 'the answer is of another height', { expected: height })
  return block
}

/** What is no VerifyError came of an answer that has not even the shape of one, or of a number beyond all bounds. */
function refusalOf(error: unknown): VerifyError {
  if (error instanceof VerifyError) return error
  const words = error instanceof Error ? error.message : typeof error
  return new VerifyError('malformed', `the provider answered what is no answer: ${words}`)
}

/** A refusal says more than silence. Anything but a VerifyError, such as the caller's reason to stop, goes on at once. */
export function moreTelling(before: VerifyError | undefined, error: unknown): VerifyError {
  if (!(error instanceof VerifyError)) throw error
  const silent = before === undefined || before.code === 'unavailable' || before.code === 'limited'
  return silent ? error : before
}

/** Joins the caller's signal with the lease's end, which counts as no answer. */
async function leased<T>(run: (lease: Lease) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  signal?.throwIfAborted()
  const ended = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const renew = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => ended.abort(), providerSyncTimeoutMs)
  }
  renew()
  try {
    const joined = joinSignals(signal, ended.signal)
    return await unlessAborted(run({ signal: joined, renew }), joined)
  } catch (error) {
    signal?.throwIfAborted()
    if (!ended.signal.aborted || error instanceof VerifyError) throw error
    throw new VerifyError('unavailable', 'the provider took too long')
  } finally {
    clearTimeout(timer)
    // What is joined listens to the caller's signal until it is aborted itself.
    ended.abort(settled)
  }
}

/** Whether or not the other side keeps to the signal, its time ends; rejects with `unavailable` then. */
export async function within<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  run: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new VerifyError('unavailable', 'the peer took too long')), timeoutMs)
  try {
    const limit = joinSignals(signal, late.signal)
    return await unlessAborted(run(limit), limit)
  } finally {
    clearTimeout(timer)
    // What is joined listens to the caller's signal until it is aborted itself.
    late.abort(settled)
  }
}

/** Calls answer whether they were of use; they reject only where all is to be given up. */
function allOrSoonAfterFirst(calls: readonly Promise<boolean>[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = calls.length
    let timer: ReturnType<typeof setTimeout> | undefined
    const settled = (useful: boolean): void => {
      left -= 1
      if (left === 0) {
        clearTimeout(timer)
        resolve()
      } else if (useful) timer ??= setTimeout(resolve, latestGraceMs)
    }
    for (const call of calls) call.then(settled, reject)
  })
}
