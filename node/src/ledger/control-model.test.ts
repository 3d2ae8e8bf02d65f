// Thousands of random acts about accounts' keys, guardians and recoveries, by holders, thieves, guardians and officials. After each
// one it is judged, from a log of its own and not by the kernel's rules, whether whoever controls an account now may:
// nobody gains control without the account's key, its guardians' quorum after the delay, or two officials after the delay.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AccountEntry,
  accountEntry,
  accountKey,
  formatBase64Url,
  formatHex,
  type JsonObject,
  limits,
  loadCrypto,
  parseBase64Url,
  ResultCode,
} from '@muniment/sdk'
import { randomOf } from '../../../test/mutation/mutate.ts'
import { createKernel } from './apply.ts'
import type { BlockContext } from './kernel.ts'
import { type Act, createTestLedger, mandateJson, type Person, passkeyHolder, person } from './test-ledger.ts'

const crypto = await loadCrypto()
const steps = Number(process.env.MODEL_STEPS ?? 6_000)
const seed = Number(process.env.MODEL_SEED ?? 20_261_123)
const delay = limits.recoveryDelaySecondsMin

/** The first four are account holders; every key may be brought into any account, and stolen. */
const keys = Array.from({ length: 12 }, (_, i) => passkeyHolder(`key ${i}`, {}, 1))
const holders = keys.slice(0, 4)
const officials = [person('official 0'), person('official 1'), person('of another office')]
const label = { en: 'Step' }
const step = (operation: string, rest: JsonObject = {}): [string, JsonObject] => [
  operation,
  { label, by: ['holder', 'official'], do: `parties.${operation}`, ...rest },
]
const operations = [
  'addKey',
  'endKey',
  'setGuardians',
  'recover',
  'recoverInPerson',
  'finishRecovery',
  'cancelRecovery',
]
const weighty: readonly string[] = ['endKey', 'setGuardians', 'recover', 'recoverInPerson']
const appState: JsonObject = {
  identityOrigins: ['https://id.example'],
  offices: [
    { office: 'registry', names: { en: 'Registry' } },
    { office: 'elsewhere', names: { en: 'Elsewhere' } },
  ],
  mandates: officials.map((official, index) => mandateJson(index < 2 ? 'registry' : 'elsewhere', 'official', official)),
  services: [
    {
      service: 'parties@1',
      title: { en: 'Parties' },
      roles: { holder: { anyone: true }, official: { offices: ['registry'], post: 'official' } },
      transitions: Object.fromEntries(
        operations.map(operation =>
          step(operation, {
            ...(operation.startsWith('recover') && { delay }),
            ...(weighty.includes(operation) && { sign: 'identity' }),
          }),
        ),
      ),
    },
  ],
}

type Signer = Act['signers'][0]
type Move = { readonly operation: string; readonly args: JsonObject; readonly signers: readonly Signer[] }

/** What the log knows of an account, by nothing but the acts that were taken. */
type Known = {
  live: ReadonlySet<string>
  guardians: { readonly accounts: ReadonlySet<string>; readonly threshold: number } | undefined
  pending: { readonly key: string; readonly time: bigint; readonly inPerson: boolean } | undefined
}

const idOf = ({ account }: Person): string => formatBase64Url(account)
const hexOf = (text: unknown): string => formatHex(parseBase64Url(String(text)))
const keyName = ({ key }: Pick<Person, 'key'>): string => formatHex(key.bytes)
const liveKeys = (entry: AccountEntry | undefined, who: Person): ReadonlySet<string> =>
  new Set(entry ? entry.keys.filter(held => held.endedHeight === 0n).map(keyName) : [keyName(who)])

