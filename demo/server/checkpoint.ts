// The example's trust root, and the checkpoint that two of its three example bodies sign at the start.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  addSeconds,
  type Crypto,
  chainKey,
  checkpoint,
  concat,
  createRpcProvider,
  encodeUtf8,
  equals,
  existenceRoot,
  formatBase64Url,
  genesisFileHash,
  type Header,
  headerHash,
  type Json,
  merkleRoot,
  parseBase64Url,
  parseHeader,
  parseJson,
  type SignedCheckpoint,
  signCheckpoint,
  signedCheckpoint,
  type TrustRoot,
  timeFromMilliseconds,
  VerifyError,
  verifyCheckpoint,
} from '@muniment/sdk'
import { type Country, chainId, checkpointThreshold } from './country.ts'
import type { DemoHome } from './home.ts'

const trustingPeriodSeconds = 14 * 86_400

/** What the pages are built with. One witness is asked for and none exists yet, so a verdict says `single-operator`. */
export function trustRootOf({ country, node }: DemoHome, crypto: Crypto): TrustRoot {
  const genesis = parseJson(readFileSync(join(node, 'config', 'genesis.json'), 'utf8'))
  return {
    chainId,
    genesisHash: genesisFileHash(genesis, crypto),
    checkpointKeys: { k: checkpointThreshold, keys: country.checkpointSigners.map(({ key }) => key.bytes) },
    witnesses: { k: 0, keys: [] },
    trustLevel: { numerator: 2n, denominator: 3n },
    trustingPeriodSeconds,
  }
}

/** The kept checkpoint while it is good for another week, else a new one for the node's newest block. */
export async function openCheckpoint(home: DemoHome, rpc: string, crypto: Crypto): Promise<SignedCheckpoint> {
  const root = trustRootOf(home, crypto)
  const file = join(home.folder, 'checkpoint.txt')
  const now = timeFromMilliseconds(Date.now())
  let sequence = 1n
  if (existsSync(file)) {
    const kept = signedCheckpoint.decode(parseBase64Url(readFileSync(file, 'utf8').trim()))
    sequence = checkpoint.decode(kept.checkpoint).sequence + 1n
    const inAWeek = addSeconds(now, trustingPeriodSeconds / 2)
    const good = await verifyCheckpoint({ signed: kept, root, now: inAWeek }, crypto)
    if (good.kind === 'verified' && equals(good.checkpoint.genesisHash, root.genesisHash)) return kept
  }
  const signed = await makeCheckpoint({ root, country: home.country, rpc, sequence }, crypto)
  writeFileSync(file, `${formatBase64Url(signedCheckpoint.encode(signed))}\n`)
  return signed
}

async function makeCheckpoint(
  given: { readonly root: TrustRoot; readonly country: Country; readonly rpc: string; readonly sequence: bigint },
  crypto: Crypto,
): Promise<SignedCheckpoint> {
  const { root } = given
  const { header } = await createRpcProvider(given.rpc).lightBlock('latest')
  const now = timeFromMilliseconds(Date.now())
  const value = {
    genesisHash: root.genesisHash,
    chainId,
    height: header.height,
    headerHash: headerHash(header, crypto),
    nextValidatorsHash: header.nextValidatorsHash,
    historySize: header.height,
    historyRoot: await historyRootUnder(header, given, crypto),
    sequence: given.sequence,
    issuedAt: now,
    expiresAt: addSeconds(now, trustingPeriodSeconds),
    compromisedKeys: [],
  }
  return signCheckpoint(value, given.country.checkpointSigners.slice(0, checkpointThreshold))
}

/**
 * The root of the history log that a header commits to, from every block before it: each links to the one before, and the
 * root is the one under the header's app hash. So a signer vouches only for a history that he has seen.
 */
async function historyRootUnder(
  header: Header,
  { root, rpc }: { readonly root: TrustRoot; readonly rpc: string },
  crypto: Crypto,
): Promise<Uint8Array> {
  const leaves = [root.genesisHash]
  for (let from = 1n; from < header.height; from += metasPerCall) {
    const to = from + metasPerCall <= header.height ? from + metasPerCall - 1n : header.height - 1n
    for (const each of await readHeaders(rpc, from, to)) {
      const previous = leaves.at(-1)!
      const links = each.height === 1n || equals(each.lastBlockId.hash, previous)
      if (each.height !== BigInt(leaves.length) || !links)
        throw new VerifyError('wrong-hash', 'the blocks of the chain do not link')
      leaves.push(headerHash(each, crypto))
    }
  }
  if (header.height > 1n && !equals(header.lastBlockId.hash, leaves.at(-1)!))
    throw new VerifyError('wrong-hash', 'the head does not link')
  const historyRoot = merkleRoot(leaves, crypto)
  const answer = await createRpcProvider(rpc).query([{ store: 'state', key: chainKey(crypto) }], header.height - 1n)
  const store = answer.stores[0]!
  const [step] = store.path
  const committed = existenceRoot(
    { ...store, path: [{ ...step!, prefix: concat(new Uint8Array([1]), storeLeaf(historyRoot, crypto)) }] },
    crypto,
  )
  if (!equals(committed, header.appHash)) throw new VerifyError('wrong-root', 'the chain commits to another history')
  return historyRoot
}

/** CometBFT's `blockchain` gives twenty block metas a call, newest first. */
const metasPerCall = 20n

async function readHeaders(rpc: string, from: bigint, to: bigint): Promise<readonly Header[]> {
  const response = await fetch(`${rpc}/blockchain?minHeight=${from}&maxHeight=${to}`)
  const { result } = (await response.json()) as {
    readonly result: { readonly block_metas: readonly { readonly header: Json }[] }
  }
  return result.block_metas.map(meta => parseHeader(meta.header)).reverse()
}

/** The leaf of the store `history` (ics23.TendermintSpec): name and hashed root, each behind its length. */
function storeLeaf(historyRoot: Uint8Array, crypto: Crypto): Uint8Array {
  const name = encodeUtf8('history')
  return crypto.sha256(concat(new Uint8Array([0, name.length]), name, new Uint8Array([32]), crypto.sha256(historyRoot)))
}
