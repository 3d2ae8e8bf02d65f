// A chain that this page makes, and its verification by three ways of checking signatures. All else is the same code.

import {
  addSeconds,
  BlockIdFlag,
  blockProtocol,
  type Commit,
  type Crypto,
  commitHash,
  type Hasher,
  type Header,
  headerHash,
  type LightBlock,
  loadCrypto,
  noBlockId,
  noCommit,
  type SignedMessage,
  sortedValidatorSet,
  type ValidatorSet,
  validatorAddress,
  validatorsHash,
  verifyAdjacent,
  verifyNamed,
  voteSignBytes,
} from '@muniment/sdk'
import { ed25519 } from '@noble/curves/ed25519.js'

const chainId = 'playground-1'
const validators = 4
const secondsPerBlock = 5
/** Headers that are verified at once; between two runs the page draws. */
const headersPerRun = 50
/** How long one thing may keep the page from drawing. */
const sliceMs = 25
const now = { seconds: 1_800_000_000n, nanos: 0 }

export type RaceWay = 'ours' | 'webcrypto' | 'noble'
export type RaceTime = { readonly way: RaceWay; readonly name: string; readonly milliseconds: number | undefined }

export type RaceOptions = {
  readonly headers: number
  readonly signal: AbortSignal
  readonly onStep: (step: 'making' | RaceWay, share: number) => void
}

/** In the order of the ways; a way that this browser does not have has no time. Rejects with the signal's reason. */
export async function race({ headers, signal, onStep }: RaceOptions): Promise<readonly RaceTime[]> {
  const ours = await loadCrypto()
  try {
    const blocks = await makeChain(headers + 1, ours, share => {
      signal.throwIfAborted()
      onStep('making', share)
    })
    const ways: readonly (readonly [RaceWay, string, Crypto | undefined])[] = [
      ['ours', ours.name === 'wasm' ? 'Muniment’s Wasm' : 'Muniment without Wasm', ours],
      ['webcrypto', 'WebCrypto of this browser', await webCryptoOf(ours)],
      ['noble', 'noble-curves, JavaScript', { ...ours, verifyEd25519: byNoble }],
    ]
    const times: RaceTime[] = []
    for (const [way, name, crypto] of ways) {
      const progress = (share: number): void => onStep(way, share)
      times.push({ way, name, milliseconds: crypto && (await timeOf(blocks, { crypto, signal, progress })) })
    }
    return times
  } finally {
    ours.close()
  }
}

type Run = { readonly crypto: Crypto; readonly signal: AbortSignal; readonly progress: (share: number) => void }

/** Of a whole verification; a short one before warms the engine up, and drawing in between does not count. */
async function timeOf(blocks: readonly LightBlock[], run: Run): Promise<number> {
  await verifyChain(blocks.slice(0, headersPerRun), { ...run, progress: () => undefined })
  return verifyChain(blocks, run)
}

async function verifyChain(blocks: readonly LightBlock[], { crypto, signal, progress }: Run): Promise<number> {
  const [first, ...rest] = blocks
  const headerHash = first!.commit.blockId.hash
  const named = await verifyNamed({ chainId, untrusted: first!, headerHash }, crypto)
  if (named.kind !== 'verified') throw named.error
  const rules = { now, trustingPeriodNs: 10n ** 18n, maxClockDriftNs: 0n, crypto }
  let milliseconds = 0
  let { block: trusted } = named
  for (let at = 0; at < rest.length; at += headersPerRun) {
    await drawn()
    signal.throwIfAborted()
    const began = performance.now()
    const answer = await verifyAdjacent(trusted, rest.slice(at, at + headersPerRun), rules)
    milliseconds += performance.now() - began
    if (answer.kind !== 'verified') throw answer.error
    trusted = answer.blocks.at(-1)!.block
    progress(Math.min(1, (at + headersPerRun) / rest.length))
  }
  return milliseconds
}

