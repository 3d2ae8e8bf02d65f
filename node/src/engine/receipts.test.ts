// Censorship: a validator that takes a transaction, signs that it will stand in a block, and leaves it out, is shown by its own signature.
// And nobody frames a validator that did nothing wrong.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  caseKey,
  decodeReceipt,
  decodeTransaction,
  encodeReceipt,
  equals,
  formatBase64Url,
  formatHex,
  type InclusionReceipt,
  limits,
  listValidatorStandings,
  ResultCode,
  receiptSignBytes,
  submitForReceipt,
  unmetReceiptsKey,
  VerifyError,
  type VerifyErrorCode,
  verifyReceipt,
} from '@muniment/sdk'
import fc from 'fast-check'
import { changeBytes, changes, readOrRefused } from '../../../test/hostile.ts'
import { testKey } from '../../../test/test-chain.ts'
import { startRpc } from '../rpc/server.ts'
import { keySpace } from '../storage/keys.ts'
import { createPromises } from './receipts.ts'
import {
  type Censored,
  censor,
  clerk,
  crypto,
  headOf,
  judge,
  letPass,
  opening,
  report,
  startCensor,
  step,
  unmetOf,
} from './test-censor.ts'
import {
  type LedgerAct,
  type LedgerChain,
  mandateOf,
  readState,
  type Signed,
  signAct,
  submitAct,
  until,
} from './test-ledger-chain.ts'

after(() => crypto.close())

test('whoever hands in a transaction is promised a place by a signature that verifies, and the promise is kept', async () => {
  const chain = await startCensor()
  const signed = await signAct(chain, opening('ann'))
  const { result, receipt } = await chain.promise(signed.transaction)
  assert.equal(result.code, ResultCode.ok)
  const { genesisHash } = chain
  const head = headOf(chain, receipt!)
  const verified = await verifyReceipt(receipt!, { transaction: signed.transaction, genesisHash, head }, crypto)
  assert.equal(verified.byHeight, verified.height + BigInt(limits.receiptBlocks))
  await until(() => readState(chain, caseKey(crypto, signed.case)) !== undefined)
  assert.deepEqual(await judge(chain, receipt!, signed.transaction), { kind: 'kept' })
  await letPass(chain)
  const { code, log } = await report(chain, { transaction: signed.transaction, receipt: receipt! })
  assert.equal(code, ResultCode.notAllowed)
  assert.match(log, /not good any more: the nonce is used/)
  await chain.engine.stop()
})

test('attack: a validator that promises and leaves out is counted once, by its own signature, where everyone can prove it', async () => {
  const chain = await startCensor()
  const { signed, receipt } = await censor(chain, opening('ann'))
  const { transaction } = signed
  assert.deepEqual(await judge(chain, receipt, transaction), { kind: 'open' })
  assert.match((await report(chain, { transaction, receipt })).log, /the promise runs still/)
  await letPass(chain, 3)
  // Time alone is not enough where blocks are slow.
  assert.deepEqual(await judge(chain, receipt, transaction), { kind: 'open' })
  await letPass(chain)
  assert.deepEqual(await judge(chain, receipt, transaction), { kind: 'broken' })
  assert.equal((await report(chain, { transaction, receipt })).code, ResultCode.ok)
  const { count, newest } = unmetOf(chain)!
  assert.equal(count, 1n)
  assert.deepEqual(newest[0]!.transactionId, decodeReceipt(receipt).transactionId)
  const again = await report(chain, { transaction, receipt })
  assert.equal(again.code, ResultCode.exists)
  assert.equal(unmetOf(chain)!.count, 1n)
  // With its proof, as for any other value of the state.
  const key = unmetReceiptsKey(crypto, testKey('one').publicKey.bytes)
  assert.ok(chain.application.query({ path: '/store/state/key', key, height: 0n, prove: true }).proof)
  const [standing] = await listValidatorStandings(async keys => keys.map(each => readState(chain, each)), crypto)
  assert.equal(standing!.unmetReceipts, 1n)
  // The transaction still serves.
  chain.censored.clear()
  assert.equal((await chain.engine.submit(transaction)).code, ResultCode.ok)
  await chain.engine.stop()
})

