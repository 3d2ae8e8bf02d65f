// Formats of our own that are frozen: each file in test/golden is made from fixed inputs, and must come out the same for
// ever. A missing file is written when GOLDEN=write is set, and never overwritten.

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  accountEntry,
  accountId,
  accountKey,
  type Bundle,
  chainEntry,
  chainKey,
  checkpoint,
  checkpointSignBytes,
  commitmentOf,
  createBundleProvider,
  createClient,
  decodeArgs,
  decodeBundle,
  decodeTransaction,
  empty,
  encodeArgs,
  encodeBundle,
  encodeTransaction,
  encodeTransactionBody,
  encodeUtf8,
  formatBase64Url,
  formatHex,
  formatIssuer,
  formatNetwork,
  formatRecordLink,
  formatTime,
  formatTrustRoot,
  genesisHash,
  importStoreKey,
  issueCredential,
  type Json,
  loadCrypto,
  mandateEntry,
  mandateId,
  mandateKey,
  officeEntry,
  officeKey,
  openKept,
  openWalletFile,
  parseCredential,
  parseHex,
  parseNetwork,
  parseRecordLink,
  parseShortLink,
  parseTime,
  parseTrustRoot,
  passkeyWrappingKey,
  recordEntry,
  recordKey,
  SignatureScheme,
  type Signer,
  serviceKey,
  signBytes,
  signedCheckpoint,
  stepCodes,
  transactionId,
  typeHash,
  unwrapStoreKey,
  verdictKinds,
} from '@muniment/sdk'
import { ed25519 } from '@noble/curves/ed25519.js'
import {
  answerQuery,
  createQueryProvider,
  type Exchange,
  queryRequest,
  queryResponse,
} from '../../sdk/src/p2p/messages.ts'
import { type Fixture, makeFixture } from '../mutation/fixture.ts'

const crypto = await loadCrypto()
const secret = crypto.sha256(encodeUtf8('golden key, used for nothing else'))
const key = { algorithm: 1, bytes: ed25519.getPublicKey(secret) }
const signer: Signer = { key, sign: async message => ed25519.sign(message, secret) }
const account = accountId(crypto, key)
const genesis = genesisHash(crypto, {
  chainId: 'golden-1',
  time: { seconds: 1_790_000_000n, nanos: 5 },
  initialHeight: 1n,
  validatorsHash: new Uint8Array(32).fill(1),
  consensusHash: new Uint8Array(32).fill(2),
  appState: encodeUtf8('{}'),
})
const issuer = formatIssuer({ kind: 'office', chainId: 'golden-1', office: 'land-registry' })
const at = { seconds: 1_790_000_100n, nanos: 120_000_000 }

/** The blocks of the bundle that was written on the first day. */
function firstBundle({ whole }: Pick<Fixture, 'whole'>): Bundle {
  const heights: readonly bigint[] = [2n, 4n, 5n, 6n, 7n, 12n]
  return { ...whole, blocks: whole.blocks.filter(({ header }) => heights.includes(header.height)) }
}

async function makeCredential(): Promise<string> {
  const content = {
    issuer,
    type: 'urn:example:land-title',
    issuedAt: 1_790_000_000,
    expires: 1_890_000_000,
    fields: { parcel: '12/345', area: 800, owner: 'Example owner A' },
  }
  return issueCredential(content, { signer, seed: new Uint8Array(16).fill(3), hasher: crypto })
}

const commitment = parseCredential(await makeCredential(), crypto).commitment

function makeBody(): Uint8Array {
  return encodeTransactionBody({
    chainId: 'golden-1',
    service: 'land.title@1',
    transition: 'enter',
    args: encodeArgs({ commitment: formatBase64Url(commitment), validUntil: '2030-01-01T00:00:00Z' }),
    nonce: 7n,
    validUntil: 3_000n,
    ifState: empty,
    sponsor: account,
    signers: [
      { account, role: 'registrar', mandate: mandateId(crypto, 'land-registry', account, genesis), nonce: 0n },
      { account: new Uint8Array(32).fill(4), role: 'sponsor', mandate: empty, nonce: 0n },
    ],
  })
}

async function makeTransaction(): Promise<Uint8Array> {
  const body = makeBody()
  const plain = {
    scheme: SignatureScheme.plain,
    key,
    signature: await signer.sign(signBytes(crypto, genesis, { body, signer: 0 })),
    authenticatorData: empty,
    clientData: empty,
  }
  const webauthn = {
    scheme: SignatureScheme.webauthn,
    key: { algorithm: 2, bytes: new Uint8Array(33).fill(2) },
    signature: new Uint8Array(64).fill(5),
    authenticatorData: new Uint8Array(37).fill(6),
    clientData: encodeUtf8('{"type":"webauthn.get"}'),
  }
  return encodeTransaction({ body, signatures: [plain, webauthn] })
}

