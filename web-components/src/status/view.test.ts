import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ClientStatus, PeerStatus } from '@muniment/sdk'
import { loadMessages } from '../messages/messages.ts'
import { statusMessages } from '../messages/status.ts'
import { partsText } from '../text.ts'
import { type StatusFacts, type StatusView, viewOf } from './view.ts'

const head = {
  height: 1_234n,
  time: { seconds: 1_772_539_200n, nanos: 0 },
  ageSeconds: 12,
  witnesses: ['Archive', 'Court'],
}
const peersOf = (kind: PeerStatus['kind'], ...states: readonly PeerStatus['state'][]): readonly PeerStatus[] =>
  states.map((state, place) => ({ kind, label: `${kind} ${place}`, state }))
const root = { witnesses: { k: 2, keys: [] } }

function see(status: Partial<ClientStatus> | undefined, facts: Partial<StatusFacts> = {}, language = 'en'): StatusView {
  const given = {
    status: status && { head: undefined, isContradicted: false, peers: [], ...status },
    root,
    asking: false,
    failure: undefined,
  }
  return viewOf({ ...given, ...facts }, { texts: statusMessages(language), language, unknownTime: '?' })
}

function rowsOf({ rows }: StatusView): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.map(({ label, values }) => [label, values.map(partsText).join('; ')]))
}

it('nothing is known before somebody asked', () => {
  const view = see(undefined)
  assert.deepEqual([view.state, view.rows, view.brief], ['idle', [], undefined])
})

it('a block is said to be confirmed only where as many witnesses as the trust root asks for signed it', () => {
  assert.equal(see({ head }).state, 'confirmed')
  assert.equal(see({ head: { ...head, witnesses: ['Court'] } }).state, 'alone')
  assert.equal(see({ head: { ...head, witnesses: [] } }).state, 'alone')
  assert.equal(see({ head: { ...head, witnesses: [] } }, { root: { witnesses: { k: 0, keys: [] } } }).state, 'checked')
})

it('the witnesses are named, and where some are missing that is said', () => {
  assert.equal(rowsOf(see({ head }))['Confirmed by'], '2 of the 2 needed: Archive and Court')
  assert.equal(rowsOf(see({ head: { ...head, witnesses: ['Court'] } }))['Confirmed by'], '1 of the 2 needed: Court')
  assert.equal(rowsOf(see({ head: { ...head, witnesses: [] } }))['Confirmed by'], 'Nobody yet; 2 are needed.')
})

it('computers of the network are counted by how they are reached, and those not asked are not called silent', () => {
  const peers = [
    ...peersOf('webrtc', 'answered', 'silent', 'not-asked'),
    ...peersOf('rpc', 'not-asked'),
    ...peersOf('neighbour', 'answered'),
  ]
  assert.equal(
    rowsOf(see({ peers }))['Computers of the network'],
    'Over HTTPS: 1 not asked; Straight from this browser (WebRTC): 1 of 2 answered · 1 not asked; Other people’s browsers: 1 of 1 answered',
  )
  assert.equal(rowsOf(see({}))['Computers of the network'], 'The network names none.')
})

it('what went wrong is said first, and what was checked before stays to be read', () => {
  for (const failure of ['offline', 'contradiction', 'unproved'] as const) {
    const view = see({ head }, { failure })
    assert.equal(view.state, failure)
    assert.equal(partsText(view.brief!), 'Block 1,234, 12 seconds ago')
  }
})

it('a contradiction that a check has met is said, whoever asked', () => {
  assert.equal(see({ head, isContradicted: true }).state, 'contradiction')
})

it('the sentence that is announced does not change with the age or the height', () => {
  const later = { ...head, height: 1_235n, ageSeconds: 400 }
  assert.equal(see({ head }).headline, see({ head: later }).headline)
  assert.notEqual(partsText(see({ head }).brief!), partsText(see({ head: later }).brief!))
})

it('a clock that is behind makes no block of the future', () => {
  assert.equal(rowsOf(see({ head: { ...head, ageSeconds: -90 } }))['That was'], '0 seconds ago')
})

it('in Arabic numbers have the digits of the region', async () => {
  await loadMessages('ar-EG')
  const view = see({ head, peers: peersOf('rpc', 'answered') }, {}, 'ar-EG')
  assert.match(partsText(view.brief!), /الكتلة ١٬٢٣٤/)
})
