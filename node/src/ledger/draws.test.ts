// Draws of officials: who can be drawn is fixed before anybody knows by what, and nobody who sends transactions or makes blocks picks the
// official, except by leaving out a turn, which is counted.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  type Assignment,
  beaconCommitment,
  beaconEntry,
  beaconKey,
  beaconMemberEntry,
  beaconMemberKey,
  beaconMixEntry,
  beaconMixKey,
  caseKey,
  checkDraw,
  drawEntry,
  drawKey,
  drawPlace,
  drawUnevenness,
  encodeBeaconTransaction,
  encodeUtf8,
  equals,
  formatBase64Url,
  formatHex,
  type JsonObject,
  limits,
  loadCrypto,
  ResultCode,
  VerifyError,
  waitingDrawKey,
} from '@muniment/sdk'
import { awaitDraw, beginBlock } from './draws.ts'
import { Refusal } from './rules.ts'
import { createState } from './state.ts'
import { type CaseLedger, caseCountry, createCaseLedger, type Turns } from './test-cases.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const label = { en: 'Example' }
const service: JsonObject = {
  ...{ service: 'x.site@1', title: label, sector: 'example', type: 'urn:example:thing' },
  basis: [{ eli: '/eli/example/1', from: '2026-01-01' }],
  roles: { owner: { party: 'any' }, inspector: { offices: ['inspectorate'], post: 'inspector' } },
  states: { open: { waits: 'inspector', label }, seen: { final: true, label } },
  transitions: {
    open: { label, to: 'open', by: ['owner'], do: [{ do: 'cases.draw', role: 'inspector', least: 3 }] },
    redraw: { label, from: ['open'], by: ['owner'], do: [{ do: 'cases.draw', role: 'inspector' }] },
    see: { label, from: ['open'], to: 'seen', by: ['inspector'], assigned: true },
  },
}
const inspectors = ['ann', 'ben', 'cyd', 'dan', 'eve']
const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const four = [1, 2, 3, 4].map(filled)
const honest: Turns['give'] = turn => turn.honest
/** Enough blocks that each of four validators has committed. */
const warmUp = 5

function ledgerOf(turns?: Turns): CaseLedger {
  const state = caseCountry(crypto, [['inspectorate', 'inspector', inspectors]], [service])
  const ledger = createCaseLedger(crypto, state, turns)
  for (let blocks = 0; blocks < warmUp; blocks++) ledger.advance(5)
  return ledger
}

function opened(ledger: CaseLedger, owner = 'owner'): Uint8Array {
  const { code, log, data } = ledger.act('x.site@1', 'open', { args: {}, by: [{ name: owner, role: 'owner' }] })
  assert.equal(code, ResultCode.ok, log)
  return data
}

function assignment(ledger: CaseLedger, id: Uint8Array): Assignment {
  return ledger.caseOf(id).assignments.find(({ role }) => role === 'inspector')!
}

function holderOf(ledger: CaseLedger, { mandate }: Assignment): string | undefined {
  return inspectors.find(name => equals(ledger.mandate('inspectorate', name), mandate))
}

function inspect(ledger: CaseLedger, id: Uint8Array, name: string): ReturnType<CaseLedger['act']> {
  const by = [{ name, role: 'inspector', office: 'inspectorate' }]
  return ledger.act('x.site@1', 'see', { args: { case: formatBase64Url(id) }, by })
}

function proven(ledger: CaseLedger, id: Uint8Array): Parameters<typeof checkDraw>[2] {
  const read = (key: Uint8Array): Uint8Array => ledger.values.get(formatHex(key))!
  return {
    draw: drawEntry.decode(read(drawKey(crypto, id, 'inspector'))),
    mix: beaconMixEntry.decode(read(beaconMixKey(crypto, assignment(ledger, id).draw!.mixHeight))),
  }
}

const missedOf = (ledger: CaseLedger, place: number): bigint =>
  beaconMemberEntry.decode(ledger.values.get(formatHex(beaconMemberKey(crypto, new Uint8Array(20).fill(1 + place))))!)
    .missed