test('a step of a case, and an official’s, that were left out are counted too', async () => {
  const chain = await startCensor()
  const { case: id } = await submitAct(chain, opening('ann'))
  const one = await censor(chain, step('add', id, { name: 'ann', role: 'owner' }))
  const two = await censor(chain, step('close', id, clerk))
  assert.equal(decodeReceipt(one.receipt).caseVersion, 1n)
  await letPass(chain)
  for (const { signed, receipt } of [one, two]) {
    assert.deepEqual(await judge(chain, receipt, signed.transaction), { kind: 'broken' })
    const { code, log } = await report(chain, { transaction: signed.transaction, receipt }, 'ann')
    assert.equal(code, ResultCode.ok, log)
  }
  assert.equal(unmetOf(chain)!.count, 2n)
  await chain.engine.stop()
})

type Framing = {
  readonly what: string
  /** What was promised, before anything changes. */
  readonly act: (chain: Censored) => Promise<LedgerAct>
  /** What happens behind the promise. */
  readonly meanwhile: (chain: Censored, signed: Signed) => Promise<unknown>
  readonly log: RegExp
  /** What the SDK says by proofs alone; the ledger may know more. */
  readonly judged: 'kept' | 'undecided' | 'broken'
}

const added = async (chain: Censored): Promise<LedgerAct> =>
  step('add', (await submitAct(chain, opening('ann'))).case, { name: 'ann', role: 'owner' })
const byClerk = async (chain: Censored): Promise<LedgerAct> =>
  step('close', (await submitAct(chain, opening('ann'))).case, clerk)
const caseIn = (signed: Signed): Uint8Array =>
  new Uint8Array(
    Buffer.from(
      JSON.parse(new TextDecoder().decode(decodeTransaction(signed.transaction).body.args)).case,
      'base64url',
    ),
  )

const framings: readonly Framing[] = [
  {
    what: 'whose own time ran out',
    act: async () => ({ ...opening('ann'), validForBlocks: 10 }),
    meanwhile: async () => {},
    log: /not good any more: the transaction was valid until/,
    judged: 'undecided',
  },
  {
    what: 'whose nonce its sender gave to another',
    act: async () => opening('ann'),
    meanwhile: chain => submitAct(chain, opening('ann', 'another site')),
    log: /not good any more: the nonce is used/,
    judged: 'kept',
  },
  {
    what: 'whose nonce its sender took back',
    act: added,
    meanwhile: chain =>
      submitAct(chain, {
        ...{ service: 'x.parties@1', transition: 'cancel', args: {} },
        by: [{ name: 'ann', role: 'holder' }],
      }),
    log: /not good any more: the nonce is used/,
    judged: 'kept',
  },
  {
    what: 'whose case went on',
    act: byClerk,
    meanwhile: (chain, signed) => submitAct(chain, step('add', caseIn(signed), { name: 'ann', role: 'owner' })),
    log: /the case has moved since the promise/,
    judged: 'undecided',
  },
  {
    what: 'whose signer lost the mandate',
    act: byClerk,
    meanwhile: chain =>
      submitAct(chain, {
        ...{ service: 'x.parties@1', transition: 'dismiss' },
        args: { mandate: formatBase64Url(mandateOf(chain, 'desk', 'clerk')) },
        by: [{ name: 'boss', role: 'boss', office: 'top' }],
      }),
    log: /not good any more: .*mandate/,
    judged: 'undecided',
  },
  {
    what: 'whose tag another case held in between',
    act: async () => opening('ann', 'a contested site'),
    meanwhile: async chain => {
      const { case: id } = await submitAct(chain, opening('bob', 'a contested site'))
      await submitAct(chain, step('close', id, { name: 'bob', role: 'owner' }))
    },
    log: /a tag went round since the promise/,
    // A light client asks for the case and the signers only.
    judged: 'broken',
  },
]

