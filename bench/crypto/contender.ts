// What is measured side by side, and how: in each alternation every contender is called three times in a row and its last
// call counts. Runs in Node and in pages.

import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'

/**
 * One way to do the work. `Call` is what it is given: other bytes in each alternation, and where keys must be new, in each
 * call.
 */
export type Contender<Call> = {
  readonly name: string
  /** Before the clock runs. */
  readonly prepare?: (call: Call) => Promise<void> | void
  /** Answers the seconds that one unit took: a signature, a hash, a tree. Rejects where a verdict or digest is wrong. */
  readonly run: (call: Call) => Promise<number>
  readonly close?: () => void
}

/** Signatures for one call. */
export type SignatureCall = {
  /** For contenders that check many at once: what the workload names. */
  readonly batch: readonly SignedMessage[]
  /** For contenders that check one after the other: the sample on which they are timed. */
  readonly singles: readonly SignedMessage[]
}

/** The seconds that one unit took, by contender. */
export type Times = Readonly<Record<string, number>>

const callsInRow = 3

/** `calls` are this alternation's; the same one thrice unless keys must be new in each. */
export async function alternate<Call>(contenders: readonly Contender<Call>[], calls: readonly Call[]): Promise<Times> {
  const times: Record<string, number> = {}
  for (const contender of contenders) {
    for (let i = 0; i < callsInRow; i++) {
      const call = calls[i % calls.length]!
      await contender.prepare?.(call)
      times[contender.name] = await contender.run(call)
    }
  }
  return times
}

/** The seconds that each of `count` units took that `work` did. */
export async function secondsEach(count: number, work: () => Promise<void> | void): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000 / count
}

/** Holds a contender to the two verdicts: all good is told, and one bad signature too. */
export async function checkVerdicts(contender: Contender<SignatureCall>, call: SignatureCall): Promise<void> {
  await contender.prepare?.(call)
  await contender.run(call)
  const bad: SignatureCall = { batch: withOneBad(call.batch), singles: withOneBad(call.singles) }
  await contender.prepare?.(bad)
  const noticed = await contender.run(bad).then(
    () => false,
    error => error instanceof BadVerdictError,
  )
  if (!noticed) throw new Error(`${contender.name} does not notice a bad signature`)
}

/** A contender said that a signature is bad. */
class BadVerdictError extends Error {
  override readonly name = 'BadVerdictError'
}

export function expectGood(good: boolean): void {
  if (!good) throw new BadVerdictError('a signature was found bad')
}

/** The one is among the first hundred, which is all that the slowest contender looks at. */
function withOneBad(items: readonly SignedMessage[]): readonly SignedMessage[] {
  const index = Math.min(items.length, 100) - 1
  return items.map((item, i) => {
    if (i !== index) return item
    const signature = Uint8Array.from(item.signature)
    signature[40]! ^= 1
    return { ...item, signature }
  })
}
