// A page that does what it is told by p2p.spec.ts: the SDK as any page has it, and peers that last as long as the page.

import {
  createBundleProvider,
  createClient,
  decodeBundle,
  type Json,
  type Network,
  type Provider,
  parseNetwork,
  parseTrustRoot,
  type Verdict,
  VerifyError,
} from '@muniment/sdk'
import { type Answer, createPeers, type Offer } from '@muniment/sdk/p2p'

/** What p2p-node.ts prints. */
export type Given = { readonly root: object; readonly network: object; readonly link: string }

const peers = await createPeers()
let offered: Offer | undefined
let answered: Answer | undefined

/** The outcome, or the code and sentence of the error. */
async function told<T>(outcome: Promise<T>): Promise<T | { readonly code: string; readonly message: string }> {
  return outcome.catch(error => {
    if (!(error instanceof VerifyError)) throw error
    return { code: error.code, message: error.message }
  })
}

async function verifyOver({ root, network, link }: Given, connect: () => Promise<Provider>): Promise<Verdict> {
  const alone: Network = { ...parseNetwork(network as Json), peers: ['/the-one'], rpc: [] }
  const dialer = async () => ({ connect, close: async () => undefined })
  const client = await createClient({ root: parseTrustRoot(root as Json), network: alone, peers: dialer })
  return client.verifyRecord(link)
}

type Seen = Pick<Verdict, 'kind' | 'code' | 'sources'>

async function seen(verdict: Promise<Verdict>): Promise<Seen> {
  const { kind, code, sources } = await verdict
  return { kind, code, sources }
}

const page = {
  id: peers.id,
  /** Milliseconds to a connected node, or why there is none. */
  dial: async (address: string) => {
    const began = performance.now()
    const outcome = await told(peers.connect(address))
    if ('code' in outcome) return outcome
    await outcome.close()
    return Math.round(performance.now() - began)
  },
  dialAndStay: async (address: string) => (await peers.connect(address)).label,
  verifyAt: (given: Given, address: string) => seen(verifyOver(given, () => peers.connect(address))),
  /** Answers other pages from the proof of one record, as the node at the address proved it. */
  async serveProof({ root, network, link }: Given, address: string): Promise<void> {
    const alone = { ...parseNetwork(network as Json), peers: [address], rpc: [] }
    const client = await createClient({ root: parseTrustRoot(root as Json), network: alone, peers: createPeers })
    await peers.serve(createBundleProvider(decodeBundle(await client.bundle(link))))
    await client.close()
    // Stays connected, to be introduced.
    await peers.connect(address)
  },
  offer: async () => {
    offered = await peers.offer()
    return offered.blob
  },
  answer: async (blob: string) => {
    const outcome = await told(peers.answer(blob))
    if ('code' in outcome) return outcome
    answered = outcome
    return outcome.blob
  },
  accept: async (blob: string) => {
    const began = performance.now()
    const outcome = await told(offered!.accept(blob))
    if ('code' in outcome) return outcome
    neighbour = outcome
    return Math.round(performance.now() - began)
  },
  connected: async () => {
    neighbour = await answered!.connected
    return neighbour.label
  },
  async meetIntroduced(id: string): Promise<number> {
    const began = performance.now()
    for (;;) {
      const found = (await peers.neighbours()).find(each => each.id === id)
      if (found) neighbour = await found.connect()
      if (found) return Math.round(performance.now() - began)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  },
  verifyAtNeighbour: (given: Given) => seen(verifyOver(given, async () => neighbour!)),
}
let neighbour: Provider | undefined

declare global {
  interface Window {
    peersPage: typeof page
  }
}

window.peersPage = page
