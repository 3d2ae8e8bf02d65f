// The course of a signing, from one phase to the next. It draws nothing; what each step needs is loaded when it begins.

import type { Client } from '@muniment/sdk'
import { emit } from '../events.ts'
import type { SignErrorCode } from '../messages/messages.ts'
import { SignError } from './error.ts'
import { loadErrorText } from './error-text.ts'
import type { Prepared, SignRequest } from './flow.ts'
import type { SigningKey, SignMethod } from './key.ts'
import type { Place, Preparing } from './ledger.ts'
import { canUsePasskeys } from './methods.ts'
import type { FirstKey } from './own-keys.ts'
import type { PasskeyRequest } from './passkey.ts'
import type { Done, Phase } from './phase.ts'
import { withKeys } from './store.ts'

/** One attempt, which ends when its signal does. */
export type Course = {
  readonly element: HTMLElement
  readonly signal: AbortSignal
  readonly rpId: string
  readonly connect: () => Promise<Client>
  readonly phase: () => Phase
  readonly enter: (phase: Phase) => void
}

/** What a person or a page wants to be signed: the page's own request, or the text of somebody else's. */
export type Asked = { readonly request: SignRequest | undefined; readonly opened: string | undefined }

/** Until there is something to review, a passkey is needed first, or the person is sent to the identity page. */
export async function begin(course: Course, asked: Asked, method: SignMethod): Promise<void> {
  const { signal } = course
  if (!asked.request && asked.opened === undefined) throw new SignError('incomplete', 'the page’s form is not complete')
  const [client, signing] = await Promise.all([course.connect(), import('./signing.ts')])
  signal.throwIfAborted()
  const place = await placeOf(client, asked, signal)
  signal.throwIfAborted()
  if (place.isWeighty && !place.isHere)
    return (await import('./course-others.ts')).sendElsewhere(course, { client, asked, place })
  if (method === 'passkey' && !canUsePasskeys()) throw new SignError('passkey-unsupported', 'no PublicKeyCredential')
  const key = await signing.heldKey(method, keyRequest(course, client))
  signal.throwIfAborted()
  if (key) await prepare(course, { client, key, asked, place })
  else course.enter({ name: 'passkey', view: await import('./render-passkey.ts') })
}

/** From a click, without which no browser asks an authenticator. */
export async function beginWithPasskey(course: Course, asked: Asked, way: FirstKey): Promise<void> {
  const [client, signing] = await Promise.all([course.connect(), import('./signing.ts')])
  const key = await signing.firstKey(way, keyRequest(course, client))
  await prepare(course, { client, key, asked, place: await placeOf(client, asked, course.signal) })
}

/** Where the asked step may be signed. Rejects with SignError where this window must sign nothing that weighs. */
async function placeOf(client: Client, { request, opened }: Asked, signal: AbortSignal): Promise<Place> {
  const { readPlace } = await import('./signing.ts')
  const step = opened === undefined ? request! : (await import('./opened.ts')).readStep(client, opened)
  const place = await readPlace(client, step, signal)
  if (place.isWeighty && place.isHere) (await import('./window.ts')).checkWindow()
  return place
}

export type Given = {
  readonly client: Client
  readonly key: SigningKey
  readonly asked: Asked
  readonly place: Place
}

async function prepare(course: Course, { client, key, asked, place }: Given): Promise<void> {
  const { signal } = course
  course.enter({ name: 'preparing' })
  const given = { key, place, signal }
  const { checkKey } = await import('./signing.ts')
  await checkKey(client, given)
  const again = async (acting: Preparing['acting']): Promise<Prepared> =>
    asked.opened === undefined
      ? await (await import('./signing.ts')).prepareDeclaration(client, asked.request!, { ...given, acting })
      : await (await import('./opened.ts')).prepareOpened(client, asked.opened, { ...given, acting })
  const first = await again(undefined)
  const isOwn =
    !first.isProposed &&
    (await withKeys(database => database.get('keys', `delegations ${client.root.chainId}`)).catch(() => undefined))
  const prepared = isOwn ? await (await import('./acting.ts')).offerActing(client, first, { ...given, again }) : first
  signal.throwIfAborted()
  if (prepared.isProposed && (await (await import('./course-others.ts')).showStanding(course, prepared))) return
  course.enter({ name: 'review', prepared })
  const { commitment } = prepared.review
  emit(course.element, 'muniment-review', { detail: { body: prepared.proposal.body, commitment } })
}

/** Signs what is being shown, and hands it in where nobody else has to sign. */
export async function confirm(course: Course, prepared: Prepared): Promise<void> {
  const signing = await import('./signing.ts')
  course.enter({ name: 'signing', prepared })
  const signed = await signing.signPrepared(prepared)
  course.signal.throwIfAborted()
  emit(course.element, 'muniment-signed', { detail: { transactionId: prepared.review.transactionId } })
  if (signed.transaction) await handInAndProve(course, signed.prepared, signed.transaction)
  else await (await import('./course-others.ts')).showStanding(course, signed.prepared)
}

export async function handInAndProve(course: Course, prepared: Prepared, transaction: Uint8Array): Promise<void> {
  const signing = await import('./signing.ts')
  course.enter({ name: 'waiting', prepared })
  await signing.handIn(prepared, transaction, course.signal)
  await prove(course, prepared)
}

export async function prove(course: Course, prepared: Prepared): Promise<void> {
  const signing = await import('./signing.ts')
  if (prepared.act) {
    await signing.waitForAct(prepared, course.signal)
    course.enter({ name: 'acted', view: await import('./render-others.ts') })
    return
  }
  const link = await signing.waitForRecord(prepared, course.signal)
  course.enter({ name: 'verifying', prepared })
  await verifyAndTell(course, { client: prepared.client, link, asked: prepared.asked })
}

export async function verifyAndTell(
  course: Course,
  { client, link, asked }: { readonly client: Client } & Pick<Done, 'link' | 'asked'>,
): Promise<void> {
  const { verifyRecorded } = await import('./signing.ts')
  const verdict = await verifyRecorded(client, link, course.signal)
  course.enter({ name: 'done', done: { link, verdict, asked } })
  emit(course.element, 'muniment-included', { detail: { link, verdict } })
}

/** Whatever goes wrong is shown, unless the person has gone on to something else. */
export async function guard(course: Course, run: () => Promise<void>): Promise<void> {
  const { signal, element } = course
  try {
    await run()
  } catch (error) {
    if (signal.aborted) return
    const code = error instanceof SignError ? error.code : 'unexpected'
    const message = error instanceof Error ? error.message : String(error)
    await loadErrorText(code)
    course.enter(await phaseAfter(course.phase(), code))
    emit(element, 'muniment-error', { detail: { code, message } })
  }
}

async function phaseAfter(phase: Phase, code: SignErrorCode): Promise<Phase> {
  // Nothing was lost: back to where the person said yes.
  if (code.startsWith('passkey-') && phase.name === 'asking')
    return { name: 'passkey', view: await import('./render-passkey.ts'), notice: code }
  if (code.startsWith('passkey-') && phase.name === 'signing')
    return { name: 'review', prepared: phase.prepared, notice: code }
  const isHandedIn = phase.name === 'waiting' || phase.name === 'verifying'
  const link =
    isHandedIn && !phase.prepared.act && code !== 'refused' && code !== 'request-answered'
      ? (await import('./signing.ts')).linkOf(phase.prepared)
      : undefined
  return { name: 'error', code, link }
}

function keyRequest({ rpId, signal }: Course, client: Client): PasskeyRequest {
  return { client, rpId, signal }
}
