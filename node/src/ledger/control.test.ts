// Who controls an account: guardians, officials, delays and delegations, on the real kernel and the real catalogue.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type AccountEntry,
  accountEntry,
  accountKey,
  addSeconds,
  encodeUtf8,
  formatBase64Url,
  formatIssuer,
  formatTime,
  type JsonObject,
  loadCrypto,
  ResultCode,
  recordEntry,
} from '@muniment/sdk'
import { appState as country } from './test-country.ts'
import {
  type Act,
  createTestLedger,
  mandateJson,
  type Person,
  passkeyHolder,
  person,
  type TestLedger,
} from './test-ledger.ts'

const crypto = await loadCrypto()
/** Whoever signs weighty acts here does so with a passkey on the identity page. */
const citizen = (name: string): Person => passkeyHolder(name, {}, 1)
const [owner, thief, stranger] = [citizen('owner'), person('thief'), person('stranger')]
const outsider = citizen('outsider')
const guardians = [citizen('g1'), citizen('g2'), citizen('g3')] as const
const officers = [person('o1'), person('o2')] as const
const newKey = citizen('new phone')
const week = 604_800

const appState: JsonObject = {
  ...country,
  offices: [
    ...(country.offices as JsonObject[]),
    { office: 'civil-registry', names: { en: 'Civil Registry' } },
    { office: 'tax', names: { en: 'Tax Office' } },
  ],
  mandates: [
    ...(country.mandates as JsonObject[]),
    ...officers.map(officer => mandateJson('civil-registry', 'identity-officer', officer)),
    mandateJson('tax', 'identity-officer', thief),
  ],
}

const id = ({ account }: Person): string => formatBase64Url(account)
const plainKeyOf = ({ key }: Person): JsonObject => ({ algorithm: key.algorithm, key: formatBase64Url(key.bytes) })
const keyOf = (who: Person): JsonObject => ({ ...plainKeyOf(who), rpId: 'id.example', origins: ['https://id.example'] })
const holder = (who: Person): Act['signers'][0] => ({ person: who, role: 'holder' })

type Desk = {
  readonly ledger: TestLedger
  /** Each act with the sender's next nonce. */
  readonly act: (transition: string, args: JsonObject, signers: Act['signers']) => Promise<number>
  readonly by: (who: Person, transition: string, args: JsonObject) => Promise<number>
  readonly officers: (args: JsonObject, who?: readonly Person[]) => Promise<number>
  readonly entry: () => AccountEntry
  readonly later: (seconds: number) => void
}

/** An account of the owner's with two of three guardians. */
async function open(): Promise<Desk> {
  const ledger = createTestLedger(appState)
  const nonces = new Map<string, number>()
  const act: Desk['act'] = async (transition, args, signers) => {
    const sender = id(signers[0]!.person)
    const nonce = (nonces.get(sender) ?? 0) + 1
    nonces.set(sender, nonce)
    return (await ledger.act({ service: 'state.parties@1', transition, args, signers, nonce })).code
  }
  const by: Desk['by'] = (who, transition, args) => act(transition, args, [holder(who)])
  const desk: Desk = {
    ledger,
    act,
    by,
    officers: (args, who = officers) =>
      act(
        'recoverInPerson',
        args,
        who.map(officer => ({
          person: officer,
          role: 'identityOfficer',
          mandate: ledger.mandateOf(officer === thief ? 'tax' : 'civil-registry', officer),
        })),
      ),
    entry: () => accountEntry.decode(ledger.view.get(accountKey(crypto, owner.account))!),
    later: seconds => ledger.skip(seconds),
  }
  assert.equal(await by(owner, 'setGuardians', { guardians: guardians.map(id), threshold: 2 }), ResultCode.ok)
  return desk
}

const request = { account: id(owner), ...keyOf(newKey) }
const byGuardians = ({ act }: Desk, who: readonly Person[], args: JsonObject = request): Promise<number> =>
  act('recover', args, who.map(holder))
const finish = ({ by }: Desk, who: Person = newKey): Promise<number> =>
  by(who, 'finishRecovery', { account: id(owner) })
