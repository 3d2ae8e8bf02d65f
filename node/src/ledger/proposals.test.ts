// Acts of several persons, whose signatures were gathered beforehand, on the real kernel: three keys of two kinds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountEntry, accountKey, encodeUtf8, formatBase64Url, loadCrypto, ResultCode } from '@muniment/sdk'
import { appState } from './test-country.ts'
import { type Act, createTestLedger, type Person, passkeyHolder, person, type TestLedger } from './test-ledger.ts'

const crypto = await loadCrypto()
const [alice, bob, carol] = [person('alice'), passkeyHolder('bob'), passkeyHolder('carol', {}, 1)]
const together = (name: string, nonces: readonly number[], rest: Partial<Act> = {}): Act => ({
  service: 'citizen.declaration@1',
  transition: 'declareTogether',
  args: { commitment: formatBase64Url(crypto.sha256(encodeUtf8(name))) },
  signers: [alice, bob, carol].map((who, index) => ({ person: who, role: 'citizen', nonce: BigInt(nonces[index]!) })),
  nonce: 1,
  ...rest,
})
const takeBack = (ledger: TestLedger, who: Person, nonce: number) =>
  ledger.act({
    service: 'state.parties@1',
    transition: 'cancel',
    args: {},
    signers: [{ person: who, role: 'holder' }],
    nonce,
  })
const bitsOf = (ledger: TestLedger, { account }: Person): bigint =>
  accountEntry.decode(ledger.view.get(accountKey(crypto, account))!).nonceBits

test('an act that a key and two passkeys have signed is done once, and uses a nonce of each', async () => {
  const ledger = createTestLedger(appState)
  const signed = ledger.transaction(together('one', [0, 20, 30]))
  assert.equal((await ledger.apply(signed)).code, ResultCode.ok)
  assert.equal(bitsOf(ledger, bob), 1n << 19n)
  assert.equal(bitsOf(ledger, carol), 1n << 29n)
  assert.equal((await ledger.apply(signed)).code, ResultCode.nonceUsed)
})

for (const [who, nonce] of [
  [alice, 1],
  [bob, 20],
  [carol, 30],
] as const) {
  test(`whoever has signed takes it back by its nonce, which makes the act void: nonce ${nonce}`, async () => {
    const ledger = createTestLedger(appState)
    const signed = ledger.transaction(together('one', [0, 20, 30]))
    assert.equal((await takeBack(ledger, who, nonce)).code, ResultCode.ok)
    assert.equal((await ledger.apply(signed)).code, ResultCode.nonceUsed)
    // That refusal cost the others nothing.
    assert.equal((await ledger.act(together('two', [0, 21, 31], { nonce: 2 }))).code, ResultCode.ok)
  })
}

test('what is handed in first counts: a signature cannot be taken back from an act that is done', async () => {
  const ledger = createTestLedger(appState)
  assert.equal((await ledger.act(together('one', [0, 20, 30]))).code, ResultCode.ok)
  assert.equal((await takeBack(ledger, bob, 20)).code, ResultCode.nonceUsed)
})

test('after its one deadline an act is void for all who signed', async () => {
  const ledger = createTestLedger(appState)
  const { height } = ledger.block()
  const signed = ledger.transaction(together('one', [0, 20, 30], { body: { validUntil: height + 3n } }))
  ledger.skip(4)
  assert.equal((await ledger.apply(signed)).code, ResultCode.expired)
  assert.equal(ledger.view.get(accountKey(crypto, bob.account)), undefined)
})

test('one alone, or a nonce beyond the window, is not enough', async () => {
  const ledger = createTestLedger(appState)
  const alone = together('one', [0, 20, 30], { signers: [{ person: alice, role: 'citizen' }] })
  assert.equal((await ledger.act(alone)).code, ResultCode.notAllowed)
  assert.equal((await ledger.act(together('one', [0, 65, 30], { nonce: 2 }))).code, ResultCode.nonceUsed)
  // Without a nonce of the others it is still good: they can only wait for the deadline.
  assert.equal((await ledger.act(together('one', [0, 0, 0], { nonce: 2 }))).code, ResultCode.ok)
})