async function makeCheckpoint(): Promise<Uint8Array> {
  const encoded = checkpoint.encode({
    genesisHash: genesis,
    chainId: 'golden-1',
    height: 42n,
    headerHash: new Uint8Array(32).fill(7),
    nextValidatorsHash: new Uint8Array(32).fill(8),
    historySize: 42n,
    historyRoot: new Uint8Array(32).fill(9),
    sequence: 3n,
    issuedAt: at,
    expiresAt: { seconds: at.seconds + 86_400n, nanos: 0 },
    compromisedKeys: [new Uint8Array(32).fill(10)],
  })
  return signedCheckpoint.encode({
    checkpoint: encoded,
    signatures: [{ key: key.bytes, signature: await signer.sign(checkpointSignBytes(encoded)) }],
  })
}

const hex = (bytes: Uint8Array): string => formatHex(bytes)
const change = {
  status: 1,
  height: 9n,
  time: at,
  mandate: new Uint8Array(32).fill(11),
  reason: '',
  appealUntil: undefined,
}

const files: Readonly<Record<string, () => Promise<Json>>> = {
  credential: async () => ({ text: await makeCredential(), commitment: hex(commitment) }),
  link: async () => ({
    fragment: formatRecordLink({
      chainId: 'golden-1',
      key: recordKey(crypto, issuer, commitment),
      height: 9n,
      document: await makeCredential(),
    }),
  }),
  transaction: async () => ({
    transaction: hex(await makeTransaction()),
    id: hex(transactionId(crypto, makeBody())),
    signBytes: hex(signBytes(crypto, genesis, { body: makeBody(), signer: 0 })),
    signBytesOfTheSecond: hex(signBytes(crypto, genesis, { body: makeBody(), signer: 1 })),
  }),
  checkpoint: async () => ({ signed: hex(await makeCheckpoint()) }),
  bundle: async () => {
    const { root, network, now, ...fixture } = await makeFixture()
    return {
      bundle: hex(encodeBundle(firstBundle(fixture))),
      root: formatTrustRoot(root),
      network: formatNetwork(network),
      checkedAt: formatTime(now),
    }
  },
  query: async () => {
    const bundle = firstBundle(await makeFixture())
    const asked: Uint8Array[] = []
    const answers: Uint8Array[] = []
    const node = { ...createBundleProvider(bundle), submit: async () => ({ code: 6, log: 'the nonce is used' }) }
    const exchange: Exchange = async request => {
      asked.push(queryRequest.encode({ ...request, id: asked.length + 1 }))
      answers.push(await answerQuery(asked.at(-1)!, node, AbortSignal.timeout(10_000)))
      return queryResponse.decode(answers.at(-1)!)
    }
    const provider = createQueryProvider(exchange, { kind: 'webrtc', label: 'golden', close: async () => {} })
    const { header } = await provider.lightBlock('latest')
    // Now the set is known, and the commit may be short.
    const trustLevel = { numerator: 2n, denominator: 3n }
    await provider.lightBlock(header.height, { shortFor: { validatorsHash: header.validatorsHash, trustLevel } })
    const { keys, answer } = bundle.states[1]!
    await provider.query(
      keys.map(key => ({ store: 'state', key })),
      answer.height,
    )
    await provider.lightPath!({ from: 2n, to: header.height, trustLevel })
    await provider.submit(new Uint8Array([1, 2, 3]))
    return { requests: asked.map(hex), responses: answers.map(hex) }
  },
  verdicts: async () => ({ kinds: verdictKinds, steps: stepCodes }),
  hashes: async () => ({
    genesis: hex(genesis),
    commitment: hex(commitmentOf(crypto, { chainId: 'golden-1', salt: new Uint8Array(16).fill(12), jwt: 'a.b.c' })),
    type: hex(typeHash(crypto, 'urn:example:land-title')),
    account: hex(account),
    mandate: hex(mandateId(crypto, 'land-registry', account, genesis)),
    keys: {
      chain: hex(chainKey(crypto)),
      record: hex(recordKey(crypto, issuer, commitment)),
      account: hex(accountKey(crypto, account)),
      office: hex(officeKey(crypto, 'land-registry')),
      mandate: hex(mandateKey(crypto, new Uint8Array(32).fill(13))),
      service: hex(serviceKey(crypto, 'land.title@1')),
    },
  }),
  entries: async () => ({
    chain: hex(chainEntry.encode({ chainId: 'golden-1', genesisHash: genesis, initialHeight: 1n })),
    account: hex(
      accountEntry.encode({
        keys: [{ key, fromHeight: 1n, endedHeight: 0n, passkey: undefined, isIdentity: false }],
        nonceFloor: 3n,
        nonceBits: 5n,
        createdHeight: 1n,
        guardians: undefined,
        recovery: undefined,
        delegationsEndedHeight: 0n,
        actsDay: 0n,
        actsCount: 0n,
      }),
    ),
    office: hex(
      officeEntry.encode({
        names: [{ language: 'en', text: 'Example Land Registry' }],
        parent: 'cabinet',
        types: [{ type: typeHash(crypto, 'urn:example:land-title'), fromHeight: 1n, endedHeight: 0n }],
        createdHeight: 1n,
        endedHeight: 0n,
      }),
    ),
    mandate: hex(
      mandateEntry.encode({ office: 'land-registry', account, role: 'registrar', fromHeight: 1n, untilHeight: 100n }),
    ),
    record: hex(
      recordEntry.encode({
        issuer,
        type: typeHash(crypto, 'urn:example:land-title'),
        service: 'land.title@1',
        mandate: new Uint8Array(32).fill(11),
        account,
        key,
        changes: [change, { ...change, status: 3, height: 20n, reason: 'court-order', appealUntil: at }],
        validFrom: at,
        validUntil: { seconds: at.seconds + 1n, nanos: 0 },
        successor: new Uint8Array(32).fill(14),
        predecessor: new Uint8Array(32).fill(15),
        case: new Uint8Array(0),
        holder: new Uint8Array(0),
      }),
    ),
  }),
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../golden/${name}-1.json`, import.meta.url))
}

for (const [name, make] of Object.entries(files)) {
  test(`the format "${name}" is what it always was`, async () => {
    const made = await make()
    if (!existsSync(pathOf(name)) && process.env.GOLDEN === 'write')
      writeFileSync(pathOf(name), `${JSON.stringify(made, null, 2)}\n`, { flag: 'wx' })
    assert.deepEqual(made, JSON.parse(readFileSync(pathOf(name), 'utf8')))
  })
}

function golden(name: string): Record<string, string> {
  return JSON.parse(readFileSync(pathOf(name), 'utf8'))
}

// How tightly it is packed may change with the host; what was packed once is read for ever.
test('a QR code’s link of today is read for ever', async () => {
  const { text } = golden('credential')
  const { whole, part } = golden('short-link')
  assert.equal(await parseShortLink(whole!, crypto), text)
  const read = (await parseShortLink(part!, crypto))!
  assert.equal(read.split('~')[0], text!.split('~')[0])
  assert.equal(
    parseCredential(read, crypto).hiddenCount,
    parseCredential(text!, crypto).document.disclosures.length - 1,
  )
})

// What is sealed is never the same twice; what was sealed once opens for ever.
test('a wallet of today is opened for ever, by its passkey’s secret and as a file by its passphrase', async () => {
  const { chainId, passphrase, link, ...bytes } = golden('wallet')
  const wallet = { chainId: chainId!, walletId: parseHex(bytes.walletId!) }
  const wrapping = await passkeyWrappingKey(parseHex(bytes.secret!), wallet)
  const way = { ...wallet, credentialId: parseHex(bytes.credentialId!) }
  const storeKey = await unwrapStoreKey(wrapping, way, parseHex(bytes.wrapped!))
  assert.equal(formatHex(storeKey), bytes.storeKey)
  const place = { ...wallet, id: parseHex(bytes.id!) }
  const kept = await openKept(await importStoreKey(storeKey), place, parseHex(bytes.sealed!))
  assert.deepEqual([kept.link, kept.title.ar, kept.keptAt], [link, 'سند ملكية', 1_790_000_000n])
  const fromFile = await openWalletFile(parseHex(bytes.file!), { passphrase: passphrase!, chainId: chainId! })
  assert.deepEqual(fromFile, [kept])
})

test('every golden file reads back to the same bytes', async () => {
  const { text } = golden('credential')
  assert.equal(parseCredential(text!, crypto).text, text)
  const { fragment } = golden('link')
  assert.equal(formatRecordLink(parseRecordLink(fragment!)), fragment)
  const bytes = parseHex(golden('transaction').transaction!)
  const { transaction, body } = decodeTransaction(bytes)
  assert.equal(formatHex(encodeTransaction(transaction)), golden('transaction').transaction)
  assert.equal(formatHex(encodeArgs(decodeArgs(body.args))), formatHex(body.args))
  const signed = parseHex(golden('checkpoint').signed!)
  assert.deepEqual(signedCheckpoint.encode(signedCheckpoint.decode(signed)), signed)
  const entries = golden('entries')
  for (const [entry, codec] of Object.entries({
    chain: chainEntry,
    account: accountEntry,
    office: officeEntry,
    mandate: mandateEntry,
    record: recordEntry,
  })) {
    const encoded = parseHex(entries[entry]!)
    assert.deepEqual(codec.encode(codec.decode(encoded) as never), encoded, entry)
  }
})

test('a bundle of the first day is still valid at its time', async () => {
  const kept = golden('bundle') as unknown as { bundle: string; root: Json; network: Json; checkedAt: string }
  const bytes = parseHex(kept.bundle)
  assert.deepEqual(encodeBundle(decodeBundle(bytes)), bytes)
  const now = () => parseTime(kept.checkedAt)
  const client = await createClient({
    root: parseTrustRoot(kept.root),
    network: parseNetwork(kept.network),
    crypto,
    now,
  })
  const verdict = await client.verifyRecord(bytes)
  assert.deepEqual([verdict.kind, verdict.code], ['valid', 'current'], verdict.evidence)
})

test('requests and answers of the first day are still read', () => {
  const kept = golden('query') as unknown as { requests: string[]; responses: string[] }
  for (const request of kept.requests)
    assert.equal(formatHex(queryRequest.encode(queryRequest.decode(parseHex(request)))), request)
  for (const answer of kept.responses)
    assert.equal(formatHex(queryResponse.encode(queryResponse.decode(parseHex(answer)))), answer)
})
