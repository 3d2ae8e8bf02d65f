// The example's trust root, and the checkpoint that two of its three example bodies sign at the start.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  addSeconds,
  type Crypto,
  checkpoint,
  checkpointSignBytes,
  createRpcProvider,
  equals,
  formatBase64Url,
  genesisFileHash,
  headerHash,
  parseBase64Url,
  parseJson,
  type SignedCheckpoint,
  signedCheckpoint,
  type TrustRoot,
  timeFromMilliseconds,
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
  const signed = await signCheckpoint({ root, country: home.country, rpc, sequence }, crypto)
  writeFileSync(file, `${formatBase64Url(signedCheckpoint.encode(signed))}\n`)
  return signed
}

async function signCheckpoint(
  given: { readonly root: TrustRoot; readonly country: Country; readonly rpc: string; readonly sequence: bigint },
  crypto: Crypto,
): Promise<SignedCheckpoint> {
  const { root } = given
  const [block] = await createRpcProvider(given.rpc).lightBlocks('latest')
  const { header } = block!
  const now = timeFromMilliseconds(Date.now())
  const encoded = checkpoint.encode({
    genesisHash: root.genesisHash,
    chainId,
    height: header.height,
    headerHash: headerHash(header, crypto),
    nextValidatorsHash: header.nextValidatorsHash,
    historySize: header.height,
    historyRoot: new Uint8Array(32),
    sequence: given.sequence,
    issuedAt: now,
    expiresAt: addSeconds(now, trustingPeriodSeconds),
    compromisedKeys: [],
  })
  const signers = given.country.checkpointSigners.slice(0, checkpointThreshold)
  const signatures = await Promise.all(
    signers.map(async ({ key, sign }) => ({ key: key.bytes, signature: await sign(checkpointSignBytes(encoded)) })),
  )
  return { checkpoint: encoded, signatures }
}
