// What somebody keeps in this browser, as <muniment-record> shows it: the course of it. Loaded when somebody keeps a document, or
// looks at those that are kept.

import { type Client, formatRecordLink, type KeptDocument, limits, presentCredential } from '@muniment/sdk'
import { formatCount } from '../format.ts'
import { keptMessages } from '../messages/kept.ts'
import { cleanText, fill, partsText } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { hideableNames, type Opened } from './present.ts'
import { type KeptActions, type KeptPhase, renderKept } from './render-kept.ts'
import {
  addPasskey,
  eraseWallet,
  findWallet,
  keepAll,
  listKept,
  lockWallet,
  makeWallet,
  type OpenWallet,
  openWallet,
  removeKept,
} from './wallet.ts'
import { readCopy, saveCopy } from './wallet-copy.ts'
import { WalletError, type WalletErrorCode } from './wallet-error.ts'

/** What the element lends. */
export type KeptHost = {
  readonly client: Client
  readonly words: () => Words
  /** Draws again; `notice` is said to everyone. */
  readonly update: (notice: string) => void
  readonly open: (link: string) => void
  readonly back: () => void
  readonly fail: (code: string, message: string) => void
}

export type Kept = {
  readonly render: () => unknown
  /** Ends what is under way. */
  readonly stop: () => void
}

/** A document as it will be found again. */
export function keptOf({ client, credential, key, height, verdict, ...opened }: Opened): KeptDocument {
  const document = presentCredential(credential, hideableNames({ client, credential, key, height, verdict, ...opened }))
  return {
    link: formatRecordLink({ chainId: client.root.chainId, key, height, document }),
    title: bounded(verdict.record?.typeTitle ?? { en: credential.type }),
    issuer: bounded(verdict.record?.issuerNames ?? {}),
    keptAt: client.now().seconds,
  }
}

function bounded(names: KeptDocument['title']): KeptDocument['title'] {
  const texts = Object.entries(names).slice(0, limits.languagesMax)
  return Object.fromEntries(texts.map(([language, text]) => [language, cleanText(text, limits.nameLengthMax)]))
}

type Course = {
  readonly host: KeptHost
  readonly stop: AbortController
  phase: KeptPhase
  /** They wait until there is a wallet that is open. */
  pending: readonly KeptDocument[]
  /** They come from a copy. */
  isCopy: boolean
}

/** Looks at what is kept, and keeps documents with it. */
export function beginKept(host: KeptHost, pending: readonly KeptDocument[]): Kept {
  const stop = new AbortController()
  const course: Course = { host, stop, phase: { name: 'working' }, pending, isCopy: false }
  const actions = actionsOf(course)
  // Whatever stands in the way of a first look is all there is to show.
  attempt(course, () => look(course), { from: { name: 'broken' } })
  return { render: () => renderKept(host.words(), course.phase, actions), stop: () => stop.abort() }
}

function actionsOf(course: Course): KeptActions {
  const { host, stop } = course
  const { client, words } = host
  const { chainId } = client.root
  const texts = () => keptMessages(words().language)
  /** What an authenticator lists it by. */
  const ask = () => ({ name: `${words().messages.verify.document}, ${chainId}`, signal: stop.signal })
  const run = (work: () => Promise<void>): Promise<void> => attempt(course, work, { from: course.phase })
  /** The same, while the authenticator asks the person. */
  const runAsking = (work: () => Promise<void>): Promise<void> =>
    attempt(course, work, { from: course.phase, busy: 'asking' })
  return {
    protect: way =>
      way === 'device'
        ? run(async () => show(course, await makeWallet(chainId, way)))
        : runAsking(async () => show(course, await makeWallet(chainId, ask()))),
    unlock: stored => runAsking(async () => show(course, await openWallet(chainId, stored, stop.signal))),
    lock: wallet => runAsking(async () => show(course, await lockWallet(wallet, ask()))),
    addPasskey: wallet => runAsking(async () => show(course, await addPasskey(wallet, ask()), texts().passkeyAdded)),
    open: ({ link }) => host.open(`#${link}`),
    enter: phase => enter(course, phase),
    remove: (wallet, { id }) =>
      run(async () => {
        await removeKept(wallet, id)
        await show(course, wallet, texts().removed)
      }),
    removeAll: () =>
      run(async () => {
        await eraseWallet(chainId)
        enter(course, emptyPhase(course), texts().removed)
      }),
    saveCopy: (wallet, { passphrase, again }) =>
      run(async () => {
        await saveCopy(wallet, passphrase, again)
        await show(course, wallet, texts().copySaved)
      }),
    openCopy: (wallet, { file, passphrase }) =>
      run(async () => {
        course.pending = await readCopy(file, passphrase, chainId)
        course.isCopy = true
        await (wallet ? show(course, wallet) : look(course))
      }),
    again: () => attempt(course, () => look(course), { from: { name: 'broken' } }),
    back: host.back,
  }
}

function enter(course: Course, phase: KeptPhase, notice = ''): void {
  if (course.stop.signal.aborted) return
  course.phase = phase
  course.host.update(notice)
}

/** Comes back to where it began, and says why, where it does not succeed. */
async function attempt(
  course: Course,
  work: () => Promise<void>,
  { from, busy = 'working' }: { readonly from: KeptPhase; readonly busy?: 'working' | 'asking' },
): Promise<void> {
  enter(course, { name: busy })
  try {
    await work()
  } catch (error) {
    if (course.stop.signal.aborted) return
    const code = error instanceof WalletError ? error.code : 'unexpected'
    course.host.fail(code, error instanceof Error ? error.message : String(error))
    enter(course, { ...(code === 'changed' ? await asItIs(course, from) : from), problem: code })
  }
}

/** Where to go on after another tab changed what was shown. */
async function asItIs(course: Course, from: KeptPhase): Promise<KeptPhase> {
  const { chainId } = course.host.client.root
  try {
    const stored = await findWallet(chainId)
    if (!stored) return emptyPhase(course)
    if (!stored.device) return { name: 'locked', stored }
    const wallet = await openWallet(chainId, stored, course.stop.signal)
    return { name: 'list', wallet, list: await listKept(wallet) }
  } catch {
    return from
  }
}

async function look(course: Course): Promise<void> {
  const { chainId } = course.host.client.root
  const stored = await findWallet(chainId)
  if (!stored) return enter(course, emptyPhase(course))
  if (!stored.device) return enter(course, { name: 'locked', stored })
  await show(course, await openWallet(chainId, stored, course.stop.signal))
}

/** Where there is no wallet. */
function emptyPhase({ pending }: Course): KeptPhase {
  return { name: pending.length > 0 ? 'protect' : 'none' }
}

/** Adds what waits, and shows all. What there is no room for waits no longer. */
async function show(course: Course, wallet: OpenWallet, notice = ''): Promise<void> {
  const { host, pending, isCopy } = course
  const { language } = host.words()
  const texts = keptMessages(language)
  let problem: WalletErrorCode | undefined
  const adding = pending.length === 0 ? Promise.resolve(0) : keepAll(wallet, pending)
  const count = await adding.catch((error: unknown) => {
    if (!(error instanceof WalletError) || error.code === 'changed') throw error
    problem = error.code
    host.fail(error.code, error.message)
    return 0
  })
  course.pending = []
  course.isCopy = false
  const copied = partsText(fill(texts.copyOpened, { count: formatCount(count, language) }))
  const told = pending.length === 0 ? notice : isCopy ? copied : texts.added
  enter(course, { name: 'list', wallet, list: await listKept(wallet), problem }, problem ? '' : told)
}
