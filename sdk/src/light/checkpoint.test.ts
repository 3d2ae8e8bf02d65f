import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { chainStart, createSignedChain, publicKeyOf, signAs } from '../../../test/signed-chain.ts'
import { headerHash } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError, type VerifyErrorCode } from '../errors.ts'
import { addSeconds, type Timestamp } from '../time.ts'
import {
  type Checkpoint,
  checkpoint,
  checkpointSignBytes,
  type SignedCheckpoint,
  signedCheckpoint,
  verifyCheckpoint,
} from './checkpoint.ts'
import type { TrustRoot } from './trust-root.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const { blocks } = createSignedChain({ heights: 4, membersAt: () => [{ name: 'office', power: 1n }] }, crypto)
const named = blocks[2] as LightBlock
const root: TrustRoot = {
  chainId: 'test-chain',
  genesisHash: new Uint8Array(32).fill(7),
  checkpointKeys: { k: 2, keys: ['court', 'archive', 'ministry'].map(name => publicKeyOf(name, crypto)) },
  witnesses: { k: 0, keys: [] },
  trustLevel: { numerator: 2n, denominator: 3n },
  trustingPeriodSeconds: 3_600,
}
const now = addSeconds(chainStart, 200)
const honest: Checkpoint = {
  genesisHash: root.genesisHash,
  chainId: root.chainId,
  height: 3n,
  headerHash: headerHash(named.header, crypto),
  nextValidatorsHash: named.header.nextValidatorsHash,
  historySize: 3n,
  historyRoot: new Uint8Array(32).fill(9),
  sequence: 1n,
  issuedAt: addSeconds(now, -60),
  expiresAt: addSeconds(now, 3_600),
  compromisedKeys: [],
}

function sign(value: Checkpoint, names: readonly string[]): SignedCheckpoint {
  const encoded = checkpoint.encode(value)
  const signatures = names.map(name => ({
    key: publicKeyOf(name, crypto),
    signature: signAs(name, checkpointSignBytes(encoded), crypto),
  }))
  return { checkpoint: encoded, signatures }
}

async function codeOf(signed: SignedCheckpoint, at: Timestamp = now): Promise<VerifyErrorCode | 'verified'> {
  const answer = await verifyCheckpoint({ signed, root, now: at }, crypto)
  return answer.kind === 'verified' ? 'verified' : answer.error.code
}

test('k of n named bodies make a checkpoint', async () => {
  assert.equal(await codeOf(sign(honest, ['court', 'archive'])), 'verified')
  assert.equal(await codeOf(sign(honest, ['ministry', 'archive', 'court'])), 'verified')
  assert.equal(await codeOf(sign(honest, ['court'])), 'checkpoint-invalid')
  assert.equal(await codeOf(sign(honest, [])), 'checkpoint-invalid')
})

test('a signer counts once, and a stranger not at all', async () => {
  assert.equal(await codeOf(sign(honest, ['court', 'court', 'court'])), 'checkpoint-invalid')
  assert.equal(await codeOf(sign(honest, ['court', 'stranger', 'other'])), 'checkpoint-invalid')
  assert.equal(await codeOf(sign(honest, ['stranger', 'court', 'archive'])), 'verified')
})

test('one signature under two keys counts once, a bad one not at all', async () => {
  const signed = sign(honest, ['court', 'archive'])
  const [first, second] = signed.signatures
  const copied = { ...second!, signature: first!.signature }
  assert.equal(await codeOf({ ...signed, signatures: [first!, copied] }), 'checkpoint-invalid')
  assert.equal(await codeOf({ ...signed, signatures: [copied, first!, second!] }), 'verified')
})

test('a signature over the bare bytes, without the tag, counts for nothing', async () => {
  const signed = sign(honest, ['court', 'archive'])
  const untagged = ['court', 'archive'].map(name => ({
    key: publicKeyOf(name, crypto),
    signature: signAs(name, signed.checkpoint, crypto),
  }))
  assert.equal(await codeOf({ ...signed, signatures: untagged }), 'checkpoint-invalid')
})

test('another chain, or another genesis under the same id, is the wrong chain', async () => {
  const both = ['court', 'archive']
  assert.equal(await codeOf(sign({ ...honest, chainId: 'test-chain-2' }, both)), 'wrong-chain')
  assert.equal(await codeOf(sign({ ...honest, genesisHash: new Uint8Array(32) }, both)), 'wrong-chain')
})

test('a checkpoint runs out, and cannot come from the future', async () => {
  const signed = sign(honest, ['court', 'archive'])
  assert.equal(await codeOf(signed, honest.expiresAt), 'checkpoint-expired')
  assert.equal(await codeOf(signed, addSeconds(honest.expiresAt, -1)), 'verified')
  assert.equal(await codeOf(signed, addSeconds(honest.issuedAt, -11)), 'from-future')
})

test('any bytes in place of a checkpoint only ever give a VerifyError, and one value has one spelling', async () => {
  const signed = sign(honest, ['court', 'archive'])
  const valid = signedCheckpoint.encode(signed)
  assert.deepEqual(signedCheckpoint.decode(valid), signed)
  const mutated = fc
    .tuple(fc.nat(valid.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, mask]) => valid.map((byte, index) => (index === at ? byte ^ mask : byte)))
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), async bytes => {
      try {
        const decoded = signedCheckpoint.decode(bytes)
        assert.deepEqual(signedCheckpoint.encode(decoded), bytes)
        assert.notEqual(await codeOf(decoded), 'verified')
      } catch (error) {
        assert.ok(error instanceof VerifyError, String(error))
      }
    }),
    { numRuns: 300 },
  )
})