/** The owner's account, acted for with another key. */
const owning = (key: Person): Person => ({ ...key, account: owner.account })

describe('a lost key', () => {
  test('is replaced by two of three guardians, after a week; then only the new key signs', async () => {
    const desk = await open()
    assert.equal(await byGuardians(desk, [guardians[0], guardians[2]]), ResultCode.ok)
    assert.equal(await finish(desk), ResultCode.wrongState)
    desk.later(week)
    assert.equal(await finish(desk), ResultCode.ok)
    assert.deepEqual(
      desk.entry().keys.map(({ endedHeight }) => endedHeight > 0n),
      [true, false],
    )
    assert.equal(await desk.by(owner, 'cancel', {}), ResultCode.unknownKey)
    const { ledger } = desk
    const signers = [holder(owning(newKey))]
    const args = { guardians: [], threshold: 0 }
    const act = { service: 'state.parties@1', transition: 'setGuardians', args, signers, nonce: 2 }
    assert.equal((await ledger.act(act)).code, ResultCode.ok)
  })

  test('is not replaced by one guardian, by strangers, or by guardians whom a stranger joins', async () => {
    const desk = await open()
    for (const who of [
      [guardians[0]],
      [outsider, thief],
      [guardians[0], outsider],
      [guardians[0], guardians[1], thief],
    ])
      assert.equal(await byGuardians(desk, who), ResultCode.notAllowed)
    assert.equal(await byGuardians(desk, [outsider], { ...request, account: id(stranger) }), ResultCode.notFound)
    assert.equal(desk.entry().recovery, undefined)
  })

  test('is replaced by two officials of the entitled office, after a week; the guardians end with the keys', async () => {
    const desk = await open()
    assert.equal(await desk.officers(request), ResultCode.ok)
    assert.equal(desk.entry().recovery?.office, 'civil-registry')
    desk.later(week - 3)
    assert.equal(await finish(desk), ResultCode.wrongState)
    desk.later(2)
    assert.equal(await finish(desk), ResultCode.ok)
    assert.equal(desk.entry().guardians, undefined)
  })

  test('is not replaced by one official, by one of another office, nor by an official for himself', async () => {
    const desk = await open()
    assert.equal(await desk.officers(request, [officers[0]]), ResultCode.notAllowed)
    assert.equal(await desk.officers(request, [thief]), ResultCode.notAllowed)
    assert.equal(await desk.officers(request, [officers[0], thief]), ResultCode.notAllowed)
    assert.equal(await desk.officers({ ...request, account: id(officers[1]) }), ResultCode.notAllowed)
    assert.equal(await desk.act('recoverInPerson', request, guardians.map(holder)), ResultCode.notAllowed)
  })

  test('may give way to a registered key of a device that has no passkeys', async () => {
    const desk = await open()
    const key = person('new')
    const registered = { ...plainKeyOf(key), identity: true }
    assert.equal(
      await byGuardians(desk, [guardians[0], guardians[1]], { account: id(owner), ...registered }),
      ResultCode.ok,
    )
    desk.later(week)
    assert.equal(await finish(desk, key), ResultCode.ok)
    const { passkey, isIdentity } = desk.entry().keys.at(-1)!
    assert.deepEqual([passkey, isIdentity], [undefined, true])
  })
})

