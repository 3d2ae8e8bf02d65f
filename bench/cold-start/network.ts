// A network that is a month old, as a device meets it that has slept all that time: 86,400 blocks of 30 s since its checkpoint,
// a log of them, witnesses that cosigned the newest head, and a record; behind a real node's two doors. Blocks are signed when
// they are asked for, and of the log's leaves only the newest is a block's hash: nobody asks for another one.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalProvider, type LocalProviderOptions } from '../../node/src/local-provider.ts'
import { createListener } from '../../node/src/net/listener.ts'
import { type RpcOptions, startRpc } from '../../node/src/rpc/server.ts'
import { headerHash } from '../../sdk/src/comet/header.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import type { QueryAnswer } from '../../sdk/src/ics23/state.ts'
import { signCheckpoint } from '../../sdk/src/light/checkpoint.ts'
import { historyOrigin } from '../../sdk/src/light/note.ts'
import { formatTrustRoot, type TrustRoot } from '../../sdk/src/light/trust-root.ts'
import { trustingPeriodSecondsMax } from '../../sdk/src/limits.ts'
import { merkleLeafHash } from '../../sdk/src/merkle/root.ts'
import { formatNetwork, type Network } from '../../sdk/src/network.ts'
import type { Provider } from '../../sdk/src/provider.ts'
import { addSeconds, type Timestamp, timeFromMilliseconds } from '../../sdk/src/time.ts'
import { cosignedHead, rootOf } from '../../test/history-chain.ts'
import { crypto, type Fixture, makeFixture } from '../../test/mutation/fixture.ts'
import { publicKeyOf } from '../../test/signed-chain.ts'
import { checkpointOf } from '../../test/signed-checkpoint.ts'
import { signerOf } from '../../test/signer.ts'
import { createSmallTree } from '../../test/small-tree.ts'
import { createLazyChain, type LazyChain } from '../light/chain.ts'

const secondsPerBlock = 30
const checkpointHeight = 100
/** Thirty days less an hour: at thirty days nothing that the checkpoint names is trusted any more. */
const ageSeconds = trustingPeriodSecondsMax - 3_600
const newestHeight = checkpointHeight + ageSeconds / secondsPerBlock
const headAgeSeconds = 5

export type OldNetworkPlan = {
  /** All of the same power. */
  readonly validators: number
  /** How many of them are others than they were at the checkpoint. */
  readonly replaced: number
  /** Whether witnesses cosign the newest head; without, it is each node's word which is the newest. */
  readonly witnessed: boolean
}

/** What a page is given, as JSON. */
export type Given = { readonly root: object; readonly network: object; readonly link: string }

export type OldNetwork = {
  readonly given: Given
  /** The node's doors. */
  readonly address: string
  readonly rpc: string
  readonly close: () => Promise<void>
}

/** Its head is a few seconds old, and fresh for five minutes. */
export async function startOldNetwork(plan: OldNetworkPlan): Promise<OldNetwork> {
  const fixture = await makeFixture()
  const now = timeFromMilliseconds(Date.now())
  const { chain, provider } = storyOf(plan, fixture, now)
  const home = mkdtempSync(join(tmpdir(), 'muniment-old-'))
  const files = { keyFile: join(home, 'peer-key'), certificateFile: join(home, 'certificate.json') }
  const listener = await createListener({ provider, host: '127.0.0.1', port: 0, directPort: 0, ...files })
  // Nothing is asked here by CometBFT's RPC, which alone would need an engine and a ledger.
  const options = { provider, host: '127.0.0.1', port: 0, corsOrigins: ['*'] } as unknown as RpcOptions
  const rpc = await startRpc(options)
  const root = trustRootOf(plan, fixture)
  const network: Network = {
    chainId: chain.chainId,
    checkpoint: await newCheckpoint(chain, root, now),
    peers: [],
    rpc: [],
  }
  return {
    given: { root: formatTrustRoot(root), network: formatNetwork(network), link: fixture.link },
    address: listener.addresses()[0]!,
    rpc: rpc.url,
    async close() {
      await rpc.close()
      await listener.close()
      rmSync(home, { recursive: true })
    },
  }
}

const witnesses = ['court', 'university', 'archive'] as const

function trustRootOf({ witnessed }: OldNetworkPlan, { root }: Fixture): TrustRoot {
  const keys = witnesses.map(name => ({ name, key: publicKeyOf(name, crypto) }))
  return {
    ...root,
    witnesses: witnessed ? { k: 2, keys } : { k: 0, keys: [] },
    trustingPeriodSeconds: trustingPeriodSecondsMax,
  }
}

/** The blocks, and the node that has them all. */
function storyOf(
  { validators, replaced, witnessed }: OldNetworkPlan,
  fixture: Fixture,
  now: Timestamp,
): { readonly chain: LazyChain; readonly provider: Provider } {
  const { chainId, genesisHash } = fixture.root
  const tree = createSmallTree(crypto)
  const leaf = (bytes: Uint8Array): Uint8Array => merkleLeafHash(bytes, crypto)
  const leaves = [genesisHash, ...Array.from({ length: newestHeight - 1 }, (_, i) => numbered(i + 1))].map(leaf)
  const stores = tree.stores({ history: rootOf(leaves, crypto), state: tree.rootOf(fixture.entries) })
  const chain = createLazyChain({
    validators,
    rotateEvery: replaced === 0 ? 0 : Math.ceil(newestHeight / (replaced + 1)),
    salt: 'cold start',
    chainId,
    startsAt: addSeconds(now, -newestHeight * secondsPerBlock - headAgeSeconds),
    secondsPerBlock,
    appHashAt: () => stores.appHash,
  })
  const head = chain.lightBlock(newestHeight)
  const log = {
    origin: historyOrigin({ chainId, genesisHash }),
    hashes: [...leaves, leaf(headerHash(head.header, crypto))],
  }
  const cosigned = cosignedHead(head, { ...log, witnesses: ['court', 'university'] }, crypto)
  const blockAt = (height: bigint): LightBlock | undefined =>
    height === head.header.height ? head : height < head.header.height ? chain.lightBlock(Number(height)) : undefined
  const parts = {
    engine: { chain: { lightBlock: blockAt }, newest: () => head.header },
    application: {
      state: (keys: readonly Uint8Array[]): QueryAnswer => ({
        height: head.header.height - 1n,
        stores: [stores.state],
        // The tree compares keys as text, which of the Buffers that come by HTTP is another.
        proofs: keys.map(key => tree.answer(fixture.entries, new Uint8Array(key))),
      }),
      history: () => ({ store: stores.history, inclusion: [], consistency: [] }),
    },
    witnessedHead: () => (witnessed ? cosigned : undefined),
  }
  return { chain, provider: createLocalProvider(parts as unknown as LocalProviderOptions) }
}

/** Stands for the hash of a block that nobody asks for. */
function numbered(height: number): Uint8Array {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, height)
  return bytes
}

async function newCheckpoint(chain: LazyChain, root: TrustRoot, now: Timestamp): Promise<Network['checkpoint']> {
  const { header } = chain.lightBlock(checkpointHeight)
  const expiresAt = addSeconds(now, trustingPeriodSecondsMax)
  const value = checkpointOf(header, root, { hasher: crypto, expiresAt })
  return signCheckpoint(
    value,
    ['one', 'two'].map(name => signerOf(`body ${name}`)),
  )
}
