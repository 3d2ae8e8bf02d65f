// The one place where the parts are joined: a client of one network, for pages, workers and Node.

import type { Crypto } from './crypto/crypto.ts'
import { loadCrypto } from './crypto/load.ts'
import { assert, VerifyError } from './errors.ts'
import type { JsonObject } from './json.ts'
import { accountEntry } from './ledger/entries.ts'
import { accountKey } from './ledger/keys.ts'
import { verifyCheckpoint } from './light/checkpoint.ts'
import { createLightClient } from './light/client.ts'
import { createReader, type ReadOptions, type TrustedState } from './light/reader.ts'
import type { TrustRoot } from './light/trust-root.ts'
import { inclusionPollMs, inclusionTimeoutMs, validForBlocks } from './limits.ts'
import type { Network } from './network.ts'
import type { Provider, SubmitAnswer } from './provider.ts'
import type { TrustedParty, Verdict } from './record/verdict.ts'
import { type RecordInput, type VerifyRecordOptions, verifyRecord } from './record/verify.ts'
import { createRpcProvider } from './rpc/provider.ts'
import { createMemoryStore } from './storage/memory.ts'
import type { Store } from './store.ts'
import { type Timestamp, timeFromMilliseconds } from './time.ts'
import type { Signer } from './tx/signer.ts'
import {
  encodeArgs,
  encodeTransaction,
  encodeTransactionBody,
  SignatureScheme,
  signBytes,
  type TransactionBody,
} from './tx/transaction.ts'

/** What `@muniment/sdk/p2p` makes; handed in, so that nobody loads libp2p who doesn't use it. */
export type Dialer = {
  readonly connect: (address: string, options?: { readonly signal?: AbortSignal }) => Promise<Provider>
  readonly close: () => Promise<void>
}

export type ClientOptions = {
  /** Compiled into the release, never fetched. */
  readonly root: TrustRoot
  readonly network: Network
  readonly crypto?: Crypto
  /** IndexedDB in pages; memory where none is given. */
  readonly store?: Store
  /** Makes the WebRTC host when the first peer is dialled. Without it only RPC is used. */
  readonly peers?: () => Promise<Dialer>
  /** The origin that served the page, for the list of whom a verdict trusts. */
  readonly page?: string
  readonly now?: () => Timestamp
}

export type CallOptions = { readonly signal?: AbortSignal | undefined }

export type Client = {
  readonly root: TrustRoot
  readonly crypto: Crypto
  readonly now: () => Timestamp
  /** Checks a link, a document or a file. Asks the network's nodes until one can prove an answer. */
  readonly verifyRecord: (input: RecordInput, options?: Omit<VerifyRecordOptions, 'now'>) => Promise<Verdict>
  /** Proven values of the state. Throws VerifyError of the last node asked where none could prove them. */
  readonly read: (keys: readonly Uint8Array[], options?: CallOptions) => Promise<TrustedState>
  /** The body of a transaction with the first signer's next nonce: what everyone is then shown, and signs. */
  readonly prepare: (request: PrepareRequest, options?: CallOptions) => Promise<Uint8Array>
  /** Signs a body, one signer a place in its list. */
  readonly sign: (body: Uint8Array, signers: readonly Signer[]) => Promise<Uint8Array>
  /** Hands a transaction to the first node that takes it. Its answer is a hint: wait for the proof. */
  readonly submit: (transaction: Uint8Array, options?: CallOptions) => Promise<SubmitAnswer>
  /** Reads a key until it is proven to be there. Rejects with VerifyError `unavailable` after a minute. */
  readonly waitFor: (key: Uint8Array, options?: CallOptions) => Promise<TrustedState>
  readonly close: () => Promise<void>
}

export type PrepareRequest = {
  readonly service: string
  readonly transition: string
  readonly args: JsonObject
  /** The first is the sender. */
  readonly signers: readonly {
    /** 32 bytes; accountId of the first key. */
    readonly account: Uint8Array
    readonly role: string
    readonly mandate?: Uint8Array
  }[]
}

export async function createClient(options: ClientOptions): Promise<Client> {
  const { root, network } = options
  const crypto = options.crypto ?? (await loadCrypto())
  const now = options.now ?? (() => timeFromMilliseconds(Date.now()))
  const store = options.store ?? createMemoryStore()
  const sources = createSources(options)

  const light = createLightClient({
    root,
    checkpoint: network.checkpoint,
    providers: sources.providers,
    store,
    crypto,
    now,
  })
  const reader = createReader(light, { providers: sources.providers, crypto })
  const read = (keys: readonly Uint8Array[], call?: ReadOptions): Promise<TrustedState> => reader.read(keys, call)

  return {
    root,
    crypto,
    now,
    read,
    async verifyRecord(input, call = {}) {
      const trusted = await trustedBefore(options, crypto, now())
      return verifyRecord(input, { reader, root, crypto, trusted }, { ...call, now: now() })
    },
    async prepare(request, call) {
      const sender = request.signers[0]
      assert(sender, 'a transaction has a signer')
      const { values, header } = await read([accountKey(crypto, sender.account)], call)
      const nonce = values[0] ? nextNonce(accountEntry.decode(values[0])) : 1n
      return encodeTransactionBody(bodyOf(request, { nonce, chainId: root.chainId, height: header.height }))
    },
    sign: (body, signers) => signBody(body, { signers, root, crypto }),
    async submit(transaction, { signal } = {}) {
      let last = new VerifyError('unavailable', 'the network names no node')
      for (const provider of sources.providers) {
        try {
          return await provider.submit(transaction, signal ? { signal } : {})
        } catch (error) {
          if (!(error instanceof VerifyError)) throw error
          last = error
        }
      }
      throw last
    },
    async waitFor(key, call = {}) {
      const until = Date.now() + inclusionTimeoutMs
      for (;;) {
        const state = await read([key], call)
        if (state.values[0]) return state
        if (Date.now() > until) throw new VerifyError('unavailable', 'the record was not proven in time')
        await pause(inclusionPollMs, call.signal)
      }
    },
    async close() {
      await sources.close()
      await store.close()
    },
  }
}

