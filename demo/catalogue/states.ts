// Every state of every element, and how it is brought about: by the element's own public properties and methods, and by clients that
// ask nobody.

import { type Client, formatBase64Url, formatHex, type VerdictCode, verdictKinds } from '@muniment/sdk'
import type { MunimentNetwork } from '@muniment/web-components'
import type { AccountLook, CaseLook } from './facts.ts'
import { madeUpVerdict, type StatusLook, statusClient, verifyingClient } from './verdicts.ts'

/** Shows a state inside of a stage that is empty; resolves when it is there. */
type Show = (stage: HTMLElement) => unknown

export type State = { readonly name: string; readonly show: Show }

export type CatalogueElement = {
  /** The tag without its prefix, and the name of the example. */
  readonly name: string
  readonly states: readonly State[]
}

function put<Tag extends keyof HTMLElementTagNameMap>(stage: HTMLElement, tag: Tag): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  stage.append(element)
  return element
}

/** A network that is there and holds this client, or one that can't be reached. */
function network(stage: HTMLElement, client?: Client): MunimentNetwork {
  const element = document.createElement('muniment-network')
  if (client) element.client = client
  // Nothing is asked of this address: it is not put into the page.
  else element.connect = async () => Promise.reject(Object.assign(new Error('made up'), { code: 'offline' }))
  stage.append(element)
  return element
}

const reachedTimeoutMs = 8_000