test('an official is drawn in the block after the one that fixed who can be, and only he can then take the step', () => {
  const ledger = ledgerOf({ validators: four, give: honest })
  const id = opened(ledger)
  const drawn = assignment(ledger, id)
  const name = holderOf(ledger, drawn)!
  assert.equal(drawn.how, 'draw/validators')
  assert.equal(drawn.pool, inspectors.length)
  assert.equal(drawn.draw!.mixHeight, drawn.draw!.height + 1n)
  const other = inspectors.find(each => each !== name)!
  assert.match(inspect(ledger, id, other).log, /see\/assigned: the case is assigned to another official/)
  assert.equal(inspect(ledger, id, name).code, ResultCode.ok)
})

test('while nobody is drawn yet, the step says so to whoever tries it', () => {
  let isSilent = false
  const ledger = ledgerOf({ validators: four, give: turn => (isSilent ? undefined : turn.honest) })
  isSilent = true
  const id = opened(ledger)
  assert.equal(assignment(ledger, id).how, 'draw')
  assert.match(inspect(ledger, id, 'ann').log, /see\/assigned: the official for the case is being drawn/)
  isSilent = false
  ledger.advance(5)
  assert.equal(assignment(ledger, id).how, 'draw/validators')
})

test('among fewer than four validators one may know every value, and the draw says that the operator drew', () => {
  const ledger = ledgerOf()
  const id = opened(ledger)
  assert.equal(assignment(ledger, id).how, 'draw/operator')
  assert.equal(checkDraw(crypto, { id, assignment: assignment(ledger, id) }, proven(ledger, id)), 'operator')
  const three = ledgerOf({ validators: four.slice(1), give: honest })
  assert.equal(assignment(three, opened(three)).how, 'draw/operator')
})

test('attack: a validator that does not like the value leaves its turn out: the next one decides, and the turn is counted', () => {
  let withholds = -1
  const ledger = ledgerOf({ validators: four, give: turn => (turn.place === withholds ? undefined : turn.honest) })
  withholds = Number(ledger.block().height + 1n) % 4
  const id = opened(ledger)
  assert.equal(assignment(ledger, id).how, 'draw')
  assert.equal(missedOf(ledger, withholds), 1n)
  ledger.advance(5)
  const { draw } = assignment(ledger, id)
  assert.equal(draw!.mixHeight, draw!.height + 2n)
  for (const place of [0, 1, 2, 3]) assert.equal(missedOf(ledger, place), place === withholds ? 1n : 0n)
})

test('attack: a secret that was bound when the pool was known already decides nothing', () => {
  // All but the one that proposes the pool's block stay silent until its own turn comes again.
  let only = -1
  const ledger = ledgerOf({
    validators: four,
    give: turn => (only < 0 || turn.place === only ? turn.honest : undefined),
  })
  opened(ledger)
  // Its reveal of this block binds it to the next secret, in the very block that fixes the second pool.
  only = Number(ledger.block().height) % 4
  const id = opened(ledger, 'second owner')
  const { height } = assignment(ledger, id).draw!
  for (let blocks = 0; blocks < 4; blocks++) ledger.advance(5)
  const member = beaconMemberEntry.decode(
    ledger.values.get(formatHex(beaconMemberKey(crypto, new Uint8Array(20).fill(1 + only))))!,
  )
  assert.ok(member.height > height, 'it revealed behind the pool')
  assert.equal(assignment(ledger, id).how, 'draw')
  only = -1
  ledger.advance(5)
  assert.equal(assignment(ledger, id).how, 'draw/validators')
  assert.equal(checkDraw(crypto, { id, assignment: assignment(ledger, id) }, proven(ledger, id)), 'validators')
})

