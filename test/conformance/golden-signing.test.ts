// Formats of what people sign, frozen as those of golden.test.ts are: proposals, requests, assertions of passkeys, and who controls an
// account. A missing file is written when GOLDEN=write is set, and never overwritten.

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  Algorithm,
  acceptProposal,
  accountEntry,
  accountId,
  comparisonCode,
  declineProposal,
  decodeTransaction,
  decodeUtf8,
  delegationEntry,
  delegationId,
  delegationKey,
  empty,
  encodeArgs,
  encodeTransaction,
  encodeTransactionBody,
  encodeUtf8,
  formatBase64Url,
  formatHex,
  formatProposal,
  formatSigningRequest,
  identityEntry,
  identityKey,
  type Json,
  loadCrypto,
  misbehaviorKey,
  parseCredential,
  parseHex,
  parseProposal,
  parseSigningRequest,
  requestEntry,
  requestedDocument,
  requestHash,
  requestKey,
  SignatureScheme,
  type Signer,
  type SigningRequest,
  signBytes,
  signChallenge,
  signedMessages,
  verifyProposal,
} from '@muniment/sdk'
import { ed25519 } from '@noble/curves/ed25519.js'
import { createPasskey } from '../passkey.ts'

const crypto = await loadCrypto()
const secret = crypto.sha256(encodeUtf8('golden key, used for nothing else'))
const key = { algorithm: 1, bytes: ed25519.getPublicKey(secret) }
const signer: Signer = { key, sign: async message => ed25519.sign(message, secret) }
const account = accountId(crypto, key)
const genesis = parseHex(golden('hashes').genesis!)
const { text: document } = golden('credential')
const { commitment } = parseCredential(document!, crypto)
const at = { seconds: 1_790_000_100n, nanos: 120_000_000 }
const hex = (bytes: Uint8Array): string => formatHex(bytes)
const otherSecret = crypto.sha256(encodeUtf8('another golden key, used for nothing else'))
const other: Signer = {
  key: { algorithm: 1, bytes: ed25519.getPublicKey(otherSecret) },
  sign: async message => ed25519.sign(message, otherSecret),
}

/** Of two citizens, with a nonce of the second's own. */
function makeProposedBody(): Uint8Array {
  return encodeTransactionBody({
    chainId: 'golden-1',
    service: 'citizen.declaration@1',
    transition: 'declareTogether',
    args: encodeArgs({ commitment: formatBase64Url(commitment) }),
    nonce: 8n,
    validUntil: 20_000n,
    ifState: empty,
    sponsor: empty,
    signers: [
      { account, role: 'citizen', mandate: empty, nonce: 0n },
      { account: accountId(crypto, other.key), role: 'citizen', mandate: empty, nonce: 17n },
    ],
  })
}

const request: SigningRequest = {
  chainId: 'golden-1',
  service: 'citizen.declaration@1',
  transition: 'declareOnOath',
  fields: { statement: 'I keep two hives.', subject: 'Bees' },
  others: [new Uint8Array(32).fill(4)],
  secret: new Uint8Array(32).fill(16),
  issuedAt: 1_790_000_000n,
}