async function makeChain(
  heights: number,
  hasher: Hasher,
  onProgress: (share: number) => void,
): Promise<readonly LightBlock[]> {
  const secrets = new Map<string, Uint8Array>()
  const keys = Array.from({ length: validators }, () => {
    const secret = crypto.getRandomValues(new Uint8Array(32))
    const publicKey = { type: 'ed25519', bytes: ed25519.getPublicKey(secret) } as const
    secrets.set(String(publicKey.bytes), secret)
    return { address: validatorAddress(publicKey, hasher), publicKey, votingPower: 10n, proposerPriority: 0n }
  })
  const set = sortedValidatorSet(keys)
  const blocks: LightBlock[] = []
  let lastCommit = noCommit
  let drawnAt = performance.now()
  for (let height = 1; height <= heights; height++) {
    const header = headerOf(height, { set, lastCommit, hasher })
    lastCommit = signedBy(header, { set, secrets, hasher })
    blocks.push({ header, commit: lastCommit, validatorSet: set })
    if (performance.now() - drawnAt < sliceMs) continue
    await drawn()
    onProgress(height / heights)
    drawnAt = performance.now()
  }
  return blocks
}

function headerOf(
  height: number,
  { set, lastCommit, hasher }: { readonly set: ValidatorSet; readonly lastCommit: Commit; readonly hasher: Hasher },
): Header {
  const setHash = validatorsHash(set, hasher)
  const nothing = hasher.sha256()
  return {
    version: { block: blockProtocol, app: 1n },
    chainId,
    height: BigInt(height),
    time: addSeconds(now, height * secondsPerBlock - 1_000_000),
    lastBlockId: height === 1 ? noBlockId : lastCommit.blockId,
    lastCommitHash: commitHash(lastCommit, hasher),
    dataHash: nothing,
    validatorsHash: setHash,
    nextValidatorsHash: setHash,
    consensusHash: hasher.sha256(new Uint8Array([1])),
    appHash: hasher.sha256(new TextEncoder().encode(`state ${height}`)),
    lastResultsHash: nothing,
    evidenceHash: nothing,
    proposerAddress: set.validators[height % validators]!.address,
  }
}

function signedBy(
  header: Header,
  given: { readonly set: ValidatorSet; readonly secrets: ReadonlyMap<string, Uint8Array>; readonly hasher: Hasher },
): Commit {
  const { set, secrets, hasher } = given
  const hash = headerHash(header, hasher)
  const blockId = { hash, partSetHeader: { total: 1, hash: hasher.sha256(hash) } }
  const signatures = set.validators.map(({ address, publicKey }, place) => {
    const timestamp = { ...addSeconds(header.time, 1), nanos: place + 1 }
    const message = voteSignBytes({ chainId, height: header.height, round: 0, blockId, timestamp })
    const signature = ed25519.sign(message, secrets.get(String(publicKey.bytes))!)
    return { blockIdFlag: BlockIdFlag.commit, validatorAddress: address, timestamp, signature }
  })
  return { height: header.height, round: 0, blockId, signatures }
}

/** Undefined where the browser has no Ed25519 of its own. Keys are read once, as whoever writes this by hand would do. */
async function webCryptoOf(hasher: Crypto): Promise<Crypto | undefined> {
  const keys = new Map<string, Promise<CryptoKey>>()
  const keyOf = (bytes: Uint8Array): Promise<CryptoKey> => {
    const name = String(bytes)
    const key = keys.get(name) ?? crypto.subtle.importKey('raw', Uint8Array.from(bytes), 'Ed25519', false, ['verify'])
    keys.set(name, key)
    return key
  }
  const has = await keyOf(ed25519.getPublicKey(new Uint8Array(32))).catch(() => undefined)
  if (has === undefined) return undefined
  const verify = async ({ publicKey, message, signature }: SignedMessage): Promise<boolean> =>
    crypto.subtle.verify('Ed25519', await keyOf(publicKey), Uint8Array.from(signature), Uint8Array.from(message))
  return { ...hasher, verifyEd25519: async items => badOf(await Promise.all(items.map(verify))) }
}

async function byNoble(items: readonly SignedMessage[]): Promise<readonly number[]> {
  const good: boolean[] = []
  for (const { publicKey, message, signature } of items) good.push(ed25519.verify(signature, message, publicKey))
  return badOf(good)
}

function badOf(good: readonly boolean[]): readonly number[] {
  return good.flatMap((isGood, place) => (isGood ? [] : [place]))
}

/** Other work of the page comes first. */
function drawn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve))
}