test('where nobody reveals but whoever chose his secret behind the pool, the draw is made after a time, and says that one alone could choose', () => {
  let only = -1
  const ledger = ledgerOf({
    validators: four,
    give: turn => (only < 0 || turn.place === only ? turn.honest : undefined),
  })
  opened(ledger)
  only = Number(ledger.block().height) % 4
  const id = opened(ledger, 'second owner')
  for (let blocks = 0; blocks < limits.drawPatienceBlocks - 4; blocks++) ledger.advance(5)
  assert.equal(assignment(ledger, id).how, 'draw')
  for (let blocks = 0; blocks < 8; blocks++) ledger.advance(5)
  assert.equal(assignment(ledger, id).how, 'draw/operator')
  assert.equal(checkDraw(crypto, { id, assignment: assignment(ledger, id) }, proven(ledger, id)), 'operator')
})

const wrong: readonly (readonly [string, (honest: Uint8Array) => Uint8Array, number])[] = [
  ['a secret that it was not bound to', () => encodeBeaconTransaction(filled(9), filled(8)), ResultCode.notAllowed],
  [
    'no secret, as if it were its first turn',
    () => encodeBeaconTransaction(new Uint8Array(0), filled(8)),
    ResultCode.notAllowed,
  ],
  ['a byte changed', bytes => bytes.map((byte, i) => (i === 30 ? byte ^ 1 : byte)), ResultCode.notAllowed],
  ['a byte more', bytes => Uint8Array.of(...bytes, 0), ResultCode.malformed],
  ['a byte less', bytes => bytes.slice(0, -1), ResultCode.malformed],
]
for (const [what, made, code] of wrong)
  test(`attack: a proposer that gives ${what} is refused, and has missed its turn`, () => {
    let isWrong = false
    const give: Turns['give'] = turn => (isWrong && turn.honest ? made(turn.honest) : turn.honest)
    const ledger = ledgerOf({ validators: four, give })
    isWrong = true
    const place = Number(ledger.block().height + 1n) % 4
    const id = opened(ledger)
    assert.equal(ledger.begun()?.code, code)
    assert.equal(assignment(ledger, id).how, 'draw')
    assert.equal(missedOf(ledger, place), 1n)
  })

test('attack: nobody reveals where nothing waits, so no value is known before its draw', () => {
  let secret: Uint8Array | undefined
  const ledger = ledgerOf({ validators: four, give: ({ honest: due }) => due ?? secret })
  const member = Number(ledger.block().height + 1n) % 4
  // The right secret of whoever proposes next, out of turn.
  secret = encodeBeaconTransaction(crypto.sha256(encodeUtf8(`secret 0 of ${member}`)), filled(8))
  ledger.advance(5)
  assert.equal(ledger.begun()?.code, ResultCode.wrongState)
  assert.equal(ledger.values.has(formatHex(beaconKey(crypto))), false)
})

test('attack: a commitment copied from another validator binds the copier to nothing that he could reveal', () => {
  const secret = filled(7)
  const own = beaconCommitment(crypto, { genesisHash: filled(1), address: new Uint8Array(20).fill(1), secret })
  const other = beaconCommitment(crypto, { genesisHash: filled(1), address: new Uint8Array(20).fill(2), secret })
  const elsewhere = beaconCommitment(crypto, { genesisHash: filled(2), address: new Uint8Array(20).fill(1), secret })
  assert.ok(!equals(own, other) && !equals(own, elsewhere))
})

test('attack: an opener who tries out case ids until the known value would draw his friend gets whom the next value draws', () => {
  const ledger = ledgerOf({ validators: four, give: honest })
  opened(ledger)
  const counts = new Map<string, number>(inspectors.map(name => [name, 0]))
  for (let round = 0; round < 100; round++) {
    const { mix } = beaconEntry.decode(ledger.values.get(formatHex(beaconKey(crypto)))!)
    // What he sees when he signs: under this value each of these cases would draw the first of the pool.
    let owner = 0
    const wished = (name: string): boolean => {
      const transaction = ledger.transaction('x.site@1', 'open', { args: {}, by: [{ name, role: 'owner' }] })
      const id = crypto.sha256(transaction)
      return drawPlace(crypto, { mix, id, role: 'inspector', count: inspectors.length }) === 0
    }
    while (!wished(`owner ${round} ${owner}`)) owner += 1
    const name = holderOf(ledger, assignment(ledger, opened(ledger, `owner ${round} ${owner}`)))!
    counts.set(name, counts.get(name)! + 1)
  }
  // Of four degrees of freedom, 1 in 10,000 fair series are above 23.5; all for one friend would be 400.
  assert.ok(drawUnevenness([...counts.values()]) < 23_500, JSON.stringify([...counts]))
})

