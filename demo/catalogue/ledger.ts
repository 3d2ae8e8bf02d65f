/// <reference types="vite/client" />

// A ledger that is made up, for what the elements show when they sign, and a real proof for what they show of a document. Loaded by the
// states that need one.

import {
  type Client,
  createClient,
  decodeBundle,
  encodeArgs,
  encodeCanonicalJson,
  encodeTransactionBody,
  equals,
  type JsonObject,
  parseJson,
  parseNetwork,
  parseTrustRoot,
  serviceKey,
  type TrustedState,
  type Verdict,
} from '@muniment/sdk'
import plan from '../playground/network.json?raw'
import proof from '../playground/valid.muniment?url'

const height = 1_234n
const serviceName = 'citizen.declaration@1'
const { root, network, madeAt } = parseJson(plan) as JsonObject
const declare = { by: ['citizen'], do: 'records.issue' }
const service = encodeCanonicalJson({
  service: serviceName,
  title: { en: 'Declaration', ar: 'إقرار' },
  type: 'urn:example:declaration',
  freshness: 300,
  roles: { citizen: { anyone: true } },
  fields: [
    { name: 'subject', show: 'committed', label: { en: 'Subject', ar: 'الموضوع' } },
    { name: 'statement', show: 'committed', label: { en: 'Statement', ar: 'النص' } },
  ],
  transitions: {
    declare: { label: { en: 'Make a declaration', ar: 'تقديم إقرار' }, ...declare },
    declareTogether: { label: { en: 'Make a declaration together', ar: 'تقديم إقرار مشترك' }, ...declare, persons: 2 },
  },
})

/** Asks nobody; its clock stands at the day of the proof. */
export async function emptyClient(chainId?: string): Promise<Client> {
  const trustRoot = parseTrustRoot(root!)
  const given = { ...trustRoot, ...(chainId === undefined ? {} : { chainId }) }
  const now = { seconds: BigInt(String(madeAt)) + 2n, nanos: 0 }
  return createClient({ root: given, network: parseNetwork(network!), now })
}

type Answers = {
  /** What the check of the new record comes to. */
  readonly verdict: Verdict
  /** The ledger's code for the transaction; 0: taken. */
  readonly code?: number
  /** The record is never proven. */
  readonly isWaiting?: boolean
  /** Keys are kept by network: a page that has none is one of another network. */
  readonly chainId?: string
}

/** Knows one service and no account, and takes whatever is handed in. */
export async function ledgerClient({ verdict, code = 0, isWaiting = false, chainId }: Answers): Promise<Client> {
  const client = await emptyClient(chainId)
  const stateOf = (keys: readonly Uint8Array[]): TrustedState => {
    const known = serviceKey(client.crypto, serviceName)
    const state: Pick<TrustedState, 'values'> & { readonly header: { readonly height: bigint } } = {
      values: keys.map(key => (equals(key, known) ? service : undefined)),
      header: { height },
    }
    return state as TrustedState
  }
  return {
    ...client,
    read: async keys => stateOf(keys),
    prepare: async ({ service: name, transition, args, signers }) =>
      encodeTransactionBody({
        chainId: client.root.chainId,
        service: name,
        transition,
        args: encodeArgs(args),
        nonce: 1n,
        validUntil: height + 100n,
        ifState: new Uint8Array(0),
        sponsor: new Uint8Array(0),
        signers: signers.map(({ account, role }, place) => ({
          account,
          role,
          mandate: new Uint8Array(0),
          nonce: place === 0 ? 0n : 20n,
        })),
      }),
    expectedTime: async () => ({ seconds: client.now().seconds + 3_000n, nanos: 0 }),
    submit: async () => ({ code, log: code === 0 ? '' : 'made up' }),
    waitFor: key => (isWaiting ? new Promise(() => undefined) : Promise.resolve(stateOf([key]))),
    verifyRecord: async () => verdict,
  }
}

/** A document, and a client that has its proof. */
export async function provenDocument(): Promise<{ readonly client: Client; readonly document: string }> {
  const bytes = new Uint8Array(await (await fetch(proof)).arrayBuffer())
  const client = await emptyClient()
  const { document } = decodeBundle(bytes)
  return { document, client: { ...client, verifyRecord: (_, options) => client.verifyRecord(bytes, options) } }
}
