// Draws over real blocks: four validators take their turns in the engine, one leaves its out, replicas and a replay come to the same state,
// and nothing waits for a heartbeat.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  beaconMemberEntry,
  beaconMemberKey,
  beaconMixEntry,
  beaconMixKey,
  type CaseEntry,
  checkDraw,
  decodeBeaconTransaction,
  drawEntry,
  drawKey,
  encodeBeaconTransaction,
  equals,
  formatBase64Url,
  type JsonObject,
  listValidatorStandings,
  loadCrypto,
  ResultCode,
} from '@muniment/sdk'
import { testKey } from '../../../test/test-chain.ts'
import type { Application } from '../ledger/application.ts'
import { createKernel } from '../ledger/apply.ts'
import { createLedgerApplication, type LedgerApplication } from '../ledger/ledger-application.ts'
import { personOf } from '../scenario/country.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { finalizeRequest, initChainRequest } from './requests.ts'
import {
  type LedgerChain,
  type LedgerChainPlan,
  readCase,
  readState,
  startLedgerChain,
  submitAct,
  until,
} from './test-ledger-chain.ts'

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
    see: { label, from: ['open'], to: 'seen', by: ['inspector'], assigned: true },
  },
}
const inspectors = ['ann', 'ben', 'cyd', 'dan']
const names = ['one', 'two', 'three', 'four']
const appState: JsonObject = {
  offices: [{ office: 'inspectorate', names: { en: 'Example inspectorate' } }],
  mandates: inspectors.map(name => ({
    ...{ office: 'inspectorate', post: 'inspector', algorithm: 1 },
    key: formatBase64Url(personOf(crypto, name).signer.key.bytes),
  })),
  services: [service],
}
const startChain = (plan: Partial<LedgerChainPlan> = {}): Promise<LedgerChain> =>
  startLedgerChain({ crypto, appState, members: names, ...plan })

async function open(chain: LedgerChain, name: string): Promise<Uint8Array> {
  const by = [{ name, role: 'owner' }]
  return (await submitAct(chain, { service: 'x.site@1', transition: 'open', args: {}, by })).case
}

async function drawn(chain: LedgerChain, id: Uint8Array): Promise<CaseEntry['assignments'][number]> {
  await until(() => readCase(chain, id)?.assignments[0]?.mandate.length === 32)
  return readCase(chain, id)!.assignments[0]!
}

const missedBy = (chain: LedgerChain, name: string): bigint => {
  const value = readState(chain, beaconMemberKey(crypto, testKey(name).address))
  return value ? beaconMemberEntry.decode(value).missed : 0n
}

test('one validator alone draws within a block, and every proof of it leads to that: the operator drew', async () => {
  const chain = await startChain({ members: ['one'] })
  const id = await open(chain, 'owner')
  const assignment = await drawn(chain, id)
  assert.equal(assignment.how, 'draw/operator')
  const { mixHeight, height } = assignment.draw!
  assert.equal(mixHeight, height + 1n)
  const mix = beaconMixEntry.decode(readState(chain, beaconMixKey(crypto, mixHeight))!)
  const draw = drawEntry.decode(readState(chain, drawKey(crypto, id, 'inspector'))!)
  assert.equal(checkDraw(crypto, { id, assignment }, { draw, mix }), 'operator')
  // The value is the proposer's: it is the first of its block, and it is in no pool.
  assert.ok(decodeBeaconTransaction(chain.engine.chain.block(mixHeight)!.block.txs[0]!))
  await chain.engine.stop()
})

test('a chain that nobody asks for chance makes no block for it beyond the first commitments', async () => {
  const chain = await startChain()
  const count = Number(chain.engine.newest().height)
  const blocks = Array.from({ length: count }, (_, i) => chain.engine.chain.block(BigInt(i + 1))!.block.txs.length)
  assert.deepEqual(blocks.slice(0, 4), [1, 1, 1, 1])
  assert.ok(blocks.slice(4).every(length => length === 0))
  await new Promise(resolve => setTimeout(resolve, 100))
  assert.ok(chain.engine.newest().height < 8n, `it rests at ${chain.engine.newest().height}`)
  await chain.engine.stop()
})

test('four validators draw together; one that leaves its turns out is counted, and delays by a block', async () => {
  const chain = await startChain({ silent: ['three'] })
  const assignments = []
  for (let round = 0; round < 6; round++) assignments.push(await drawn(chain, await open(chain, `owner ${round}`)))
  assert.ok(assignments.every(({ how }) => how === 'draw/validators'))
  // It never bound itself to anything, and that counts too.
  assert.ok(missedBy(chain, 'three') > 0n)
  for (const name of ['one', 'two', 'four']) assert.equal(missedBy(chain, name), 0n)
  await chain.engine.stop()
})

test('a validator that withholds what it is bound to is counted by every replica', async () => {
  let isWithholding = false
  const wrap = (application: LedgerApplication): Application => ({
    ...application,
    prepareProposal: async request => {
      const taken = await application.prepareProposal(request)
      const withholds = isWithholding && equals(request.proposerAddress, testKey('two').address)
      return withholds ? taken.filter(each => decodeBeaconTransaction(each) === undefined) : taken
    },
  })
  const chain = await startChain({ wrap })
  isWithholding = true
  let rounds = 0
  while (missedBy(chain, 'two') === 0n && rounds < 16) {
    const { how } = await drawn(chain, await open(chain, `owner ${rounds++}`))
    assert.equal(how, 'draw/validators')
  }
  assert.ok(missedBy(chain, 'two') > 0n)
  for (const name of ['one', 'three', 'four']) assert.equal(missedBy(chain, name), 0n)
  const standings = await listValidatorStandings(async keys => keys.map(key => readState(chain, key)), crypto)
  assert.equal(standings.length, 4)
  assert.deepEqual(
    standings.filter(each => each.missedTurns > 0n).map(({ publicKey }) => publicKey),
    [testKey('two').publicKey.bytes],
  )
  await chain.engine.stop()
  // Another machine, which has no secrets, is given the same blocks.
  const replica = await createLedgerApplication(memoryDatabase(newDisk()), createKernel(crypto), { crypto })
  await replay(chain, replica)
  assert.deepEqual(replica.info().appHash, chain.application.info().appHash)
})

test('attack: a proposal with a secret of the proposer’s choice, with one in another place, or with two, is refused by the others', async () => {
  const chain = await startChain()
  await open(chain, 'owner')
  await chain.engine.stop()
  const { application } = chain
  const { height, time } = chain.engine.newest()
  const proposerAddress = testKey('one').address
  const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
  const request = { height: height + 1n, time, proposerAddress, bytesMax: 100_000 }
  const chosen = encodeBeaconTransaction(filled(1), filled(2))
  for (const transactions of [[chosen], [chosen, chosen], [encodeBeaconTransaction(new Uint8Array(0), filled(2))]])
    assert.equal(await application.processProposal({ ...request, transactions }), false)
  assert.equal(await application.processProposal({ ...request, transactions: [] }), true)
  // From an account it comes to nothing either.
  assert.equal((await application.checkTx(chosen)).code, ResultCode.malformed)
})

/** All blocks once more, as a second node is given them. */
async function replay({ engine, genesis }: LedgerChain, application: LedgerApplication): Promise<void> {
  await application.initChain(initChainRequest(genesis))
  for (let height = 1n; height <= engine.newest().height; height++) {
    const { block, blockId } = engine.chain.block(height)!
    await application.finalizeBlock(finalizeRequest(block, blockId.hash))
    await application.commit([])
  }
}