for (const { what, act, meanwhile, log, judged } of framings)
  test(`attack: a validator is not framed by a transaction ${what}`, async () => {
    const chain = await startCensor()
    const { signed, receipt } = await censor(chain, await act(chain))
    await meanwhile(chain, signed)
    await letPass(chain)
    assert.equal((await judge(chain, receipt, signed.transaction)).kind, judged)
    const answer = await report(chain, { transaction: signed.transaction, receipt })
    assert.equal(answer.code, ResultCode.notAllowed, answer.log)
    assert.match(answer.log, log)
    assert.equal(unmetOf(chain), undefined)
    await chain.engine.stop()
  })

/** The same promise with something changed, signed by whom the test says. */
function forged(
  receipt: Uint8Array,
  change: Partial<InclusionReceipt>,
  by: { readonly name?: string; readonly genesisHash?: Uint8Array; readonly chain: LedgerChain },
): Uint8Array {
  const { signature: kept, ...promise } = { ...decodeReceipt(receipt), ...change }
  const { name, chain, genesisHash = chain.genesisHash } = by
  const signature = name === undefined ? kept : testKey(name).sign(receiptSignBytes(genesisHash, promise))
  return encodeReceipt({ ...promise, signature })
}

test('attack: a receipt that was altered, is another chain’s, of another signer or of another transaction counts nothing', async () => {
  const chain = await startCensor()
  const { signed, receipt } = await censor(chain, opening('ann'))
  const other = await censor(chain, opening('bob'))
  await letPass(chain)
  const { transaction } = signed
  const { byTime, height } = decodeReceipt(receipt)
  const earlier = { height: height - 1n, byHeight: height - 1n + BigInt(limits.receiptBlocks) }
  const wrong: readonly (readonly [Uint8Array, number, VerifyErrorCode])[] = [
    [forged(receipt, { byTime: byTime - 1n }, { chain }), ResultCode.badSignature, 'refused'],
    [forged(receipt, earlier, { chain }), ResultCode.badSignature, 'wrong-height'],
    [forged(receipt, { caseVersion: 1n }, { chain }), ResultCode.badSignature, 'bad-signature'],
    [forged(receipt, { byHeight: 1n }, { chain, name: 'one' }), ResultCode.malformed, 'malformed'],
    [
      forged(receipt, {}, { chain, name: 'one', genesisHash: new Uint8Array(32) }),
      ResultCode.badSignature,
      'bad-signature',
    ],
    [forged(receipt, {}, { chain, name: 'two' }), ResultCode.badSignature, 'bad-signature'],
    [
      forged(receipt, { validator: testKey('two').publicKey.bytes }, { chain, name: 'two' }),
      ResultCode.notFound,
      'refused',
    ],
    [other.receipt, ResultCode.malformed, 'wrong-height'],
    [receipt.slice(0, -1), ResultCode.malformed, 'truncated'],
  ]
  const { genesisHash } = chain
  const head = headOf(chain, receipt)
  for (const [place, [each, code, verifies]] of wrong.entries()) {
    const { code: answered, log } = await report(chain, { transaction, receipt: each })
    assert.equal(answered, code, `${place}: ${log}`)
    await assert.rejects(
      verifyReceipt(each, { transaction, genesisHash, head }, crypto),
      (error: unknown) => error instanceof VerifyError && error.code === verifies,
      String(place),
    )
  }
  await assert.rejects(
    verifyReceipt(other.receipt, { transaction, genesisHash, head: headOf(chain, other.receipt) }, crypto),
    /another transaction/,
  )
  assert.equal(unmetOf(chain), undefined)
  // With one signature of the transaction changed it is another transaction, which was promised nothing.
  const tampered = transaction.map((byte, i) => (i === transaction.length - 1 ? byte ^ 1 : byte))
  assert.equal((await report(chain, { transaction: tampered, receipt })).code, ResultCode.malformed)
  // Not even where the validator itself says that it was given so.
  const transactionHash = crypto.sha256(tampered)
  const itself = forged(receipt, { transactionHash }, { chain, name: 'one' })
  assert.equal((await report(chain, { transaction: tampered, receipt: itself })).code, ResultCode.badSignature)
  await chain.engine.stop()
})

