// Checkpoints as their signers see them (security rule 10): who proposes one has followed the chain to it, and who signs one
// has done so too, from the last one that he signed or from the genesis file.

import {
  addSeconds,
  type Checkpoint,
  type Crypto,
  check,
  compareTime,
  equals,
  formatHex,
  headerHash,
  LightClient,
  limits,
  type Provider,
  type Timestamp,
  type TrustedBlock,
  type TrustRoot,
  validatorsHash,
  verifyHistory,
} from '@muniment/sdk'
import type { Genesis } from './engine/genesis.ts'

/** Where trust begins: the checkpoint before, which its signers or this one signed, or the genesis file. */
export type Ground = { readonly from: Checkpoint } | { readonly genesis: Genesis }

export type CheckpointView = {
  readonly root: TrustRoot
  /** A node of the chain, which is not believed. */
  readonly provider: Provider
  readonly ground: Ground
  readonly now: Timestamp
}

/** A head older than that is not what a checkpoint should begin from. */
const headAgeSecondsMax = 86_400
/** With the keys of a genesis file the whole chain is followed, whatever its age. */
const genesisPeriodNs = 100n * 365n * 86_400n * 1_000_000_000n

/** A checkpoint of the newest head, unsigned. Throws VerifyError where the node can't prove it. */
export async function proposeCheckpoint(
  view: CheckpointView,
  { days }: { readonly days: number },
  crypto: Crypto,
): Promise<Checkpoint> {
  const { root, ground, now } = view
  const { block } = await (await followerOf(view, crypto)).verifyAtHeight('latest')
  const { header } = block
  return {
    genesisHash: root.genesisHash,
    chainId: root.chainId,
    height: header.height,
    headerHash: headerHash(header, crypto),
    nextValidatorsHash: header.nextValidatorsHash,
    historySize: header.height,
    historyRoot: await historyRootUnder(block, view, crypto),
    sequence: 'from' in ground ? ground.from.sequence + 1n : 1n,
    issuedAt: now,
    expiresAt: addSeconds(now, days * 86_400),
    compromisedKeys: 'from' in ground ? ground.from.compromisedKeys : [],
  }
}

/** Throws VerifyError unless all that the checkpoint says is what this signer has seen himself. */
export async function confirmCheckpoint(value: Checkpoint, view: CheckpointView, crypto: Crypto): Promise<void> {
  const { root, ground, now } = view
  const sameChain = value.chainId === root.chainId && equals(value.genesisHash, root.genesisHash)
  check(sameChain, 'wrong-chain', 'the checkpoint is of another chain')
  checkTimes(value, now)
  if ('from' in ground) checkSuccession(value, ground.from)
  const { block } = await (await followerOf(view, crypto)).verifyAtHeight(value.height)
  const { header } = block
  check(equals(headerHash(header, crypto), value.headerHash), 'checkpoint-invalid', 'the chain has another block there')
  const sameNext = equals(header.nextValidatorsHash, value.nextValidatorsHash)
  check(sameNext, 'checkpoint-invalid', 'the validators that follow are others')
  const isRecent = compareTime(addSeconds(header.time, headAgeSecondsMax), now) > 0
  check(isRecent, 'checkpoint-invalid', 'the block is more than a day old')
  check(value.historySize === value.height, 'checkpoint-invalid', 'the log has another size')
  const historyRoot = await historyRootUnder(block, view, crypto)
  check(equals(historyRoot, value.historyRoot), 'checkpoint-invalid', 'the chain commits to another history')
}

function checkTimes({ issuedAt, expiresAt }: Checkpoint, now: Timestamp): void {
  const isNow = compareTime(issuedAt, addSeconds(now, 3_600)) < 0 && compareTime(now, addSeconds(issuedAt, 86_400)) < 0
  check(isNow, 'checkpoint-invalid', 'the checkpoint was not made today')
  const latest = addSeconds(issuedAt, limits.trustingPeriodSecondsMax)
  const lasts = compareTime(expiresAt, now) > 0 && compareTime(expiresAt, latest) <= 0
  check(lasts, 'checkpoint-invalid', 'a checkpoint lasts for thirty days at most')
}

/** Two of one height, or one that goes down, are never signed. */
function checkSuccession(value: Checkpoint, before: Checkpoint): void {
  check(value.sequence > before.sequence, 'checkpoint-invalid', 'its number does not rise', {
    expected: `> ${before.sequence}`,
    actual: value.sequence,
  })
  check(value.height > before.height, 'checkpoint-invalid', 'its height does not rise', {
    expected: `> ${before.height}`,
    actual: value.height,
  })
  const kept = before.compromisedKeys.every(key => value.compromisedKeys.some(each => equals(each, key)))
  check(kept, 'checkpoint-invalid', 'a key that was compromised is compromised for ever')
}

async function followerOf({ root, provider, ground, now }: CheckpointView, crypto: Crypto): Promise<LightClient> {
  const from = 'from' in ground ? ground.from : undefined
  return new LightClient({
    chainId: root.chainId,
    trustRoot: from
      ? { height: from.height, hash: from.headerHash }
      : await firstBlock((ground as { genesis: Genesis }).genesis, provider, crypto),
    trustingPeriodNs: from ? BigInt(root.trustingPeriodSeconds) * 1_000_000_000n : genesisPeriodNs,
    trustLevel: root.trustLevel,
    compromisedKeys: from?.compromisedKeys ?? [],
    primary: provider,
    now,
    crypto,
  })
}

/** The first block is whichever one the validators of the genesis file have signed. */
async function firstBlock(
  genesis: Genesis,
  provider: Provider,
  crypto: Crypto,
): Promise<{ readonly height: bigint; readonly hash: Uint8Array }> {
  const { header } = await provider.lightBlock(1n)
  const expected = validatorsHash(genesis.validators, crypto)
  check(
    equals(header.validatorsHash, expected),
    'wrong-chain',
    'the first block is not of the genesis file’s validators',
    {
      expected: formatHex(expected),
      actual: formatHex(header.validatorsHash),
    },
  )
  return { height: 1n, hash: headerHash(header, crypto) }
}

/** The log under the block; it continues the one of the checkpoint before. */
async function historyRootUnder(
  { header }: TrustedBlock,
  { provider, ground }: CheckpointView,
  crypto: Crypto,
): Promise<Uint8Array> {
  const before = 'from' in ground ? ground.from : undefined
  const old = before && { size: before.historySize, root: before.historyRoot }
  const answer = await provider.history({ height: header.height, oldSize: old?.size })
  const verified = verifyHistory({ header, answer, old }, crypto)
  if (verified.kind !== 'verified') throw verified.error
  return verified.head.root
}
