import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  assertCanonical,
  bytesOf,
  bytesUpTo,
  changes,
  changeText,
  readOrRefused,
  textUpTo,
  uint64s,
} from '../../../test/hostile.ts'
import { loadCrypto } from '../crypto/load.ts'
import { formatJson, type JsonObject, parseJson } from '../json.ts'
import { languagesMax, misbehaviorsMax } from '../limits.ts'
import {
  accountEntry,
  accountKeyMessage,
  chainEntry,
  delegationEntry,
  identityEntry,
  mandateEntry,
  misbehaviorEntry,
  officeEntry,
  recordEntry,
  requestEntry,
} from './entries.ts'
import { genesisFileHash } from './genesis.ts'
import { formatIssuer, parseIssuer } from './keys.ts'

const hasher = await loadCrypto()
const times = fc.record({
  seconds: fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n }),
  nanos: fc.nat(999_999_999),
})
const keys = fc.record({ algorithm: fc.nat(3), bytes: bytesUpTo(33) })
const heights = uint64s

test('entries: values survive, changed bytes and noise are refused or are the one spelling', () => {
  assertCanonical(accountKeyMessage, keys)
  assertCanonical(chainEntry, fc.record({ chainId: textUpTo(50), genesisHash: bytesOf(32), initialHeight: heights }))
  const misbehavior = fc.record({
    type: fc.nat(2),
    address: bytesOf(20),
    power: heights,
    totalVotingPower: heights,
    height: heights,
    time: times,
    recordedHeight: heights,
  })
  assertCanonical(
    misbehaviorEntry,
    fc.record({ count: heights, newest: fc.array(misbehavior, { maxLength: misbehaviorsMax }) }),
  )
  const passkeys = fc.record({ rpIdHash: bytesOf(32), origins: fc.array(textUpTo(267), { maxLength: 8 }) })
  const held = fc.record({
    key: keys,
    fromHeight: heights,
    endedHeight: heights,
    passkey: fc.option(passkeys, { nil: undefined }),
    isIdentity: fc.boolean(),
  })
  assertCanonical(
    accountEntry,
    fc.record({
      keys: fc.array(held, { maxLength: 32 }),
      nonceFloor: heights,
      nonceBits: heights,
      createdHeight: heights,
      guardians: fc.option(fc.record({ threshold: fc.nat(20), accounts: fc.array(bytesOf(32), { maxLength: 16 }) }), {
        nil: undefined,
      }),
      recovery: fc.option(
        fc.record({
          key: keys,
          passkey: fc.option(passkeys, { nil: undefined }),
          startedHeight: heights,
          readyTime: times,
          office: textUpTo(64),
          isIdentity: fc.boolean(),
        }),
        { nil: undefined },
      ),
      delegationsEndedHeight: heights,
      actsDay: heights,
      actsCount: heights,
    }),
  )
  assertCanonical(
    delegationEntry,
    fc.record({
      from: bytesOf(32),
      to: bytesOf(32),
      scope: fc.array(textUpTo(40), { maxLength: 16 }),
      fromHeight: heights,
      untilTime: times,
      endedHeight: heights,
    }),
  )
  assertCanonical(identityEntry, fc.record({ origins: fc.array(textUpTo(267), { maxLength: 8 }) }))
  assertCanonical(
    requestEntry,
    fc.record({
      record: bytesOf(32),
      transition: textUpTo(40),
      signers: fc.array(bytesOf(32), { maxLength: 16 }),
      height: heights,
    }),
  )
  const types = fc.record({ type: bytesOf(32), fromHeight: heights, endedHeight: heights })
  const names = fc.record({ language: textUpTo(35), text: textUpTo(600) })
  assertCanonical(
    officeEntry,
    fc.record({
      names: fc.array(names, { maxLength: 16 }),
      parent: textUpTo(64),
      types: fc.array(types, { maxLength: 20 }),
      createdHeight: heights,
      endedHeight: heights,
    }),
  )
  assertCanonical(
    mandateEntry,
    fc.record({
      office: textUpTo(64),
      account: bytesOf(32),
      role: textUpTo(40),
      fromHeight: heights,
      untilHeight: heights,
    }),
  )
  const changed = fc.record({
    status: fc.nat(9),
    height: heights,
    time: times,
    mandate: bytesUpTo(32),
    reason: textUpTo(64),
    appealUntil: fc.option(times, { nil: undefined }),
  })
  assertCanonical(
    recordEntry,
    fc.record({
      issuer: textUpTo(160),
      type: bytesUpTo(32),
      service: textUpTo(80),
      mandate: bytesUpTo(32),
      account: bytesUpTo(32),
      key: keys,
      changes: fc.array(changed, { maxLength: 16 }),
      validFrom: fc.option(times, { nil: undefined }),
      validUntil: fc.option(times, { nil: undefined }),
      successor: bytesUpTo(32),
      predecessor: bytesUpTo(32),
      case: bytesUpTo(32),
      holder: bytesUpTo(32),
    }),
  )
})