test('attack: acts of which the state does not show what they rested on are not counted, and no report reports a report', async () => {
  const chain = await startCensor()
  const { signed, receipt } = await censor(chain, {
    ...{ service: 'x.parties@1', transition: 'cancel', args: {} },
    by: [{ name: 'ann', role: 'holder' }],
  })
  await letPass(chain)
  const { code, log } = await report(chain, { transaction: signed.transaction, receipt })
  assert.equal(code, ResultCode.notAllowed)
  assert.match(log, /of this kind of act/)
  await chain.engine.stop()
})

test('nothing is promised that the node does not take, or that is good only behind what waits', async () => {
  const chain = await startCensor()
  const refused = await signAct(chain, step('add', new Uint8Array(32), { name: 'ann', role: 'owner' }))
  const { result, receipt } = await chain.promise(refused.transaction)
  assert.equal(result.code, ResultCode.notFound)
  assert.equal(receipt, undefined)
  // A step of a case that is opened by a transaction which waits: nobody can keep that promise alone.
  const first = await signAct(chain, opening('ann'))
  const second = await signAct(chain, { ...step('add', first.case, { name: 'ann', role: 'owner' }), afterNonce: 1n })
  const answers = await Promise.all([chain.promise(first.transaction), chain.promise(second.transaction)])
  assert.ok(answers[0]!.receipt)
  assert.equal(answers[1]!.result.code, ResultCode.ok)
  assert.equal(answers[1]!.receipt, undefined)
  assert.match(answers[1]!.result.log, /without a promise/)
  await chain.engine.stop()
})

test('a page asks a node’s RPC for a promise beside broadcast_tx_sync; another server promises nothing', async t => {
  const chain = await startCensor()
  const { engine, application, promise: promises } = chain
  const given = { engine, application, host: '127.0.0.1', port: 0, corsOrigins: [] }
  const [rpc, other] = await Promise.all([startRpc({ ...given, promises }), startRpc(given)])
  t.after(async () => {
    await Promise.all([rpc.close(), other.close()])
    await engine.stop()
  })
  const { transaction } = await signAct(chain, opening('ann'))
  await assert.rejects(submitForReceipt(other.url, transaction), /the server has no answer/)
  const { code, receipt } = await submitForReceipt(rpc.url, transaction)
  assert.equal(code, ResultCode.ok)
  const head = headOf(chain, receipt!)
  await verifyReceipt(receipt!, { transaction, genesisHash: chain.genesisHash, head }, crypto)
  const refused = await submitForReceipt(rpc.url, Uint8Array.of(1, 2, 3))
  assert.equal(refused.code, ResultCode.malformed)
  assert.equal(refused.receipt, undefined)
  await assert.rejects(submitForReceipt(rpc.url, new Uint8Array(0)), /the server has no answer/)
})

test('a full pool promises nothing', async () => {
  const chain = await startCensor()
  const engine = {
    ...chain.engine,
    submit: async () => ({ code: ResultCode.quota, log: 'the pool is full; try again later', data: new Uint8Array(0) }),
  }
  const promise = await createPromises({ ...chain, engine, signer: testKey('one') })
  const { transaction } = await signAct(chain, opening('ann'))
  assert.equal((await promise(transaction)).receipt, undefined)
  const stalled = { ...chain.engine, status: () => ({ ...chain.engine.status(), stalled: 'The clock is wrong.' }) }
  const late = await createPromises({ ...chain, engine: stalled, signer: testKey('one') })
  assert.match((await late(transaction)).result.log, /without a promise: The clock is wrong/)
  await chain.engine.stop()
})

