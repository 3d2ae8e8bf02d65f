// What a proof bundle says by itself: the whole check with nobody to ask, and nothing in it that could ask.

import type { Crypto } from '../crypto/crypto.ts'
import { check, VerifyError } from '../errors.ts'
import { createChain } from '../light/chain.ts'
import { type SignedCheckpoint, verifyCheckpoint } from '../light/checkpoint.ts'
import { createReader, type TrustedReader } from '../light/reader.ts'
import type { TrustRoot } from '../light/trust-root.ts'
import type { Provider } from '../provider.ts'
import { createMemoryStore } from '../storage/memory.ts'
import type { Store } from '../store.ts'
import type { Timestamp } from '../time.ts'
import { type Bundle, createBundleProvider, decodeBundle, isBundle } from './bundle.ts'
import type { TrustedParty, Verdict } from './verdict.ts'
import { unreadable, type VerifyRecordOptions, verifyRecord } from './verify.ts'

/** Where trust begins: compiled in, and the checkpoint signed under it. */
export type Beginning = {
  readonly root: TrustRoot
  readonly checkpoint: SignedCheckpoint
  readonly crypto: Crypto
}

/** Whom an answer trusts before any record is looked at: who served the page, and who signed the checkpoint. */
export async function trustedBefore(
  { root, checkpoint, crypto }: Beginning,
  { page, now }: { readonly page: string | undefined; readonly now: Timestamp },
): Promise<readonly TrustedParty[]> {
  const parties: TrustedParty[] = page === undefined ? [] : [{ role: 'page', origin: page }]
  const verified = await verifyCheckpoint({ signed: checkpoint, root, now }, crypto)
  if (verified.kind === 'verified') {
    const { k, keys } = root.checkpointKeys
    parties.push({ role: 'checkpoint', k, n: keys.length, height: verified.checkpoint.height })
  }
  return parties
}

type Fresh = { readonly providers: readonly Provider[]; readonly store?: Store; readonly now: () => Timestamp }

/** A reader that knows nothing but the checkpoint: light client and store of its own. */
export function freshReader(
  beginning: Beginning,
  { providers, store = createMemoryStore(), now }: Fresh,
): TrustedReader {
  const { crypto } = beginning
  return createReader(createChain({ ...beginning, providers, store, now }), { providers, crypto })
}

/** Stands where there is no file to answer from either: what needs the ledger can't be checked. */
const nobody: Provider = createBundleProvider({ chainId: '', document: '', blocks: [], states: [] })

/**
 * A bundle, or a document that comes without any proof. Never throws for what is in it. Where a bundle's head lies below the
 * checkpoint, and can't be followed from it, the answer is `old-signatures` (security rule 12). `heightSeen` is the newest height that this client has trusted.
 */
export async function verifyFile(
  file: Uint8Array,
  given: Beginning & { readonly trusted: readonly TrustedParty[]; readonly heightSeen: bigint },
  options: VerifyRecordOptions,
): Promise<Verdict> {
  const { root, crypto, trusted, heightSeen } = given
  const checkFrom = (input: string | Uint8Array, provider: Provider): Promise<Verdict> => {
    const reader = freshReader(given, { providers: [provider], now: () => options.now })
    return verifyRecord(input, { reader, root, crypto, trusted, heightSeen }, options)
  }
  if (!isBundle(file)) return checkFrom(file, nobody)
  try {
    const bundle = decodeBundle(file)
    check(bundle.chainId === root.chainId, 'wrong-chain', 'the bundle belongs to another network')
    const verdict = await checkFrom(bundle.document, createBundleProvider(bundle))
    return isOld(bundle, trusted) && verdict.asOf === undefined ? oldSignatures(verdict) : verdict
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error
    return unreadable(error, trusted)
  }
}

/** Whether a bundle's head stands below the checkpoint from which trust begins now. */
function isOld({ blocks }: Bundle, trusted: readonly TrustedParty[]): boolean {
  const root = trusted.find(party => party.role === 'checkpoint')
  return root !== undefined && blocks.at(-1)!.header.height < root.height
}

/** Keys may have been stolen since, and what was signed then can be signed anew. */
function oldSignatures(verdict: Verdict): Verdict {
  const evidence =
    'The proof is older than the checkpoint that is trusted now; a node can say what became of the record.'
  return { ...verdict, kind: 'unknown', code: 'old-signatures', evidence }
}
