// Every state of every element, and how it is brought about: by the element's own public properties and methods, and by clients that
// ask nobody.

import { type Client, type VerdictCode, verdictKinds } from '@muniment/sdk'
import type { MunimentNetwork } from '@muniment/web-components'
import { type StatusLook, statusClient, verifyingClient } from './verdicts.ts'

/** Shows a state inside of a stage that is empty. */
type Show = (stage: HTMLElement) => void

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

const verify: CatalogueElement = {
  name: 'verify',
  states: [
    verifying('form', undefined, undefined),
    verifying('problem', undefined, ''),
    verifying('busy', 'busy', 'made up'),
    ...Object.keys(verdictKinds).map(code => verifying(code, code as VerdictCode, 'made up')),
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

const status: CatalogueElement = {
  name: 'status',
  states: [...statusLooks.map(look => showing(look, false)), showing('confirmed', true), showing('offline', true)],
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
    { name: 'declined', show: stage => put(stage, 'muniment-sign').decline() },
    { name: 'incomplete', show: stage => void put(stage, 'muniment-sign').review() },
    {
      name: 'unreachable',
      show: stage => {
        const element = put(stage, 'muniment-sign')
        element.network = network(stage)
        element.request = { service: 'citizen.declaration@1', transition: 'declare', fields: { subject: 'Bees' } }
        element.review()
      },
    },
  ],
}

const keys: CatalogueElement = {
  name: 'keys',
  states: [
    { name: 'closed', show: stage => put(stage, 'muniment-keys') },
    {
      name: 'unreachable',
      show: stage => {
        const element = put(stage, 'muniment-keys')
        element.network = network(stage)
        element.show()
      },
    },
  ],
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
        element.open('no document')
      },
    },
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