test('what was promised is on the disk: a node that loses its pool keeps its promise, and forgets what is kept', async () => {
  const chain = await startCensor()
  const signed = await signAct(chain, opening('ann'))
  const hash = crypto.sha256(signed.transaction)
  chain.censored.add(formatHex(hash))
  const { receipt } = await chain.promise(signed.transaction)
  const head = headOf(chain, receipt!)
  await chain.engine.stop()
  assert.equal(chain.engine.chain.transaction(hash), undefined)
  const again = await startCensor(chain)
  await until(() => again.engine.chain.transaction(hash) !== undefined)
  const { genesisHash } = chain
  await verifyReceipt(receipt!, { transaction: signed.transaction, genesisHash, head }, crypto)
  await again.engine.stop()
  const third = await startCensor(chain)
  assert.deepEqual(
    await third.database.entries({
      from: Uint8Array.of(keySpace.promise),
      to: Uint8Array.of(keySpace.promise + 1),
      countMax: 10,
    }),
    [],
  )
  await third.engine.stop()
})

test('where the disk takes no promise, none is given', async () => {
  const chain = await startCensor()
  const full = new Error('example of a full disk')
  const database = { ...chain.database, write: async () => Promise.reject(full) }
  const promise = await createPromises({ ...chain, database, signer: testKey('one') })
  const { transaction } = await signAct(chain, opening('ann'))
  await assert.rejects(promise(transaction), full)
  await chain.engine.stop()
})

test('a receipt has one spelling: changed bytes are refused, or are another receipt whose signature fails', async () => {
  const chain = await startCensor()
  const { signed, receipt } = await censor(chain, opening('ann'))
  const { genesisHash } = chain
  const head = headOf(chain, receipt)
  await chain.engine.stop()
  await fc.assert(
    fc.asyncProperty(changes, async list => {
      const changed = changeBytes(receipt, list)
      const decoded = readOrRefused(() => decodeReceipt(changed))
      if (!decoded) return
      assert.deepEqual(encodeReceipt(decoded), changed)
      if (equals(changed, receipt)) return
      await assert.rejects(
        verifyReceipt(changed, { transaction: signed.transaction, genesisHash, head }, crypto),
        VerifyError,
      )
    }),
    { numRuns: 300 },
  )
})

test('a report whose parts are noise is refused with a code, and costs nobody the node', async () => {
  const chain = await startCensor()
  const { signed, receipt } = await censor(chain, opening('ann'))
  await letPass(chain)
  await fc.assert(
    fc.asyncProperty(changes, changes, async (one, two) => {
      const given = { transaction: changeBytes(signed.transaction, one), receipt: changeBytes(receipt, two) }
      const report = await signAct(chain, {
        ...{ service: 'x.receipts@1', transition: 'report', by: [{ name: 'a witness', role: 'holder' }] },
        args: { transaction: formatBase64Url(given.transaction), receipt: formatBase64Url(given.receipt) },
      })
      const { code } = await chain.application.checkTx(report.transaction)
      const isSame = equals(given.transaction, signed.transaction) && equals(given.receipt, receipt)
      assert.equal(code === ResultCode.ok, isSame)
    }),
    { numRuns: 150 },
  )
  assert.equal(unmetOf(chain), undefined)
  await chain.engine.stop()
})

test('what is signed as a promise is nothing that is signed as a vote', () => {
  const promise = {
    ...{ validator: new Uint8Array(32), transactionId: new Uint8Array(32), transactionHash: new Uint8Array(32) },
    ...{ height: 1n, headHash: new Uint8Array(32), byHeight: 21n, byTime: 0n, caseVersion: 0n },
  }
  // A vote's sign bytes begin with their length (types/vote.go), which is never 0.
  assert.equal(receiptSignBytes(new Uint8Array(32), promise)[0], 0)
})