describe('a recovery that the owner did not want', () => {
  test('is cancelled by any key of the account, as long as it is not finished', async () => {
    const desk = await open()
    const second = citizen('second')
    assert.equal(await desk.by(owner, 'addKey', keyOf(second)), ResultCode.ok)
    assert.equal(await byGuardians(desk, [guardians[0], guardians[1]]), ResultCode.ok)
    desk.later(week + 1)
    const cancel = { service: 'state.parties@1', transition: 'cancelRecovery', args: {}, nonce: 3 }
    assert.equal((await desk.ledger.act({ ...cancel, signers: [holder(owning(second))] })).code, ResultCode.ok)
    assert.equal(await finish(desk), ResultCode.notFound)
    assert.equal(desk.entry().keys.length, 2)
  })

  test('is cancelled by nobody else, and not by a key that has ended', async () => {
    const desk = await open()
    await byGuardians(desk, [guardians[0], guardians[1]])
    for (const who of [stranger, guardians[0], newKey])
      assert.equal(await desk.by(who, 'cancelRecovery', {}), ResultCode.wrongState)
    assert.ok(desk.entry().recovery)
  })

  test('cannot be hidden behind another one: only one is under way', async () => {
    const desk = await open()
    await byGuardians(desk, [guardians[0], guardians[1]])
    assert.equal(
      await byGuardians(desk, [guardians[1], guardians[2]], { ...request, ...keyOf(thief) }),
      ResultCode.wrongState,
    )
    assert.equal(await desk.officers(request), ResultCode.wrongState)
  })

  test('is finished with the new key alone', async () => {
    const desk = await open()
    await byGuardians(desk, [guardians[0], guardians[1]])
    desk.later(week)
    for (const who of [guardians[0], thief, owner]) assert.equal(await finish(desk, who), ResultCode.notAllowed)
  })
})

test('whoever fills an account with keys does not keep its owner from a recovery', async () => {
  const desk = await open()
  for (let i = 0; i < 31; i++) assert.equal(await desk.by(owner, 'addKey', keyOf(citizen(`key ${i}`))), ResultCode.ok)
  assert.equal(await byGuardians(desk, [guardians[0], guardians[1]]), ResultCode.ok)
  desk.later(week)
  assert.equal(await finish(desk), ResultCode.ok)
  assert.equal(desk.entry().keys.filter(({ endedHeight }) => endedHeight === 0n).length, 1)
  assert.ok(desk.entry().keys.length < 16)
})

test('guardians that make no sense are not named', async () => {
  const desk = await open()
  const [one, two] = guardians.map(id)
  for (const args of [
    { guardians: [one, two], threshold: 0 },
    { guardians: [one, two], threshold: 3 },
    { guardians: [one, one], threshold: 1 },
    { guardians: [id(owner)], threshold: 1 },
    { guardians: ['AA'], threshold: 1 },
    { guardians: [5], threshold: 1 },
    { guardians: 'all', threshold: 1 },
    { guardians: [], threshold: 1 },
    { guardians: Array.from({ length: 17 }, (_, i) => id(person(`many ${i}`))), threshold: 1 },
    { threshold: 1 },
  ] as JsonObject[])
    assert.equal(await desk.by(owner, 'setGuardians', args), ResultCode.badArguments, JSON.stringify(args))
})