/** Resolves when the element says that it is in this state. */
async function reached(element: HTMLElement, state: string): Promise<void> {
  const until = performance.now() + reachedTimeoutMs
  while (!element.matches(`:state(${state})`)) {
    if (performance.now() > until) throw new Error(`${element.localName} has not come to ${state}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** Presses what the element itself drew: the first of these parts, or the one at a place from the end. */
async function press(
  element: HTMLElementTagNameMap['muniment-sign' | 'muniment-keys' | 'muniment-record'],
  part: string,
): Promise<void> {
  await element.updateComplete
  const buttons = [...element.renderRoot.querySelectorAll<HTMLElement>(`[part=${part}]`)]
  buttons.at(-1)?.click()
}

function verifying(name: string, code: VerdictCode | 'busy' | undefined, input: string | undefined): State {
  return {
    name,
    show: stage => {
      const element = put(stage, 'muniment-verify')
      element.network = network(stage, verifyingClient(code ?? 'unreadable'))
      if (input !== undefined) element.verify(input)
    },
  }
}

function compact(name: string, code: VerdictCode | undefined): State {
  return {
    name,
    show: stage => {
      const element = put(stage, 'muniment-verify')
      element.compact = true
      element.network = network(stage, verifyingClient(code ?? 'unreadable'))
      if (code) element.verify('made up')
    },
  }
}

/** The page needs a field that the document does not show. */
const lacking: State = {
  name: 'lacking',
  show: stage => {
    const element = put(stage, 'muniment-verify')
    element.fields = 'example-field'
    element.network = network(stage, verifyingClient('current'))
    element.verify('made up')
  },
}

/** The case behind the document was ended, and what was private in it destroyed. */
const destroyed: State = {
  name: 'destroyed',
  async show(stage) {
    const { caseClient, madeUpCase } = await import('./facts.ts')
    const element = put(stage, 'muniment-verify')
    const verdict = madeUpVerdict('current')
    const { record } = verdict
    const behind = record && { ...record, entry: { ...record.entry, case: madeUpCase } }
    const client = await caseClient('destroyed')
    element.network = network(stage, { ...client, verifyRecord: async () => ({ ...verdict, record: behind }) })
    element.verify('made up')
  },
}

const verify: CatalogueElement = {
  name: 'verify',
  states: [
    verifying('form', undefined, undefined),
    verifying('problem', undefined, ''),
    verifying('busy', 'busy', 'made up'),
    ...Object.keys(verdictKinds).map(code => verifying(code, code as VerdictCode, 'made up')),
    compact('compact', undefined),
    compact('compact-current', 'current'),
    compact('compact-revoked', 'revoked'),
    lacking,
    destroyed,
  ],
}

const statusLooks: readonly StatusLook[] = [
  'idle',
  'asking',
  'confirmed',
  'alone',
  'checked',
  'offline',
  'contradiction',
  'unproved',
]

function showing(look: StatusLook, compact: boolean): State {
  return {
    name: compact ? `${look}-compact` : look,
    show: stage => {
      const element = put(stage, 'muniment-status')
      element.network = network(stage, statusClient(look))
      element.compact = compact
      if (['asking', 'contradiction', 'unproved'].includes(look)) element.sync()
    },
  }
}

/** What the ledger makes public of one case, where somebody has its secret or not. */
function showingCase(look: CaseLook): State {
  return {
    name: `case-${look}`,
    async show(stage) {
      const { caseClient, madeUpCase, madeUpSecret } = await import('./facts.ts')
      const element = put(stage, 'muniment-status')
      element.network = network(stage, await caseClient(look))
      element.case = formatBase64Url(madeUpCase)
      if (['unseen', 'looked'].includes(look)) element.secret = madeUpSecret
      await element.sync()
    },
  }
}

/** How the replacement of an account's keys stands. */
function showingAccount(look: AccountLook): State {
  return {
    name: `account-${look}`,
    async show(stage) {
      const { accountClient, madeUpAccount } = await import('./facts.ts')
      const element = put(stage, 'muniment-status')
      element.network = network(stage, await accountClient(look === 'stopped' ? 'running' : look))
      element.account = formatHex(madeUpAccount)
      localStorage.removeItem(`muniment-recovery ${element.network.client!.root.chainId} ${element.account}`)
      await element.sync()
      if (look !== 'stopped') return
      element.network.client = await accountClient('none')
      await element.sync()
    },
  }
}

/** A field to be filled in, and one that was not well. */
function entering(name: string, text: string | undefined): State {
  return {
    name,
    show: stage => {
      const element = put(stage, 'muniment-status')
      element.network = network(stage)
      element.case = text ?? ''
      return text === undefined ? undefined : element.sync()
    },
  }
}

const standing: State = {
  name: 'standing',
  async show(stage) {
    const { madeUpService, standingClient } = await import('./facts.ts')
    const element = put(stage, 'muniment-status')
    element.network = network(stage, await standingClient())
    element.services = madeUpService
    await element.sync()
  },
}

const caseLooks: readonly CaseLook[] = ['none', 'closed', 'unseen', 'looked', 'late', 'destroyed', 'destroy-due']
const accountLooks: readonly AccountLook[] = ['none', 'running', 'ready', 'done', 'stopped']

const status: CatalogueElement = {
  name: 'status',
  states: [
    ...statusLooks.map(look => showing(look, false)),
    showing('confirmed', true),
    showing('offline', true),
    standing,
    entering('case-form', undefined),
    entering('case-unreadable', 'no number'),
    ...caseLooks.map(showingCase),
    ...accountLooks.map(showingAccount),
  ],
}

type Signing = {
  readonly name: string
  /** The state of the element that comes after the review; none: the review itself. */
  readonly until?: string
  readonly code?: VerdictCode
  readonly refusal?: number
  readonly isWaiting?: boolean
  /** The account of another who signs too. */
  readonly other?: string
}

function signing({ name, until, code = 'current', refusal = 0, isWaiting = false, other }: Signing): State {
  return {
    name,
    async show(stage) {
      const { ledgerClient } = await import('./ledger.ts')
      const element = put(stage, 'muniment-sign')
      element.network = network(stage, await ledgerClient({ verdict: madeUpVerdict(code), code: refusal, isWaiting }))
      element.request = {
        service: 'citizen.declaration@1',
        transition: other ? 'declareTogether' : 'declare',
        fields: { subject: 'Bees', statement: 'I keep two hives.' },
        ...(other ? { others: [other] } : {}),
      }
      await element.review()
      await reached(element, 'review')
      if (until === undefined) return
      await press(element, 'button-primary')
      await reached(element, until)
    },
  }
}

const sign: CatalogueElement = {
  name: 'sign',
  states: [
    { name: 'form', show: stage => put(stage, 'muniment-sign') },
    {
      name: 'methods',
      show: stage => {
        put(stage, 'muniment-sign').methods = 'passkey device'
      },
    },
    {
      name: 'passkey',
      async show(stage) {
        const { ledgerClient } = await import('./ledger.ts')
        const element = put(stage, 'muniment-sign')
        element.methods = 'passkey'
        element.network = network(
          stage,
          await ledgerClient({ verdict: madeUpVerdict('current'), chainId: 'no-keys-1' }),
        )
        element.request = { service: 'citizen.declaration@1', transition: 'declare', fields: { subject: 'Bees' } }
        await element.review()
      },
    },
    signing({ name: 'review' }),
    signing({ name: 'review-together', other: 'cd'.repeat(32) }),
    signing({ name: 'gathering', other: 'cd'.repeat(32), until: 'gathering' }),
    signing({ name: 'waiting', isWaiting: true, until: 'waiting' }),
    signing({ name: 'done', until: 'done' }),
    signing({ name: 'done-one-operator', code: 'single-operator', until: 'done' }),
    signing({ name: 'refused', refusal: 5, until: 'error' }),
    signing({ name: 'not-verified', code: 'changed', until: 'error' }),
    { name: 'declined', show: stage => put(stage, 'muniment-sign').decline() },
    { name: 'incomplete', show: stage => put(stage, 'muniment-sign').review() },
    {
      name: 'unreachable',
      async show(stage) {
        const element = put(stage, 'muniment-sign')
        element.network = network(stage)
        element.request = { service: 'citizen.declaration@1', transition: 'declare', fields: { subject: 'Bees' } }
        await element.review()
      },
    },
  ],
}

/** A browser that has a key of this network, or none of another one. */
function keyed(name: string, chainId: string, isMade: boolean): State {
  return {
    name,
    async show(stage) {
      const { ledgerClient } = await import('./ledger.ts')
      const element = put(stage, 'muniment-keys')
      element.network = network(stage, await ledgerClient({ verdict: madeUpVerdict('current'), chainId }))
      await element.show()
      if (!isMade || element.matches(':state(account)')) return
      await press(element, 'button')
      await reached(element, 'account')
    },
  }
}

const keys: CatalogueElement = {
  name: 'keys',
  states: [
    { name: 'closed', show: stage => put(stage, 'muniment-keys') },
    keyed('none', 'no-keys-1', false),
    keyed('account', 'one-key-1', true),
    {
      name: 'unreachable',
      show: stage => {
        const element = put(stage, 'muniment-keys')
        element.network = network(stage)
        return element.show()
      },
    },
  ],
}

function presenting(name: 'choosing' | 'shared'): State {
  return {
    name,
    async show(stage) {
      const { provenDocument } = await import('./ledger.ts')
      const { client, document } = await provenDocument()
      const element = put(stage, 'muniment-record')
      element.network = network(stage, client)
      await element.open(document)
      await reached(element, 'choosing')
      if (name === 'choosing') return
      await press(element, 'button-primary')
      await reached(element, name)
    },
  }
}

type Keeping = 'kept-none' | 'kept-protect' | 'kept' | 'kept-remove'

/** They share one database, so each waits for the one before it. */
let keepingBefore: Promise<unknown> = Promise.resolve()

function keeping(name: Keeping): State {
  return {
    name,
    show(stage) {
      const shown = keepingBefore.then(() => showKeeping(stage, name))
      keepingBefore = shown.catch(() => undefined)
      return shown
    },
  }
}

/** What is kept in this browser, which begins with nothing. */
async function showKeeping(stage: HTMLElement, name: Keeping): Promise<void> {
  await deleteWallets()
  const { provenDocument } = await import('./ledger.ts')
  const { client, document } = await provenDocument()
  const element = put(stage, 'muniment-record')
  element.network = network(stage, client)
  if (name === 'kept-none') return element.showKept()
  await element.open(document)
  await reached(element, 'choosing')
  await press(element, '"button button-keep"')
  await drawn(element, '[part~=button-device]')
  if (name === 'kept-protect') return
  element.renderRoot.querySelector<HTMLElement>('[part~=button-device]')!.click()
  await drawn(element, '[part=document]')
  if (name === 'kept-remove')
    element.renderRoot.querySelector<HTMLElement>('[part=document] button:last-child')!.click()
}

function deleteWallets(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('muniment-wallet')
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
  })
}

/** Until a part of it is there. */
async function drawn(element: HTMLElementTagNameMap['muniment-record'], selector: string): Promise<void> {
  const until = performance.now() + reachedTimeoutMs
  while (!element.renderRoot.querySelector(selector)) {
    if (performance.now() > until) throw new Error(`${element.localName} has not drawn ${selector}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

const record: CatalogueElement = {
  name: 'record',
  states: [
    { name: 'form', show: stage => put(stage, 'muniment-record') },
    {
      name: 'unreadable',
      show: stage => {
        const element = put(stage, 'muniment-record')
        element.network = network(stage, verifyingClient('unreadable'))
        return element.open('no document')
      },
    },
    presenting('choosing'),
    presenting('shared'),
    keeping('kept-none'),
    keeping('kept-protect'),
    keeping('kept'),
    keeping('kept-remove'),
  ],
}

export const elements: readonly CatalogueElement[] = [verify, record, sign, keys, status]

/** In place of a state's name: all of an element's, one below the other. */
export const allStates = 'all'

/** Of one name, of several with commas between them, or all. None where there is no such element, or a state is none of its own. */
export function statesOf(element: string, names: string): readonly State[] {
  const { states = [] } = elements.find(({ name }) => name === element) ?? {}
  if (names === allStates) return states
  const found = names.split(',').map(name => states.find(state => state.name === name))
  return found.every(state => state !== undefined) ? found : []
}
