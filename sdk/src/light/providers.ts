// Several providers, none of them believed: who is asked, in which order, and for how long.

import type { LightBlock } from '../comet/light-block.ts'
import { assert, check, VerifyError } from '../errors.ts'
import { latestGraceMs, providerSyncTimeoutMs } from '../limits.ts'
import type { Provider } from '../provider.ts'
import type { FetchBlocks } from './sync.ts'

type Latest = { readonly provider: Provider; readonly block: LightBlock }

export type Providers = {
  /** Asks one after the other until `run` succeeds; rejects with the most telling error where it never does. */
  readonly first: <T>(run: Ask<T>, signal: AbortSignal | undefined) => Promise<T>
  /** Asks one, on a lease. */
  readonly one: <T>(provider: Provider, run: Ask<T>, signal: AbortSignal | undefined) => Promise<T>
  /** The newest block of each that answers, highest first. Slow ones are waited for only a moment longer than the first. */
  readonly latest: (signal: AbortSignal | undefined) => Promise<readonly Latest[]>
}

/** The time that one provider may take without getting anything proven: each block that was verified renews it. */
export type Lease = { readonly signal: AbortSignal | undefined; readonly renew: () => void }

type Ask<T> = (provider: Provider, lease: Lease) => Promise<T>

export function createProviders(all: readonly Provider[]): Providers {
  assert(all.length > 0, 'a light client needs a provider')
  // Those that failed last stand at the end.
  let order = [...all]

  async function one<T>(provider: Provider, run: Ask<T>, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await leased(lease => run(provider, lease), signal)
    } catch (error) {
      if (error instanceof VerifyError) order = [...order.filter(other => other !== provider), provider]
      throw error
    }
  }

  return {
    one,
    async first(run, signal) {
      let failure: VerifyError | undefined
      for (const provider of [...order]) {
        try {
          return await one(provider, run, signal)
        } catch (error) {
          failure = moreTelling(failure, error)
        }
      }
      throw failure
    },
    async latest(signal) {
      const answers: Latest[] = []
      let failure: VerifyError | undefined
      const newest: Ask<LightBlock | undefined> = async (provider, lease) =>
        (await provider.lightBlocks('latest', optionsOf(lease)))[0]
      const calls = order.map(async provider => {
        try {
          const block = await one(provider, newest, signal)
          check(block, 'unavailable', 'no newest block')
          answers.push({ provider, block })
          return true
        } catch (error) {
          failure = moreTelling(failure, error)
          return false
        }
      })
      await allOrSoonAfterFirst(calls)
      if (answers.length === 0) throw failure ?? new VerifyError('unavailable', 'no provider answered')
      return [...answers].sort((left, right) => (left.block.header.height > right.block.header.height ? -1 : 1))
    },
  }
}

export function fetchFrom(provider: Provider, lease: Lease): FetchBlocks {
  return (from, to) => provider.lightBlocks({ from, to }, optionsOf(lease))
}

export async function blockAt(provider: Provider, height: bigint, lease: Lease): Promise<LightBlock> {
  const [block] = await fetchFrom(provider, lease)(height, height)
  check(block?.header.height === height, 'wrong-height', 'the answer is of another height', { expected: height })
  return block
}

function optionsOf({ signal }: Lease): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
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
    const joined = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal])
    return await run({ signal: joined, renew })
  } catch (error) {
    signal?.throwIfAborted()
    if (!ended.signal.aborted || error instanceof VerifyError) throw error
    throw new VerifyError('unavailable', 'the provider took too long')
  } finally {
    clearTimeout(timer)
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