describe('a delegation', () => {
  const declaration = 'citizen.declaration@1'
  const commitment = (name: string): string => formatBase64Url(crypto.sha256(encodeUtf8(name)))

  async function delegated(scope: readonly string[], seconds = 1_000) {
    const desk = await open()
    const { ledger } = desk
    const args = { to: id(stranger), scope, until: formatTime(addSeconds(ledger.block().time, seconds)) }
    const given = await ledger.act({
      service: 'state.parties@1',
      transition: 'delegate',
      args,
      signers: [holder(owner)],
      nonce: 2,
    })
    assert.equal(given.code, ResultCode.ok, given.log)
    const delegation = given.data
    const declare = (name: string, nonce: number, rest: Partial<Act> = {}) =>
      ledger.act({
        service: declaration,
        transition: 'declare',
        args: { commitment: commitment(name) },
        signers: [{ person: stranger, role: 'citizen', mandate: delegation }],
        nonce,
        ...rest,
      })
    return { ...desk, delegation, declare }
  }

  test('lets one act in another’s name, which the record says', async () => {
    const { declare, delegation, ledger } = await delegated([declaration])
    const answer = await declare('one', 1)
    assert.equal(answer.code, ResultCode.ok, answer.log)
    const record = recordEntry.decode(ledger.view.get(answer.data)!)
    assert.equal(record.issuer, formatIssuer({ kind: 'account', chainId: 'test-ledger', account: owner.account }))
    assert.deepEqual([record.mandate, record.account], [delegation, stranger.account])
  })

  test('covers the named steps only, and never keys', async () => {
    const { declare, ledger, delegation } = await delegated([`${declaration}/declare`, 'state.parties@1'])
    assert.equal((await declare('one', 1)).code, ResultCode.ok)
    const args = { commitment: commitment('one'), reason: 'x' }
    assert.equal((await declare('', 2, { transition: 'withdraw', args })).code, ResultCode.notAllowed)
    for (const [index, [transition, rest]] of (
      [
        ['addKey', keyOf(thief)],
        ['setGuardians', { guardians: [id(stranger)], threshold: 1 }],
        ['delegate', { to: id(thief), scope: [declaration], until: '2100-01-01T00:00:00Z' }],
        ['cancelRecovery', {}],
      ] as const
    ).entries()) {
      const signers = [{ person: stranger, role: 'holder', mandate: delegation }]
      const act = { service: 'state.parties@1', transition, args: rest, signers, nonce: 3 + index }
      assert.equal((await ledger.act(act)).code, ResultCode.notAllowed, transition)
    }
  })

  test('ends at its time, by either of the two, and with a recovery', async () => {
    const timed = await delegated([declaration], 20)
    timed.later(20)
    assert.equal((await timed.declare('one', 1)).code, ResultCode.notAllowed)

    for (const who of [owner, stranger]) {
      const desk = await delegated([declaration])
      const args = { delegation: formatBase64Url(desk.delegation) }
      const act = { service: 'state.parties@1', transition: 'endDelegation', args, signers: [holder(who)] }
      assert.equal((await desk.ledger.act({ ...act, signers: [holder(thief)], nonce: 9 })).code, ResultCode.notFound)
      assert.equal((await desk.ledger.act({ ...act, nonce: 9 })).code, ResultCode.ok)
      assert.equal((await desk.declare('one', 1)).code, ResultCode.notAllowed)
    }

    const recovered = await delegated([declaration], 10 * week)
    await byGuardians(recovered, [guardians[0], guardians[1]])
    recovered.later(week)
    assert.equal((await recovered.declare('before', 1)).code, ResultCode.ok)
    assert.equal(await finish(recovered), ResultCode.ok)
    assert.equal((await recovered.declare('after', 2)).code, ResultCode.notAllowed)
  })

  test('makes no two persons of one: who acts for another counts as him', async () => {
    const { declare, delegation } = await delegated([declaration])
    const acting = { person: stranger, role: 'citizen', mandate: delegation }
    const self = { person: owner, role: 'citizen' }
    const together = { transition: 'declareTogether', signers: [acting, self] }
    assert.equal((await declare('one', 1, together)).code, ResultCode.notAllowed)
    const withThief = { ...together, signers: [acting, { person: thief, role: 'citizen' }] }
    assert.equal((await declare('one', 2, withThief)).code, ResultCode.ok)
  })

  test('is used by nobody else, and given only with a scope and an end', async () => {
    const { declare, delegation, ledger } = await delegated([declaration])
    const signers = [{ person: thief, role: 'citizen', mandate: delegation }]
    assert.equal((await declare('one', 1, { signers })).code, ResultCode.notAllowed)
    const until = formatTime(addSeconds(ledger.block().time, 100))
    const bad: readonly JsonObject[] = [
      { to: id(stranger), scope: [], until },
      { to: id(stranger), scope: ['everything'], until },
      { to: id(stranger), scope: [declaration, declaration], until },
      { to: id(stranger), scope: [declaration] },
      { to: id(stranger), scope: [declaration], until: '2000-01-01T00:00:00Z' },
      { to: id(owner), scope: [declaration], until },
    ]
    for (const [index, args] of bad.entries()) {
      const act = {
        service: 'state.parties@1',
        transition: 'delegate',
        args,
        signers: [holder(owner)],
        nonce: 10 + index,
      }
      assert.equal((await ledger.act(act)).code, ResultCode.badArguments, JSON.stringify(args))
    }
  })
})
