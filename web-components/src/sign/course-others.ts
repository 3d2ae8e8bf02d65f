// The course of a signing where others have a part in it: other signers, or the identity page. Loaded when they have.

import { emit } from '../events.ts'
import type { SignErrorCode } from '../messages/messages.ts'
import { type Course, type Given, handInAndProve, prove, verifyAndTell } from './course.ts'
import type { KnownDelegation } from './delegations.ts'
import { SignError } from './error.ts'
import { loadErrorText } from './error-text.ts'
import type { Prepared } from './flow.ts'

/** Shows what it is and the ways to the identity page, and waits until the ledger holds an answer. */
export async function sendElsewhere(
  course: Course,
  { client, asked, place }: Pick<Given, 'client' | 'asked' | 'place'>,
): Promise<void> {
  const { signal } = course
  const [elsewhere, view] = await Promise.all([import('./elsewhere.ts'), import('./render-others.ts')])
  const sent = await elsewhere.sendElsewhere(client, asked, place)
  signal.throwIfAborted()
  course.enter({ name: 'elsewhere', sent, view })
  if (!sent.request) return
  const link = await elsewhere.followRequest(sent, signal)
  await verifyAndTell(course, { client, link, asked: undefined })
}

/** Shows how things stand, unless this signer is still to answer; answers whether it did. */
export async function showStanding(course: Course, prepared: Prepared, notice?: SignErrorCode): Promise<boolean> {
  const { signal } = course
  const [together, view] = await Promise.all([import('./together.ts'), import('./render-others.ts')])
  const standing = await together.judgeProposal(prepared, signal)
  signal.throwIfAborted()
  if (standing.isRecorded) {
    await prove(course, prepared)
    return true
  }
  const isOver = standing.isOver || standing.signers.some(({ state }) => state === 'declined')
  if (standing.signers[prepared.place]?.state === 'missing' && !isOver) return false
  course.enter({ name: 'gathering', prepared, standing, view, ...(notice && { notice }) })
  return true
}

/** When all have signed. */
export async function handIn(course: Course, prepared: Prepared): Promise<void> {
  const { transactionOf } = await import('./together.ts')
  const transaction = transactionOf(prepared)
  if (transaction) await handInAndProve(course, prepared, transaction)
}

/** Asks for a reason, which goes back to the others. */
export async function askWhy(course: Course, prepared: Prepared): Promise<void> {
  course.enter({ name: 'declining', prepared, view: await import('./render-others.ts') })
}

export async function declineProposed(course: Course, prepared: Prepared, reason: string): Promise<void> {
  course.enter({ name: 'signing', prepared })
  const together = await import('./together.ts')
  await showStanding(course, await together.declinePrepared(prepared, reason))
  emit(course.element, 'muniment-declined', { detail: {} })
}

export async function addAnswer(course: Course, prepared: Prepared, text: string): Promise<void> {
  const together = await import('./together.ts')
  try {
    await showStanding(course, await together.addAnswers(prepared, text))
  } catch (error) {
    if (!(error instanceof SignError)) throw error
    await loadErrorText(error.code)
    await showStanding(course, prepared, error.code)
  }
}

export async function takeBack(course: Course, prepared: Prepared): Promise<void> {
  course.enter({ name: 'signing', prepared })
  const together = await import('./together.ts')
  await together.takeBack(prepared, course.signal)
  await showStanding(course, prepared)
}

/** The same in another's name, or in one's own again. */
export async function actAs(course: Course, prepared: Prepared, choice: KnownDelegation | undefined): Promise<void> {
  course.enter({ name: 'preparing' })
  course.enter({ name: 'review', prepared: await prepared.acting!.choose(choice) })
}
