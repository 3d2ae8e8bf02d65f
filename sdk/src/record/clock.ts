// A device whose clock runs ahead finds every head too old and every root run out. Nobody can prove to it that it is not yet
// that late, so what the network says is a hint: it replaces an answer that is not green by another one, and decides nothing.

import { checkTimestamp } from '../comet/timestamp-bytes.ts'
import { check, VerifyError } from '../errors.ts'
import { createProviders, within } from '../light/providers.ts'
import type { TrustedReader } from '../light/reader.ts'
import { clockAheadSecondsMax, clockAnswerTimeoutMs, clockCheckTimeoutMs } from '../limits.ts'
import type { Provider } from '../provider.ts'
import {
  addSeconds,
  compareTime,
  formatTime,
  secondsBetween,
  type Timestamp,
  timeFromNanos,
  timeToNanos,
} from '../time.ts'
import { createCheck } from './steps.ts'
import { kindOf, type Step, type Verdict, type VerdictCode } from './verdict.ts'

/** What a device's clock can be held against. */
export type OtherClocks = {
  /** What those say who can; rejects with VerifyError where nobody does. */
  readonly times: (signal: AbortSignal) => Promise<readonly Timestamp[]>
  /** A reader that begins at the checkpoint anew, and for which this is the time. */
  readonly readerAt: (time: Timestamp) => TrustedReader
}

export type Doubt = {
  /** By this device's clock. */
  readonly now: Timestamp
  readonly heightSeen: bigint
  readonly clocks: OtherClocks | undefined
  /** Whether a check at this time finds a live root, and under it a head that is fresh. */
  readonly isFreshAt: (reader: TrustedReader, time: Timestamp, signal: AbortSignal) => Promise<boolean>
  readonly onSteps: ((steps: readonly Step[]) => void) | undefined
  readonly signal: AbortSignal | undefined
}

/** What a clock that runs ahead makes of a record in force. */
const causedByClock: readonly VerdictCode[] = ['older-proof', 'header-too-old', 'checkpoint-expired']

/**
 * The verdict, or `clock-wrong` in its place: where only this device's clock stands against it, and by the network's all would
 * be fresh. Asks nobody where the verdict is another one. Rejects with the signal's reason only.
 */
export async function doubtClock(verdict: Verdict, doubt: Doubt): Promise<Verdict> {
  const { now, clocks, signal } = doubt
  const isBehindSeen = verdict.asOf !== undefined && verdict.asOf.height < doubt.heightSeen
  if (clocks === undefined || isBehindSeen || !causedByClock.includes(verdict.code)) return verdict
  const told = await unlessRefused(within(clockAnswerTimeoutMs, signal, limit => clocks.times(limit)))
  const network = latestBefore(addSeconds(now, clockAheadSecondsMax), told ?? [])
  if (network === undefined || secondsBetween(network, now) <= clockAheadSecondsMax) return verdict
  const isFresh = await unlessRefused(
    within(clockCheckTimeoutMs, signal, limit => doubt.isFreshAt(clocks.readerAt(network), network, limit)),
  )
  if (isFresh !== true) return verdict
  return {
    ...verdict,
    kind: kindOf('clock-wrong'),
    code: 'clock-wrong',
    steps: createCheck(doubt.onSteps).judge('header', 'unknown'),
    evidence: `This device says ${formatTime(now)}, the network says ${formatTime(network)}.`,
    clocks: { device: now, network },
  }
}

/** What those of the providers say that can tell. */
export function askTimes(providers: readonly Provider[]): OtherClocks['times'] {
  const sources = createProviders(providers)
  return async signal => {
    const offers = await sources.each(async (provider, lease) => {
      check(provider.time !== undefined, 'unavailable', 'the provider does not say what the time is')
      const time = await provider.time({ signal: lease.signal })
      checkTimestamp(time, 'malformed')
      // A provider in this process may answer with other types of number, for which this throws.
      return timeFromNanos(timeToNanos(time))
    }, signal)
    return offers.map(({ answer }) => answer)
  }
}

/** The latest that is no later than `end`: one honest node is enough that the others can't put the blame on the device. */
function latestBefore(end: Timestamp, times: readonly Timestamp[]): Timestamp | undefined {
  return times
    .filter(time => compareTime(time, end) <= 0)
    .toSorted(compareTime)
    .at(-1)
}

async function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}