function randomMove(
  random: (bound: number) => number,
  ledger: ReturnType<typeof createTestLedger>,
  known: Known[],
): Move {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!
  const target = random(holders.length)
  const owner = holders[target]!
  const operation = pick([...operations, 'recover', 'finishRecovery', 'recoverInPerson'])
  const anyKey = pick(keys)
  const page = { rpId: 'id.example', origins: ['https://id.example'] }
  const named = { algorithm: 1, key: formatBase64Url(anyKey.key.bytes), ...page }
  const own = keys.filter(key => known[target]!.live.has(keyName(key)))
  // Mostly a key that the account holds, sometimes any.
  const asOwner: Signer = { person: { ...pick(random(4) > 0 ? own : keys), account: owner.account }, role: 'holder' }
  const others = holders.filter(holder => holder !== owner)
  const inRole = (who: Person): Signer =>
    random(12) === 0
      ? { person: who, role: 'holder' }
      : {
          person: who,
          role: 'official',
          mandate: ledger.mandateOf(who === officials[2] ? 'elsewhere' : 'registry', who),
        }
  const some = <T>(list: readonly T[]): readonly T[] => {
    const taken = list.filter(() => random(3) > 0)
    return taken.length > 0 ? taken : [list[0]!]
  }
  switch (operation) {
    case 'setGuardians': {
      const accounts = random(4) === 0 ? [] : some(others).map(idOf)
      const threshold = accounts.length === 0 ? 0 : 1 + random(accounts.length)
      return { operation, args: { guardians: accounts, threshold }, signers: [asOwner] }
    }
    case 'recover': {
      const signers = some(random(6) === 0 ? holders : others).map((who): Signer => {
        const live = keys.filter(key => known[holders.indexOf(who)]!.live.has(keyName(key)))
        return { person: { ...pick(random(8) > 0 ? live : keys), account: who.account }, role: 'holder' }
      })
      return { operation, args: { account: idOf(owner), ...named }, signers }
    }
    case 'recoverInPerson': {
      const who = random(3) === 0 ? some(officials) : officials.slice(0, 2)
      return { operation, args: { account: idOf(owner), ...named }, signers: who.map(inRole) }
    }
    case 'finishRecovery': {
      const pending = keys.find(key => keyName(key) === known[target]!.pending?.key)
      const signer = pending && random(4) > 0 ? pending : anyKey
      return { operation, args: { account: idOf(owner) }, signers: [{ person: signer, role: 'holder' }] }
    }
    case 'cancelRecovery':
      return { operation, args: {}, signers: [random(3) > 0 ? asOwner : { person: anyKey, role: 'holder' }] }
    case 'endKey': {
      const { algorithm, key } = named
      return { operation, args: { algorithm, key }, signers: [asOwner] }
    }
    default:
      return { operation, args: named, signers: [asOwner] }
  }
}

