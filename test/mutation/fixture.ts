// A whole valid answer: a chain of seven validators whose set changes, a state tree with records, a document and the bundle
// that proves it. Just enough validators sign, so that every byte of every signature counts.

import {
  type AccountKey,
  addSeconds,
  type Bundle,
  createBundleProvider,
  createChain,
  createClient,
  createMemoryStore,
  createRecorder,
  empty,
  encodeCanonicalJson,
  encodeUtf8,
  formatIssuer,
  formatRecordLink,
  issueCredential,
  keptBlocks,
  type LightBlock,
  loadCrypto,
  type Network,
  officeEntry,
  officeKey,
  type Provider,
  parseCredential,
  type QueryAnswer,
  type RecordEntry,
  RecordStatus,
  recordEntry,
  recordKey,
  type Store,
  serviceKey,
  signCheckpoint,
  type Timestamp,
  type TrustRoot,
  typeHash,
  type Verdict,
} from '@muniment/sdk'
import { createReader } from '../../sdk/src/light/reader.ts'
import { verifyRecord } from '../../sdk/src/record/verify.ts'
import { commitOf, createSignedChain, type Member } from '../signed-chain.ts'
import { checkpointOf } from '../signed-checkpoint.ts'
import { signerOf } from '../signer.ts'
import { createSmallTree, type Entry } from '../small-tree.ts'

export const crypto = await loadCrypto()
const tree = createSmallTree(crypto)
const chainId = 'test-mutations'
const heights = 12
const checkpointHeight = 2n
const issuer = formatIssuer({ kind: 'office', chainId, office: 'land-registry' })
const type = 'urn:example:land-title'
const official = signerOf('official')
const startsAt: Timestamp = { seconds: 1_800_000_000n, nanos: 7 }

const service = encodeCanonicalJson({
  service: 'land.title@1',
  title: { en: 'Land title' },
  type,
  freshness: 300,
  roles: { registrar: { offices: ['land-registry'], post: 'registrar' } },
  fields: [{ name: 'parcel', label: { en: 'Parcel' }, show: 'committed' }],
  transitions: { enter: { label: { en: 'Enter' }, by: ['registrar'], do: 'records.issue' } },
})

/** From height 7 on three of the seven are others: too few stay to skip over it. */
export function membersAt(height: number): readonly Member[] {
  const letters = height < 7 ? 'abcdefg' : 'defghij'
  return [...letters].map(letter => ({ name: `validator ${letter}`, power: 10n }))
}

export function entryOf(key: Uint8Array, value: Uint8Array): Entry {
  const place = [...crypto.sha256(key)].map(byte => byte.toString(2).padStart(8, '0')).join('')
  return { key, value, place }
}

export function recordOf(status: number, key: AccountKey = official.key): RecordEntry {
  const time = addSeconds(startsAt, 60)
  const issued = {
    status: RecordStatus.current as number,
    height: 3n,
    time,
    mandate: new Uint8Array(32).fill(1),
    reason: '',
    appealUntil: undefined,
  }
  return {
    issuer,
    type: typeHash(crypto, type),
    service: 'land.title@1',
    mandate: new Uint8Array(32).fill(1),
    account: new Uint8Array(32).fill(2),
    key,
    changes:
      status === RecordStatus.current ? [issued] : [issued, { ...issued, status, height: 5n, reason: 'court-order' }],
    validFrom: undefined,
    validUntil: undefined,
    successor: empty,
    predecessor: empty,
    case: new Uint8Array(0),
    holder: new Uint8Array(0),
  }
}

async function makeDocument(parcel: string): Promise<string> {
  const content = { issuer, type, issuedAt: 1_800_000_000, fields: { parcel } }
  return issueCredential(content, {
    signer: official,
    seed: crypto.sha256(encodeUtf8(parcel)).subarray(0, 16),
    hasher: crypto,
  })
}

/** Only what must be there signs: five of seven. */
function minimal(block: LightBlock): LightBlock {
  const names = membersAt(Number(block.header.height))
    .slice(0, 5)
    .map(({ name }) => name)
  return { ...block, commit: commitOf(block.header, block.validatorSet, names, crypto) }
}

export type Fixture = {
  readonly bundle: Bundle
  /** The same with every block. */
  readonly whole: Bundle
  readonly link: string
  readonly root: TrustRoot
  readonly network: Network
  readonly now: Timestamp
  readonly keys: {
    readonly record: Uint8Array
    readonly revoked: Uint8Array
    readonly office: Uint8Array
    readonly service: Uint8Array
  }
  readonly entries: readonly Entry[]
  /** A document whose record is revoked, and one that was never entered. */
  readonly documents: { readonly good: string; readonly revoked: string; readonly unknown: string }
  readonly stateAnswer: (keys: readonly Uint8Array[], entries?: readonly Entry[]) => QueryAnswer
  readonly appHashOf: (entries: readonly Entry[]) => Uint8Array
}

