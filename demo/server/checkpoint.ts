// The example's trust root, and the checkpoint that two of its three example bodies sign at the start.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ground, parseGenesis, proposeCheckpoint } from '@muniment/node'
import {
  addSeconds,
  type Crypto,
  checkpoint,
  createNodeProvider,
  equals,
  formatBase64Url,
  genesisFileHash,
  limits,
  parseBase64Url,
  parseJson,
  type SignedCheckpoint,
  signCheckpoint,
  signedCheckpoint,
  type TrustRoot,
  timeFromMilliseconds,
  verifyCheckpoint,
} from '@muniment/sdk'
import { chainId, checkpointThreshold } from './country.ts'
import type { DemoHome } from './home.ts'

const trustingPeriodDays = 14

/** What the pages are built with, but for the witnesses, whose keys are their own. */
export function trustRootOf({ country, node }: DemoHome, crypto: Crypto): TrustRoot {
  const genesis = parseJson(readFileSync(join(node, 'config', 'genesis.json'), 'utf8'), limits.genesisMembersMax)
  return {
    chainId,
    genesisHash: genesisFileHash(genesis, crypto),
    checkpointKeys: { k: checkpointThreshold, keys: country.checkpointSigners.map(({ key }) => key.bytes) },
    witnesses: { k: 0, keys: [] },
    trustLevel: { numerator: 2n, denominator: 3n },
    trustingPeriodSeconds: trustingPeriodDays * 86_400,
  }
}

/** The kept checkpoint while it is good for another week, else a new one for the node's newest block. */
export async function openCheckpoint(home: DemoHome, rpc: string, crypto: Crypto): Promise<SignedCheckpoint> {
  const root = trustRootOf(home, crypto)
  const file = join(home.folder, 'checkpoint.txt')
  const now = timeFromMilliseconds(Date.now())
  const kept = existsSync(file) ? signedCheckpoint.decode(parseBase64Url(readFileSync(file, 'utf8').trim())) : undefined
  if (kept !== undefined) {
    const inAWeek = addSeconds(now, (trustingPeriodDays / 2) * 86_400)
    const good = await verifyCheckpoint({ signed: kept, root, now: inAWeek }, crypto)
    if (good.kind === 'verified' && equals(good.checkpoint.genesisHash, root.genesisHash)) return kept
  }
  // Whatever was kept, an example begins anew from the keys of its genesis file; only the numbers go on.
  const ground: Ground = { genesis: parseGenesis(readFileSync(join(home.node, 'config', 'genesis.json'))) }
  const view = { root, provider: createNodeProvider(rpc), ground, now }
  const proposed = await proposeCheckpoint(view, { days: trustingPeriodDays }, crypto)
  const sequence = kept === undefined ? 1n : checkpoint.decode(kept.checkpoint).sequence + 1n
  const signers = home.country.checkpointSigners.slice(0, checkpointThreshold)
  const signed = await signCheckpoint({ ...proposed, sequence }, signers)
  writeFileSync(file, `${formatBase64Url(signedCheckpoint.encode(signed))}\n`)
  return signed
}