/** Judges what became of one account by an act that was taken, and returns what is known of it then. */
function judge(
  before: Known,
  move: Move,
  given: {
    readonly who: Person
    readonly entry: AccountEntry
    readonly time: bigint
    readonly known: readonly Known[]
    readonly told: string
  },
): Known {
  const { who, entry, time, known, told } = given
  const { operation, args, signers } = move
  const sender = signers[0]!.person
  const bySelf = formatHex(sender.account) === formatHex(who.account) && before.live.has(keyName(sender))
  const isTarget = args.account !== undefined && hexOf(args.account) === formatHex(who.account)
  const live = liveKeys(entry, who)
  const after: Known = { live, guardians: before.guardians, pending: before.pending }
  const finished = operation === 'finishRecovery' && isTarget
  if ([...live].join() !== [...before.live].join()) {
    if (finished) {
      assert.ok(before.pending && time - before.pending.time >= BigInt(delay), told)
      assert.deepEqual([...live], [before.pending.key], told)
      assert.equal(keyName(sender), before.pending.key, told)
    } else assert.ok(bySelf && (operation === 'addKey' || operation === 'endKey'), told)
  }
  assert.ok(live.size > 0, told)
  if (finished) {
    if (before.pending?.inPerson) after.guardians = undefined
    after.pending = undefined
  }
  if (operation === 'setGuardians' && bySelf) {
    const accounts = (args.guardians as string[]).map(hexOf)
    after.guardians =
      accounts.length > 0 ? { accounts: new Set(accounts), threshold: Number(args.threshold) } : undefined
  }
  if (operation === 'cancelRecovery' && bySelf) after.pending = undefined
  if ((operation === 'recover' || operation === 'recoverInPerson') && isTarget) {
    const inPerson = operation === 'recoverInPerson'
    const count = new Set(signers.map(signer => formatHex(signer.person.account))).size
    assert.equal(count, signers.length, told)
    if (inPerson) {
      assert.ok(count >= 2 && signers.every(signer => officials.slice(0, 2).includes(signer.person)), told)
    } else {
      const allowed = (signer: Signer): boolean => {
        const index = holders.findIndex(holder => formatHex(holder.account) === formatHex(signer.person.account))
        const isGuardian = before.guardians?.accounts.has(formatHex(signer.person.account)) === true
        return isGuardian && known[index]!.live.has(keyName(signer.person))
      }
      assert.ok(signers.every(allowed) && count >= before.guardians!.threshold, told)
    }
    assert.equal(before.pending, undefined, told)
    after.pending = { key: hexOf(args.key), time, inPerson }
  }
  // The state says no more and no less than the log.
  assert.equal(entry.recovery && keyName(entry.recovery), after.pending?.key, told)
  assert.deepEqual(
    entry.guardians && [entry.guardians.threshold, ...entry.guardians.accounts.map(formatHex)],
    after.guardians && [after.guardians.threshold, ...after.guardians.accounts],
    told,
  )
  return after
}

test(`${steps} random acts: nobody gains control of an account who may not (seed ${seed})`, () => {
  const random = randomOf(seed)
  const ledger = createTestLedger(appState)
  const kernel = createKernel(crypto)
  const values = new Map<string, Uint8Array>()
  const view = { get: (key: Uint8Array) => values.get(formatHex(key)) ?? ledger.view.get(key) }
  const entryOf = (who: Person): AccountEntry | undefined => {
    const value = view.get(accountKey(crypto, who.account))
    return value && accountEntry.decode(value)
  }
  const nonceOf = (who: Person): number => Number(entryOf(who)?.nonceFloor ?? 0n) + 1
  let known: Known[] = holders.map(who => ({
    live: liveKeys(undefined, who),
    guardians: undefined,
    pending: undefined,
  }))
  const outcomes = new Map<string, number>()
  let block: BlockContext = ledger.block()
  for (let count = 0; count < steps; count++) {
    const seconds = block.time.seconds + BigInt(random(delay / 3))
    block = { ...block, height: block.height + 1n, time: { seconds, nanos: 0 } }
    const move = randomMove(random, ledger, known)
    const encoded = ledger.transaction({
      service: 'parties@1',
      transition: move.operation,
      args: move.args,
      signers: move.signers,
      nonce: nonceOf(move.signers[0]!.person),
      body: { validUntil: block.height + 10n },
    })
    const { result, writes } = kernel.apply(view, encoded, block)
    for (const { key, value } of writes) values.set(formatHex(key), value!)
    const isDone = result.code === ResultCode.ok
    const told = `act ${count}: ${move.operation} ${JSON.stringify(move.args)}: ${result.log}`
    // A refused act changes nobody's keys, guardians or recovery.
    const judged = isDone ? move : { ...move, operation: 'refused' }
    known = holders.map((who, index) => {
      const entry = entryOf(who)
      if (!entry) return known[index]!
      return judge(known[index]!, judged, { who, entry, time: seconds, known, told })
    })
    const outcome = `${move.operation} ${isDone ? 'done' : 'refused'}`
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  for (const operation of operations)
    for (const outcome of ['done', 'refused'])
      assert.ok((outcomes.get(`${operation} ${outcome}`) ?? 0) > 10, JSON.stringify([...outcomes]))
})