test('an office’s name in any script fits its entry', () => {
  const names = Array.from({ length: languagesMax }, () => ({ language: 'ar', text: 'سجل'.repeat(66) }))
  const entry = { names, parent: '', types: [], createdHeight: 1n, endedHeight: 0n }
  assert.deepEqual(officeEntry.decode(officeEntry.encode(entry)), entry)
})

test('an issuer has one spelling, and everything else is refused', () => {
  const issuers = fc.oneof(
    fc.record({
      kind: fc.constant('office' as const),
      chainId: fc.constantFrom('a', 'A.b-c_9'),
      office: fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,63}$/),
    }),
    fc.record({ kind: fc.constant('account' as const), chainId: fc.constantFrom('test-1'), account: bytesOf(32) }),
  )
  fc.assert(
    fc.property(issuers, changes, (issuer, list) => {
      const text = formatIssuer(issuer)
      assert.deepEqual(parseIssuer(text), { ...issuer })
      const changed = changeText(text, list)
      const read = readOrRefused(() => parseIssuer(changed))
      if (read) assert.equal(formatIssuer(read), changed)
    }),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.string(), text =>
      assert.equal(
        readOrRefused(() => parseIssuer(text)),
        undefined,
      ),
    ),
  )
  for (const text of [
    `urn:muniment:a:account:${'AB'.repeat(32)}`,
    'urn:muniment:a:office:__proto__',
    'urn:muniment:a:office:Land',
    'urn:muniment:a:office:land\n',
    'urn:muniment::office:land',
    ' urn:muniment:a:office:land',
  ])
    assert.throws(() => parseIssuer(text), { code: 'malformed' }, text)
})

const genesis: JsonObject = {
  chain_id: 'test-1',
  genesis_time: '2027-01-01T00:00:00Z',
  initial_height: '1',
  consensus_params: { block: { max_bytes: '1048576', max_gas: '-1' } },
  validators: [
    { name: 'one', power: '10', pub_key: { type: 'tendermint/PubKeyEd25519', value: `${'A'.repeat(43)}=` } },
  ],
  app_state: { offices: [], services: [{ a: 1 }] },
}

test('every part of a genesis file that the ledger is given changes its hash; noise is refused', () => {
  const hash = (json: JsonObject): string => String(genesisFileHash(json, hasher))
  const before = hash(genesis)
  const validator = (genesis.validators as JsonObject[])[0]!
  const others: readonly JsonObject[] = [
    { ...genesis, chain_id: 'test-2' },
    { ...genesis, genesis_time: '2027-01-01T00:00:00.000000001Z' },
    { ...genesis, initial_height: '2' },
    { ...genesis, consensus_params: { block: { max_bytes: '1048577', max_gas: '-1' } } },
    { ...genesis, validators: [{ ...validator, power: '11' }] },
    {
      ...genesis,
      validators: [{ ...validator, pub_key: { type: 'tendermint/PubKeyEd25519', value: `${'B'.repeat(42)}A=` } }],
    },
    { ...genesis, app_state: { offices: [], services: [{ a: 2 }] } },
  ]
  assert.equal(new Set([before, ...others.map(hash)]).size, others.length + 1)
  const text = formatJson(genesis)
  const read = (given: string): void => void readOrRefused(() => genesisFileHash(parseJson(given), hasher))
  fc.assert(
    fc.property(changes, list => read(changeText(text, list))),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(genesis)), fc.jsonValue(), (name, value) =>
      read(JSON.stringify({ ...genesis, [name]: value })),
    ),
    { numRuns: 500 },
  )
  fc.assert(fc.property(fc.json(), read))
})
