// A whole example network for tests: a real node in this process, reached over WebRTC and RPC only, and its officials.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { initHome, type NodeConfig, readCatalogue, startNode } from '@muniment/node'
import {
  accountId,
  addSeconds,
  type Client,
  createClient,
  createRpcProvider,
  formatBase64Url,
  formatIssuer,
  formatRecordLink,
  genesisFileHash,
  headerHash,
  issueCredential,
  type JsonObject,
  limits,
  loadCrypto,
  mandateId,
  type Network,
  parseCredential,
  parseJson,
  recordKey,
  signCheckpoint,
  type TrustRoot,
  timeFromMilliseconds,
} from '@muniment/sdk'
import { createPeers } from '@muniment/sdk/p2p'
import { signerOf } from './signer.ts'

const crypto = await loadCrypto()
const chainId = 'test-net'

export type TestNetwork = {
  readonly root: TrustRoot
  readonly network: Network
  readonly rpc: string
  /** A new client with an empty store. */
  readonly client: (given?: {
    readonly over?: 'webrtc' | 'rpc'
    readonly network?: Partial<Network>
    readonly root?: Partial<TrustRoot>
  }) => Promise<Client>
  /** Acts by transactions of both registrars; resolves when the ledger has taken it. */
  readonly act: (transition: string, args: JsonObject) => Promise<void>
  /** Issues a land title and answers its link, proven. */
  readonly issueTitle: (
    fields: JsonObject,
    replaces?: string,
  ) => Promise<{ readonly link: string; readonly commitment: string; readonly key: Uint8Array }>
  /** A checkpoint at the newest block. */
  readonly newCheckpoint: () => Promise<Network['checkpoint']>
  readonly stopNode: () => Promise<void>
  readonly close: () => Promise<void>
}

/** `options`: of the node, such as who may ask it from a page. */
export async function startTestNetwork(options: Partial<NodeConfig> = {}): Promise<TestNetwork> {
  const home = mkdtempSync(join(tmpdir(), 'muniment-test-'))
  const registrars = ['registrar 1', 'registrar 2'].map(signerOf)
  await initHome(home, { chainId, appState: appStateOf(), now: Date.now() })
  const node = await startNode(
    { home, host: '127.0.0.1', rpcPort: 0, p2pPort: 0, corsOrigins: [], ...options },
    error => {
      throw error
    },
  )
  const root = rootOf(home)
  const network: Network = {
    chainId,
    checkpoint: await signTestCheckpoint(root, node.rpc),
    peers: node.addresses,
    rpc: [node.rpc],
  }
  const clients: Client[] = []

  const client: TestNetwork['client'] = async (given = {}) => {
    const reached =
      given.over === 'webrtc' ? { ...network, rpc: [] } : given.over === 'rpc' ? { ...network, peers: [] } : network
    const made = await createClient({
      root: { ...root, ...given.root },
      network: { ...reached, ...given.network },
      crypto,
      peers: createPeers,
    })
    clients.push(made)
    return made
  }
  const office = await client({ over: 'rpc' })
  const issuer = formatIssuer({ kind: 'office', chainId, office: 'land-registry' })

  async function act(transition: string, args: JsonObject): Promise<void> {
    const signers = registrars.map(({ key }) => {
      const account = accountId(crypto, key)
      return { account, role: 'registrar', mandate: mandateId(crypto, 'land-registry', account, root.genesisHash) }
    })
    const body = await office.prepare({ service: 'land.title@1', transition, args, signers })
    const { code, log } = await office.submit(await office.sign(body, registrars))
    if (code !== 0) throw new Error(`the ledger refused ${transition}: ${log}`)
  }

  return {
    root,
    network,
    rpc: node.rpc,
    client,
    act,
    async issueTitle(fields, replaces) {
      const content = { issuer, type: 'urn:example:land-title', issuedAt: Math.floor(Date.now() / 1000), fields }
      const seed = globalThis.crypto.getRandomValues(new Uint8Array(16))
      const document = await issueCredential(content, { signer: registrars[0]!, seed, hasher: crypto })
      const bytes = parseCredential(document, crypto).commitment
      const commitment = formatBase64Url(bytes)
      await act(
        replaces === undefined ? 'enter' : 'transfer',
        replaces === undefined ? { commitment } : { commitment, replaces },
      )
      const key = recordKey(crypto, issuer, bytes)
      const { header } = await office.waitFor(key)
      return { link: formatRecordLink({ chainId, key, height: header.height, document }), commitment, key }
    },
    newCheckpoint: () => signTestCheckpoint(root, node.rpc),
    stopNode: node.stop,
    async close() {
      await Promise.all(clients.map(each => each.close()))
      await node.stop()
      rmSync(home, { recursive: true })
    },
  }
}

function appStateOf(): JsonObject {
  return {
    offices: [
      { office: 'cabinet', names: { en: 'Test Cabinet' }, types: ['urn:example:released-file'] },
      { office: 'land-registry', names: { en: 'Test Land Registry' }, types: ['urn:example:land-title'] },
    ],
    mandates: [
      { office: 'land-registry', post: 'registrar', names: ['registrar 1', 'registrar 2'] },
      { office: 'cabinet', post: 'founder', names: ['founder 1', 'founder 2'] },
    ].flatMap(({ office, post, names }) =>
      names.map(name => ({ office, post, algorithm: 1, key: formatBase64Url(signerOf(name).key.bytes) })),
    ),
    services: [...readCatalogue(fileURLToPath(new URL('../services', import.meta.url)))],
  }
}

const bodies = ['body 1', 'body 2', 'body 3'].map(signerOf)

function rootOf(home: string): TrustRoot {
  const genesis = parseJson(readFileSync(join(home, 'config', 'genesis.json'), 'utf8'), limits.genesisMembersMax)
  return {
    chainId,
    genesisHash: genesisFileHash(genesis, crypto),
    checkpointKeys: { k: 2, keys: bodies.map(({ key }) => key.bytes) },
    witnesses: { k: 0, keys: [] },
    trustLevel: { numerator: 2n, denominator: 3n },
    trustingPeriodSeconds: 86_400,
  }
}

async function signTestCheckpoint(root: TrustRoot, rpc: string): Promise<Network['checkpoint']> {
  const { header } = await createRpcProvider(rpc).lightBlock('latest')
  const now = timeFromMilliseconds(Date.now())
  const value = {
    genesisHash: root.genesisHash,
    chainId: root.chainId,
    height: header.height,
    headerHash: headerHash(header, crypto),
    nextValidatorsHash: header.nextValidatorsHash,
    historySize: header.height,
    historyRoot: new Uint8Array(32),
    sequence: 1n,
    issuedAt: now,
    expiresAt: addSeconds(now, 86_400),
    compromisedKeys: [],
  }
  return signCheckpoint(value, bodies.slice(0, 2))
}