test('attack: neither time nor other transactions in the block that draws change who is drawn', () => {
  const play = (seconds: number, isBusy: boolean): string => {
    let isSilent = false
    const ledger = ledgerOf({ validators: four, give: turn => (isSilent ? undefined : turn.honest) })
    isSilent = true
    const id = opened(ledger)
    if (isBusy) opened(ledger, 'somebody else')
    else ledger.advance(5)
    isSilent = false
    ledger.advance(seconds)
    return formatHex(assignment(ledger, id).mandate)
  }
  assert.equal(new Set([play(1, false), play(9_999, false), play(1, true), play(77, true)]).size, 1)
})

test('who has the case is not drawn again while there are others, so a case that is passed on goes to somebody else', () => {
  const ledger = ledgerOf()
  const id = opened(ledger)
  for (let round = 0; round < 12; round++) {
    const before = assignment(ledger, id).mandate
    ledger.act('x.site@1', 'redraw', { args: { case: formatBase64Url(id) }, by: [{ name: 'owner', role: 'owner' }] })
    const after = assignment(ledger, id)
    assert.ok(after.mandate.length === 32 && !equals(after.mandate, before))
    assert.equal(after.pool, inspectors.length - 1)
  }
})

test('anybody works a draw out again from proven entries, and sees where one of them was changed', () => {
  const ledger = ledgerOf({ validators: four, give: honest })
  const id = opened(ledger)
  const drawn = assignment(ledger, id)
  const entries = proven(ledger, id)
  const refused = (change: Partial<Assignment>, other: Partial<typeof entries> = {}): boolean => {
    try {
      checkDraw(crypto, { id, assignment: { ...drawn, ...change } }, { ...entries, ...other })
      return false
    } catch (error) {
      return error instanceof VerifyError && error.code === 'refused'
    }
  }
  assert.equal(refused({}), false)
  const another = entries.draw.pool.find(mandate => !equals(mandate, drawn.mandate))!
  assert.ok(refused({ mandate: another }))
  assert.ok(refused({ how: 'draw/operator' }))
  assert.ok(refused({ draw: undefined }))
  assert.ok(refused({ draw: { ...drawn.draw!, mixHeight: drawn.draw!.height } }))
  assert.ok(refused({}, { draw: { ...entries.draw, pool: entries.draw.pool.slice(1) } }))
  assert.ok(refused({}, { draw: { ...entries.draw, pool: [...entries.draw.pool].reverse() } }))
  assert.ok(refused({}, { mix: { ...entries.mix, committedHeight: drawn.draw!.height } }))
  assert.ok(refused({}, { mix: { ...entries.mix, validators: 1 } }))
})

