// The one place where the parts are joined: a client of one network, for pages, workers and Node.

import type { Crypto } from './crypto/crypto.ts'
import { loadCrypto } from './crypto/load.ts'
import { assert, VerifyError } from './errors.ts'
import type { JsonObject } from './json.ts'
import { accountEntry } from './ledger/entries.ts'
import { accountKey } from './ledger/keys.ts'
import { verifyCheckpoint } from './light/checkpoint.ts'
import { createLightClient } from './light/client.ts'
import { createReader, type ReadOptions, type TrustedReader, type TrustedState } from './light/reader.ts'
import type { TrustRoot } from './light/trust-root.ts'
import { inclusionPollMs, inclusionTimeoutMs, validForBlocks } from './limits.ts'
import type { Network } from './network.ts'
import type { Provider, SubmitAnswer } from './provider.ts'
import { kindOf, type TrustedParty, type Verdict } from './record/verdict.ts'
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
  /** Checks a link, a document or a file. Tries the network's nodes one after the other until one can prove an answer. */
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

  async function readerOf(provider: Provider): Promise<TrustedReader> {
    const light = createLightClient({ root, checkpoint: network.checkpoint, providers: [provider], store, crypto, now })
    return createReader(light, provider, crypto)
  }

  const read = (keys: readonly Uint8Array[], call: ReadOptions = {}): Promise<TrustedState> =>
    sources.first(async provider => (await readerOf(provider)).read(keys, call), call)

  return {
    root,
    crypto,
    now,
    read,
    async verifyRecord(input, call = {}) {
      const trusted = await trustedBefore(options, crypto, now())
      let last: Verdict | undefined
      const ask = async (provider: Provider): Promise<Verdict> => {
        const source = { reader: await readerOf(provider), root, crypto, trusted }
        last = await verifyRecord(input, source, { ...call, now: now() })
        // A node that could not prove anything says nothing about the record: the next one may.
        if (last.asOf === undefined && kindOf(last.code) === 'unknown' && retryCodes.has(last.code))
          throw new VerifyError('unavailable', last.evidence)
        return last
      }
      try {
        return await sources.first(ask, call)
      } catch (error) {
        if (!(error instanceof VerifyError)) throw error
        return (
          last ?? verifyRecord(input, { reader: unreachable(error), root, crypto, trusted }, { ...call, now: now() })
        )
      }
    },
    async prepare(request, call) {
      const sender = request.signers[0]
      assert(sender, 'a transaction has a signer')
      const { values, header } = await read([accountKey(crypto, sender.account)], call)
      const nonce = values[0] ? nextNonce(accountEntry.decode(values[0])) : 1n
      return encodeTransactionBody(bodyOf(request, { nonce, chainId: root.chainId, height: header.height }))
    },
    sign: (body, signers) => signBody(body, { signers, root, crypto }),
    submit: (transaction, call = {}) =>
      sources.first(provider => provider.submit(transaction, call.signal ? { signal: call.signal } : {}), call),
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

const retryCodes: ReadonlySet<string> = new Set(['offline', 'no-peers'])

type Sources = {
  readonly first: <T>(ask: (provider: Provider) => Promise<T>, call: CallOptions) => Promise<T>
  readonly close: () => Promise<void>
}

/** The network's nodes in the order of asking: WebRTC first, then RPC. Connections are made when needed and kept. */
function createSources({ network, peers }: ClientOptions): Sources {
  let dialer: Promise<Dialer> | undefined
  const connected = new Map<string, Promise<Provider>>()

  function connect(address: string, call: CallOptions): Promise<Provider> {
    const known = connected.get(address)
    if (known) return known
    const made = network.rpc.includes(address) ? Promise.resolve(createRpcProvider(address)) : dial(address, call)
    connected.set(address, made)
    made.catch(() => connected.delete(address))
    return made
  }

  async function dial(address: string, { signal }: CallOptions): Promise<Provider> {
    dialer ??= peers!()
    return (await dialer).connect(address, signal ? { signal } : {})
  }

  return {
    async first(ask, call) {
      let last = new VerifyError('unavailable', 'the network names no node')
      for (const address of [...(peers ? network.peers : []), ...network.rpc]) {
        call.signal?.throwIfAborted()
        try {
          return await ask(await connect(address, call))
        } catch (error) {
          if (!(error instanceof VerifyError)) throw error
          // A broken connection is made anew at the next question.
          if (error.code === 'unavailable') connected.delete(address)
          last = error
        }
      }
      throw last
    },
    async close() {
      const providers = await Promise.allSettled(connected.values())
      await Promise.allSettled(providers.map(each => (each.status === 'fulfilled' ? each.value.close() : undefined)))
      await (await dialer)?.close()
    },
  }
}

function unreachable(error: VerifyError): TrustedReader {
  return {
    read: async () => {
      throw error
    },
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