/** One question answered and everything closed again: the call for scripts. */
export async function verifyOnce(
  input: RecordInput,
  options: ClientOptions & Omit<VerifyRecordOptions, 'now'>,
): Promise<Verdict> {
  const client = await createClient(options)
  try {
    return await client.verifyRecord(input, options)
  } finally {
    await client.close()
  }
}

type Sources = { readonly providers: readonly Provider[]; readonly close: () => Promise<void> }

/** The network's nodes in the order of asking, WebRTC first. A peer is dialled when it is first asked. */
function createSources({ network, peers }: ClientOptions): Sources {
  let dialer: Promise<Dialer> | undefined
  const dialled = peers
    ? network.peers.map(address =>
        createLazyProvider(address, async options => {
          dialer ??= peers()
          return (await dialer).connect(address, options)
        }),
      )
    : []
  const providers = [...dialled, ...network.rpc.map(url => createRpcProvider(url))]
  return {
    providers,
    async close() {
      await Promise.allSettled(providers.map(provider => provider.close()))
      await (await dialer)?.close()
    },
  }
}

/** A WebRTC peer that is dialled at the first question, and again after its connection broke. */
function createLazyProvider(
  label: string,
  connect: (options?: { readonly signal?: AbortSignal }) => Promise<Provider>,
): Provider {
  let connection: Promise<Provider> | undefined

  async function ask<T>(
    question: (provider: Provider) => Promise<T>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T> {
    connection ??= connect(options)
    try {
      return await question(await connection)
    } catch (error) {
      if (!(error instanceof VerifyError) || error.code === 'unavailable') connection = undefined
      throw error
    }
  }

  return {
    kind: 'webrtc',
    label,
    status: options => ask(provider => provider.status(options), options),
    lightBlocks: (range, options) => ask(provider => provider.lightBlocks(range, options), options),
    state: (query, options) => ask(provider => provider.state(query, options), options),
    submit: (transaction, options) => ask(provider => provider.submit(transaction, options), options),
    close: async () => (await connection?.catch(() => undefined))?.close(),
  }
}

async function trustedBefore(
  { root, network, page }: ClientOptions,
  crypto: Crypto,
  now: Timestamp,
): Promise<readonly TrustedParty[]> {
  const parties: TrustedParty[] = page === undefined ? [] : [{ role: 'page', origin: page }]
  const verified = await verifyCheckpoint({ signed: network.checkpoint, root, now }, crypto)
  if (verified.kind === 'verified') {
    const { k, keys } = root.checkpointKeys
    parties.push({ role: 'checkpoint', k, n: keys.length, height: verified.checkpoint.height })
  }
  return parties
}

function bodyOf(
  request: PrepareRequest,
  given: { readonly nonce: bigint; readonly chainId: string; readonly height: bigint },
): TransactionBody {
  const nothing = new Uint8Array(0)
  return {
    chainId: given.chainId,
    service: request.service,
    transition: request.transition,
    args: encodeArgs(request.args),
    nonce: given.nonce,
    validUntil: given.height + BigInt(validForBlocks),
    ifState: nothing,
    sponsor: nothing,
    signers: request.signers.map(({ account, role, mandate = nothing }) => ({ account, role, mandate })),
  }
}

async function signBody(
  body: Uint8Array,
  given: { readonly signers: readonly Signer[]; readonly root: TrustRoot; readonly crypto: Crypto },
): Promise<Uint8Array> {
  const nothing = new Uint8Array(0)
  const signatures = await Promise.all(
    given.signers.map(async (signer, place) => ({
      scheme: SignatureScheme.plain,
      key: signer.key,
      signature: await signer.sign(signBytes(given.crypto, given.root.genesisHash, { body, signer: place })),
      authenticatorData: nothing,
      clientData: nothing,
    })),
  )
  return encodeTransaction({ body, signatures })
}

/** The lowest nonce that the account has not used. */
function nextNonce({ nonceFloor, nonceBits }: { readonly nonceFloor: bigint; readonly nonceBits: bigint }): bigint {
  let nonce = nonceFloor + 1n
  for (let bits = nonceBits; (bits & 1n) === 1n; bits >>= 1n) nonce += 1n
  return nonce
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}