const files: Readonly<Record<string, () => Promise<Json>>> = {
  proposal: async () => {
    const body = makeProposedBody()
    const given = { genesisHash: genesis, hasher: crypto }
    const fresh = { body, document: document!, answers: [] }
    const accepted = await acceptProposal(fresh, { ...given, signer, place: 0 })
    const declined = await declineProposal(accepted, {
      ...given,
      signer: other,
      place: 1,
      reason: 'The price is wrong.',
    })
    return { fresh: formatProposal(fresh), accepted: formatProposal(accepted), declined: formatProposal(declined) }
  },
  request: async () => {
    const { document, documentKey } = await requestedDocument(request, {
      hasher: crypto,
      type: 'urn:example:declaration',
      account,
    })
    const hash = requestHash(crypto, request)
    return {
      text: formatSigningRequest(request),
      hash: hex(hash),
      code: comparisonCode(hash),
      document,
      documentKey: hex(documentKey.bytes),
      entry: hex(requestEntry.encode({ record: hash, transition: 'declareOnOath', signers: [account], height: 9n })),
    }
  },
  passkey: async () => {
    const body = makeProposedBody()
    const signatures = [Algorithm.ed25519, Algorithm.p256].map((algorithm, place) => {
      const passkey = createPasskey('golden', { hasher: crypto, algorithm })
      const challenge = signChallenge(crypto, signBytes(crypto, genesis, { body, signer: place }))
      return { scheme: SignatureScheme.webauthn, key: passkey.key, ...passkey.assert(challenge) }
    })
    return {
      challenge: hex(signChallenge(crypto, signBytes(crypto, genesis, { body, signer: 0 }))),
      clientData: decodeUtf8(signatures[0]!.clientData),
      transaction: hex(encodeTransaction({ body, signatures })),
    }
  },
  control: async () => {
    const passkey = { rpIdHash: crypto.sha256(encodeUtf8('id.example')), origins: ['https://id.example'] }
    const delegation = delegationId(crypto, { from: account, to: new Uint8Array(32).fill(4), transactionId: genesis })
    return {
      account: hex(
        accountEntry.encode({
          keys: [
            { key, fromHeight: 1n, endedHeight: 7n, passkey, isIdentity: false },
            {
              key: { algorithm: 2, bytes: new Uint8Array(33).fill(2) },
              fromHeight: 2n,
              endedHeight: 0n,
              passkey: undefined,
              isIdentity: true,
            },
          ],
          nonceFloor: 3n,
          nonceBits: 5n,
          createdHeight: 1n,
          guardians: { threshold: 1, accounts: [new Uint8Array(32).fill(5), new Uint8Array(32).fill(6)] },
          recovery: { key, passkey, startedHeight: 8n, readyTime: at, office: 'civil-registry', isIdentity: true },
          delegationsEndedHeight: 6n,
          actsDay: 0n,
          actsCount: 0n,
        }),
      ),
      delegation: hex(
        delegationEntry.encode({
          from: account,
          to: new Uint8Array(32).fill(4),
          scope: ['citizen.declaration@1', 'land.title@1/transfer'],
          fromHeight: 5n,
          untilTime: at,
          endedHeight: 9n,
        }),
      ),
      delegationId: hex(delegation),
      identity: hex(identityEntry.encode({ origins: ['https://id.example', 'https://id.example:8443'] })),
      keys: {
        delegation: hex(delegationKey(crypto, delegation)),
        identity: hex(identityKey(crypto)),
        request: hex(requestKey(crypto, genesis)),
        misbehavior: hex(misbehaviorKey(crypto)),
      },
    }
  },
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../golden/${name}-1.json`, import.meta.url))
}

function golden(name: string): Record<string, string> {
  return JSON.parse(readFileSync(pathOf(name), 'utf8'))
}

for (const [name, make] of Object.entries(files)) {
  test(`the format "${name}" is what it always was`, async () => {
    const made = await make()
    if (!existsSync(pathOf(name)) && process.env.GOLDEN === 'write')
      writeFileSync(pathOf(name), `${JSON.stringify(made, null, 2)}\n`, { flag: 'wx' })
    assert.deepEqual(made, JSON.parse(readFileSync(pathOf(name), 'utf8')))
  })
}

test('what people signed on the first day still verifies', async () => {
  const passkeys = parseHex(golden('passkey').transaction!)
  const { transaction } = decodeTransaction(passkeys)
  const messages = signedMessages(crypto, genesis, transaction)
  assert.deepEqual(await crypto.verifyEd25519(messages.filter(({ algorithm }) => algorithm === 1)), [])
  assert.deepEqual(await crypto.verifyP256(messages.filter(({ algorithm }) => algorithm === 2)), [])
  for (const text of Object.values(golden('proposal'))) {
    const { proposal } = parseProposal(text)
    assert.equal(formatProposal(proposal), text)
    await verifyProposal(proposal, { crypto, genesisHash: genesis })
  }
  const { text, hash } = golden('request')
  assert.equal(formatSigningRequest(parseSigningRequest(text!)), text)
  assert.equal(formatHex(requestHash(crypto, parseSigningRequest(text!))), hash)
  const kept = golden('control')
  for (const [name, codec] of Object.entries({
    account: accountEntry,
    delegation: delegationEntry,
    identity: identityEntry,
  })) {
    const encoded = parseHex(kept[name]!)
    assert.deepEqual(codec.encode(codec.decode(encoded) as never), encoded, name)
  }
})