export async function makeFixture(): Promise<Fixture> {
  const documents = {
    good: await makeDocument('12/345'),
    revoked: await makeDocument('66/6'),
    unknown: await makeDocument('99/9'),
  }
  const keyOf = (document: string): Uint8Array =>
    recordKey(crypto, issuer, parseCredential(document, crypto).commitment)
  const keys = {
    record: keyOf(documents.good),
    revoked: keyOf(documents.revoked),
    office: officeKey(crypto, 'land-registry'),
    service: serviceKey(crypto, 'land.title@1'),
  }
  const office = officeEntry.encode({
    names: [{ language: 'en', text: 'Test Land Registry' }],
    parent: '',
    types: [{ type: typeHash(crypto, type), fromHeight: 1n, endedHeight: 0n }],
    createdHeight: 1n,
    endedHeight: 0n,
  })
  const entries: readonly Entry[] = [
    entryOf(keys.record, recordEntry.encode(recordOf(RecordStatus.current))),
    entryOf(keys.revoked, recordEntry.encode(recordOf(RecordStatus.revoked))),
    entryOf(keys.office, office),
    entryOf(keys.service, service),
    ...Array.from({ length: 12 }, (_, index) =>
      entryOf(crypto.sha256(new Uint8Array([index])), encodeUtf8(`other ${index}`)),
    ),
  ]
  const history = crypto.sha256(encodeUtf8('history'))
  const storesOf = (given: readonly Entry[]) => tree.stores({ history, state: tree.rootOf(given) })
  const stateAnswer = (asked: readonly Uint8Array[], given = entries): QueryAnswer => ({
    height: BigInt(heights - 1),
    stores: [storesOf(given).state],
    proofs: asked.map(key => tree.answer(given, key)),
  })
  const chain = createSignedChain(
    { chainId, heights, membersAt, startsAt, appHashAt: () => storesOf(entries).appHash },
    crypto,
  )
  const blocks = chain.blocks.map(minimal)
  const head = blocks.at(-1)!
  const now = addSeconds(head.header.time, 10)
  const root = rootOf()
  const network: Network = {
    chainId,
    checkpoint: await sign(blocks[Number(checkpointHeight) - 1]!, root, now),
    peers: [],
    rpc: [],
  }
  const whole: Bundle = {
    chainId,
    document: documents.good,
    blocks,
    states: [[keys.record, keys.office], [keys.service]].map(asked => ({ keys: asked, answer: stateAnswer(asked) })),
  }
  const link = formatRecordLink({ chainId, key: keys.record, height: 3n, document: documents.good })
  const fixture = {
    bundle: whole,
    link,
    root,
    network,
    now,
    keys,
    entries,
    documents,
    stateAnswer,
    appHashOf: (given: readonly Entry[]) => storesOf(given).appHash,
  }
  // Only the blocks that verification asks for: what nobody reads proves nothing when it is changed.
  const { lightPath: _, ...unhinted } = createBundleProvider(whole)
  const recorder = createRecorder(unhinted)
  const store = createMemoryStore()
  await verifyBy(fixture, documents.good, { provider: recorder.provider, store })
  const kept = await keptBlocks(store, chainId)
  return { ...fixture, whole, bundle: { ...whole, blocks: kept, states: recorder.states() } }
}

function rootOf(): TrustRoot {
  return {
    chainId,
    genesisHash: crypto.sha256(encodeUtf8('genesis')),
    checkpointKeys: { k: 2, keys: ['one', 'two', 'three'].map(name => signerOf(`body ${name}`).key.bytes) },
    witnesses: { k: 0, keys: [] },
    trustLevel: { numerator: 2n, denominator: 3n },
    trustingPeriodSeconds: 86_400,
  }
}

async function sign({ header }: LightBlock, root: TrustRoot, now: Timestamp): Promise<Network['checkpoint']> {
  const value = checkpointOf(header, root, { hasher: crypto, issuedAt: now, expiresAt: addSeconds(now, 3_600) })
  return signCheckpoint(
    value,
    ['one', 'two'].map(name => signerOf(`body ${name}`)),
  )
}

async function verifyBy(
  fixture: Pick<Fixture, 'root' | 'network' | 'now'>,
  input: string,
  { provider, store = createMemoryStore() }: { readonly provider: Provider; readonly store?: Store },
): Promise<Verdict> {
  const { root, network, now } = fixture
  const chain = createChain({
    root,
    checkpoint: network.checkpoint,
    providers: [provider],
    store,
    crypto,
    now: () => now,
  })
  const reader = createReader(chain, { providers: [provider], crypto })
  return verifyRecord(input, { reader, root, crypto, trusted: [], heightSeen: 0n }, { now })
}

/** The verdict on a document when the node answers from this bundle. */
export function verifyAgainst(fixture: Fixture, bundle: Bundle, input = fixture.link): Promise<Verdict> {
  return verifyBy(fixture, input, { provider: createBundleProvider(bundle) })
}

/** The verdict on the bytes of a bundle, by the public client. */
export async function verifyBytes(fixture: Fixture, bytes: Uint8Array): Promise<Verdict> {
  const client = await createClient({ root: fixture.root, network: fixture.network, crypto, now: () => fixture.now })
  return client.verifyRecord(bytes)
}
