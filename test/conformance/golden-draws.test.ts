// What chance leaves in the state tree, and how a draw is reckoned: what it always was (test/golden/draws-1.json, written once).

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  beaconCommitment,
  beaconEntry,
  beaconKey,
  beaconMemberEntry,
  beaconMemberKey,
  beaconMix,
  beaconMixEntry,
  beaconMixKey,
  beaconSecretLabel,
  caseEntry,
  decidedDrawsEntry,
  decidedDrawsKey,
  decodeBeaconTransaction,
  drawEntry,
  drawKey,
  drawPlace,
  encodeBeaconTransaction,
  encodeUtf8,
  formatHex,
  loadCrypto,
  poolHash,
  validatorsEntry,
  validatorsKey,
  waitingDrawEntry,
  waitingDrawKey,
} from '@muniment/sdk'
import { testKey } from '../test-chain.ts'

const crypto = await loadCrypto({ forceFallback: true })
const file = fileURLToPath(new URL('../golden/draws-1.json', import.meta.url))
const filled = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte)
const empty = new Uint8Array(0)
const address = filled(1, 20)
const [secret, commitment, before, id] = [filled(2), filled(3), filled(4), filled(5)] as const
const mix = beaconMix(crypto, { height: 9n, before, secret })
const pool = [filled(6), filled(7), filled(8)]
const role = 'inspector'
const at = { seconds: 1_800_000_000n, nanos: 5 }
const assignment = {
  ...{ role, mandate: filled(7), how: 'draw/validators', pool: 3 },
  draw: { poolHash: poolHash(crypto, { id, role, pool }), height: 8n, mixHeight: 9n },
}
const drawnCase = {
  ...{ service: 'x.site@1', state: 'open', version: 1n, openedHeight: 8n, openedTime: at, eventTime: undefined },
  ...{
    stateTime: at,
    dueTime: undefined,
    pausedSeconds: 0n,
    pausedState: '',
    lateTime: undefined,
    unfollowed: [],
    parties: [],
    facts: encodeUtf8('{}'),
  },
  ...{
    committed: empty,
    acts: [],
    visited: ['open'],
    tags: [],
    assignments: [assignment],
    records: [],
    obligations: [],
    shreddedTime: undefined,
  },
}

const made = {
  validators: validatorsEntry.encode({ members: [{ publicKey: filled(9), power: 10n }] }),
  beacon: beaconEntry.encode({
    ...{ mix, mixHeight: 9n, first: 1n, valueless: 2n, next: 3n, until: 2n, untilHeight: 9n },
  }),
  member: beaconMemberEntry.encode({ commitment, height: 7n, turn: 4n, missed: 1n }),
  mixEntry: beaconMixEntry.encode({ before, secret, proposer: address, committedHeight: 7n, validators: 4 }),
  draw: drawEntry.encode({ height: 8n, pool }),
  waiting: waitingDrawEntry.encode({ case: id, role: encodeUtf8(role), height: 8n }),
  decided: decidedDrawsEntry.encode({ until: 2n, height: 9n }),
  case: caseEntry.encode(drawnCase),
  first: encodeBeaconTransaction(empty, commitment),
  reveal: encodeBeaconTransaction(secret, commitment),
  commitment: beaconCommitment(crypto, { genesisHash: filled(10), address, secret }),
  mix,
  poolHash: poolHash(crypto, { id, role, pool }),
  places: Uint8Array.from([1, 2, 3, 5, 200].map(count => drawPlace(crypto, { mix, id, role, count }))),
  secret: testKey('one').derive(beaconSecretLabel(filled(10), 4n)),
  validatorsKey: validatorsKey(crypto),
  beaconKey: beaconKey(crypto),
  memberKey: beaconMemberKey(crypto, address),
  mixKey: beaconMixKey(crypto, 9n),
  drawKey: drawKey(crypto, id, role),
  waitingKey: waitingDrawKey(crypto, 1n),
  decidedKey: decidedDrawsKey(crypto, 1n),
}

test('the format "draws" is what it always was', () => {
  const written = Object.fromEntries(Object.entries(made).map(([name, bytes]) => [name, formatHex(bytes)]))
  if (!existsSync(file) && process.env.GOLDEN === 'write')
    writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`, { flag: 'wx' })
  assert.deepEqual(written, JSON.parse(readFileSync(file, 'utf8')))
  assert.deepEqual(caseEntry.decode(made.case), drawnCase)
  assert.deepEqual(decodeBeaconTransaction(made.reveal), { secret, commitment })
  assert.deepEqual(decodeBeaconTransaction(made.first), { secret: empty, commitment })
})

test('each place of a pool is drawn as often as any other', () => {
  const counts = new Array<number>(5).fill(0)
  for (let each = 0; each < 5_000; each++) {
    const of = crypto.sha256(encodeUtf8(`case ${each}`))
    counts[drawPlace(crypto, { mix, id: of, role, count: 5 })]! += 1
  }
  assert.ok(
    counts.every(count => count > 850 && count < 1_150),
    counts.join(' '),
  )
})
