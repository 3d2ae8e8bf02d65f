import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type AccountEntry, Algorithm } from '@muniment/sdk'
import { messagesFor } from '../messages/messages.ts'
import { partsText } from '../text.ts'
import { judgeRecovery, type RecoveryFacts, recoverySections, type SeenBefore } from './recovery.ts'

const time = (seconds: bigint) => ({ seconds, nanos: 0 })
const keyOf = (value: number) => ({ algorithm: Algorithm.ed25519, bytes: new Uint8Array(32).fill(value) })
const underWay: AccountEntry['recovery'] = {
  key: keyOf(9),
  passkey: undefined,
  isIdentity: true,
  startedHeight: 50n,
  readyTime: time(1_000n),
  office: '',
}
const nothing: SeenBefore = { startedHeight: undefined, askedUntil: undefined }

function judge(
  entry: Partial<Pick<AccountEntry, 'recovery' | 'delegationsEndedHeight'>>,
  seen: Partial<SeenBefore> = {},
  now: { readonly height: bigint; readonly time: ReturnType<typeof time> } = { height: 100n, time: time(500n) },
): RecoveryFacts {
  return judgeRecovery({ recovery: undefined, delegationsEndedHeight: 0n, ...entry }, { ...nothing, ...seen }, now)
}

it('while it runs everyone sees until when it can be stopped, and afterwards that it still can', () => {
  assert.equal(judge({ recovery: underWay }).state, 'running')
  assert.equal(judge({ recovery: underWay }, {}, { height: 100n, time: time(1_000n) }).state, 'ready')
  const [section] = recoverySections(judge({ recovery: underWay }), messagesFor('en-GB'))
  const said = partsText(section!.items[0]!.lines[0]!)
  assert.match(said, /Until 1 January 1970 .* at least, any of its keys can stop that/)
})

it('that the keys were replaced is read from the ledger, and in which block', () => {
  const facts = judge({ delegationsEndedHeight: 60n }, { startedHeight: 50n })
  assert.deepEqual([facts.state, facts.height], ['done', 60n])
  assert.equal(judge({ delegationsEndedHeight: 60n }).state, 'done')
})

it('that it was stopped is said only where this browser has seen it under way', () => {
  assert.equal(judge({}, { startedHeight: 50n }).state, 'cancelled')
  assert.equal(judge({}).state, 'none')
})

it('an older replacement does not hide that the newest attempt was stopped', () => {
  assert.equal(judge({ delegationsEndedHeight: 40n }, { startedHeight: 50n }).state, 'cancelled')
})

it('what guardians were asked to sign is said to have expired when no block takes it any more', () => {
  assert.equal(judge({}, { askedUntil: 100n }).state, 'none')
  assert.equal(judge({}, { askedUntil: 99n }).state, 'expired')
})
