// What <muniment-status> says, from what its client knows. Nothing of it goes beyond what was verified: a node that answered is
// no node that was right, and a block without its witnesses is said to be one.

import type { ClientStatus, PeerStatus, TrustRoot } from '@muniment/sdk'
import { formatAge, formatCount, formatDate, formatList } from '../format.ts'
import type { StatusMessages } from '../messages/status.ts'
import { fill, type Part } from '../text.ts'

/** Why the last question came to nothing. */
export type Failure = 'offline' | 'contradiction' | 'unproved'

/** Also the custom state of the element. */
export type StatusState = 'idle' | 'asking' | 'confirmed' | 'alone' | 'checked' | Failure

export type StatusView = {
  readonly state: StatusState
  /** Changes only with the state, so that it may be announced. */
  readonly headline: string
  /** In one line; undefined before a block was verified. */
  readonly brief: readonly Part[] | undefined
  readonly rows: readonly { readonly label: string; readonly values: readonly (readonly Part[])[] }[]
}

export type StatusFacts = {
  readonly status: ClientStatus | undefined
  readonly root: Pick<TrustRoot, 'witnesses'> | undefined
  readonly asking: boolean
  readonly failure: Failure | undefined
}

type Words = { readonly texts: StatusMessages; readonly language: string; readonly unknownTime: string }

export function viewOf(facts: StatusFacts, words: Words): StatusView {
  const { texts, language } = words
  const state = stateOf(facts)
  const { status, root } = facts
  const head = status?.head
  return {
    state,
    headline: texts[state],
    brief:
      head && fill(texts.block, { height: formatCount(head.height, language), age: ageOf(head.ageSeconds, language) }),
    rows: [...(head ? headRows(head, root, words) : []), ...(status ? [peersRow(status.peers, words)] : [])],
  }
}

function stateOf({ status, root, asking, failure }: StatusFacts): StatusState {
  if (asking) return 'asking'
  if (failure !== undefined) return failure
  if (status?.isContradicted) return 'contradiction'
  const head = status?.head
  if (head === undefined) return 'idle'
  const needed = root?.witnesses.k ?? 0
  if (needed === 0) return 'checked'
  return head.witnesses.length >= needed ? 'confirmed' : 'alone'
}

function headRows(
  head: NonNullable<ClientStatus['head']>,
  root: StatusFacts['root'],
  { texts, language, unknownTime }: Words,
): StatusView['rows'] {
  const value = (text: string): readonly (readonly Part[])[] => [[{ kind: 'value', text }]]
  return [
    { label: texts.height, values: value(formatCount(head.height, language)) },
    { label: texts.time, values: value(formatDate(head.time, { language, withTime: true, unknown: unknownTime })) },
    { label: texts.age, values: value(ageOf(head.ageSeconds, language)) },
    { label: texts.witnesses, values: [witnessesOf(head.witnesses, root, { texts, language })] },
  ]
}

function witnessesOf(
  names: readonly string[],
  root: StatusFacts['root'],
  { texts, language }: Pick<Words, 'texts' | 'language'>,
): readonly Part[] {
  const needed = root?.witnesses.k ?? 0
  if (needed === 0 && names.length === 0) return fill(texts.witnessesUnasked, {})
  const counts = { count: formatCount(names.length, language), needed: formatCount(needed, language) }
  if (names.length === 0) return fill(texts.witnessesNone, counts)
  return fill(texts.witnessesCount, { ...counts, names: formatList(names, language) })
}

const kinds = ['rpc', 'webrtc', 'neighbour', 'local'] as const satisfies readonly PeerStatus['kind'][]

function peersRow(peers: readonly PeerStatus[], { texts, language }: Words): StatusView['rows'][number] {
  const values = kinds.flatMap(kind => {
    const ofKind = peers.filter(peer => peer.kind === kind)
    return ofKind.length === 0 ? [] : [[...fill(`${texts[kind]}: `, {}), ...countOf(ofKind, texts, language)]]
  })
  return { label: texts.peers, values: values.length > 0 ? values : [fill(texts.peersNone, {})] }
}

function countOf(peers: readonly PeerStatus[], texts: StatusMessages, language: string): readonly Part[] {
  const count = (...states: readonly PeerStatus['state'][]): number =>
    peers.filter(({ state }) => states.includes(state)).length
  const asked = count('answered', 'silent')
  const notAsked = fill(texts.notAsked, { count: formatCount(count('not-asked'), language) })
  if (asked === 0) return notAsked
  const answered = fill(texts.answered, {
    answered: formatCount(count('answered'), language),
    asked: formatCount(asked, language),
  })
  return asked === peers.length ? answered : [...answered, { kind: 'words', text: ' · ' }, ...notAsked]
}

/** A clock that is behind makes no block of the future. */
function ageOf(seconds: number, language: string): string {
  return formatAge(Math.max(0, seconds), language)
}