test('many draws at once: a block decides so many, the rest waits in order, keeps its value, and leaves nothing behind', () => {
  const values = new Map<string, Uint8Array>()
  const view = { get: (key: Uint8Array) => values.get(formatHex(key)) }
  const block = (height: bigint, place: number) => ({
    ...{ chainId: 'test-draws', genesisHash: filled(1), height, time: { seconds: height, nanos: 0 } },
    proposer: new Uint8Array(20).fill(place),
  })
  const write = (writes: ReturnType<typeof beginBlock>['writes']): void => {
    for (const { key, value } of writes)
      if (value) values.set(formatHex(key), value)
      else values.delete(formatHex(key))
  }
  const secret = filled(5)
  const genesisHash = filled(1)
  const address = new Uint8Array(20).fill(1)
  const bind = (of: Uint8Array): Uint8Array => beaconCommitment(crypto, { genesisHash, address, secret: of })
  const begin = (height: bigint, transaction?: Uint8Array): void =>
    write(beginBlock(view, transaction, { hasher: crypto, block: block(height, 1) }).writes)
  begin(1n, encodeBeaconTransaction(new Uint8Array(0), bind(secret)))
  const state = createState(view, crypto)
  const many = limits.drawsPerBlockMax * 2 + 1
  const ledger = ledgerOf()
  const entry = ledger.caseOf(opened(ledger))
  for (let number = 0; number < many; number++)
    awaitDraw(state, block(1n, 1), {
      id: crypto.sha256(encodeUtf8(`case ${number}`)),
      entry,
      role: 'inspector',
      pool: [filled(1)],
    })
  write(state.writes())
  const waiting = (): number =>
    Array.from({ length: many }, (_, number) => values.has(formatHex(waitingDrawKey(crypto, BigInt(number))))).filter(
      Boolean,
    ).length
  begin(2n, encodeBeaconTransaction(secret, bind(filled(6))))
  assert.equal(waiting(), limits.drawsPerBlockMax + 1)
  // Nothing is revealed any more: what waits has its value.
  begin(3n)
  begin(4n)
  assert.equal(waiting(), 0)
  const { first, next, untilHeight } = beaconEntry.decode(values.get(formatHex(beaconKey(crypto)))!)
  assert.deepEqual([first, next, untilHeight], [BigInt(many), BigInt(many), 2n])
  assert.equal(values.has(formatHex(caseKey(crypto, filled(1)))), false)
})

test('a pool that could not be read back is refused when it is fixed, so no later block stumbles over it', () => {
  const ledger = ledgerOf()
  const entry = ledger.caseOf(opened(ledger))
  const state = createState(ledger.view, crypto)
  const pool = Array.from({ length: limits.drawPoolMax + 1 }, (_, place) =>
    crypto.sha256(encodeUtf8(`mandate ${place}`)),
  )
  const fix = (of: readonly Uint8Array[]): unknown =>
    awaitDraw(state, ledger.block(), { id: filled(3), entry, role: 'inspector', pool: of })
  assert.throws(() => fix(pool), Refusal)
  assert.ok(fix(pool.slice(1)))
})

test('attack: a finding that there is no tie, made before anybody is drawn, opens nothing for who is drawn later', () => {
  const checked: JsonObject = {
    ...service,
    service: 'x.checked@1',
    roles: { ...(service.roles as JsonObject), integrity: { offices: ['integrity'], post: 'clerk' } },
    transitions: {
      ...(service.transitions as JsonObject),
      clear: { label, from: ['open'], by: ['integrity'], attests: 'no-tie' },
      see: {
        ...{ label, from: ['open'], to: 'seen', by: ['inspector'], assigned: true },
        guards: { noTie: { if: "attested('no-tie') && after('clear', 'open')", say: label } },
      },
    },
  }
  let isSilent = false
  const posts = [['inspectorate', 'inspector', inspectors] as const, ['integrity', 'clerk', ['ida']] as const]
  const give: Turns['give'] = turn => (isSilent ? undefined : turn.honest)
  const ledger = createCaseLedger(crypto, caseCountry(crypto, posts, [checked]), { validators: four, give })
  for (let blocks = 0; blocks < warmUp; blocks++) ledger.advance(5)
  isSilent = true
  const by = [{ name: 'owner', role: 'owner' }]
  const id = ledger.act('x.checked@1', 'open', { args: {}, by }).data
  const args = { case: formatBase64Url(id) }
  const clear = (): number =>
    ledger.act('x.checked@1', 'clear', { args, by: [{ name: 'ida', role: 'integrity', office: 'integrity' }] }).code
  assert.equal(clear(), ResultCode.ok)
  isSilent = false
  ledger.advance(5)
  const name = holderOf(ledger, assignment(ledger, id))!
  const see = () =>
    ledger.act('x.checked@1', 'see', { args, by: [{ name, role: 'inspector', office: 'inspectorate' }] })
  assert.match(see().log, /see\/noTie/)
  assert.equal(clear(), ResultCode.ok)
  assert.equal(see().code, ResultCode.ok)
})
