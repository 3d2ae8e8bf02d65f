// `muniment checkpoint`: makes, signs and shows the checkpoints from which citizens' light clients begin.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import {
  type Checkpoint,
  type Crypto,
  check,
  checkpoint,
  checkpointSignBytes,
  createNodeProvider,
  decodeUtf8,
  equals,
  formatBase64Url,
  formatHex,
  formatTime,
  genesisFileHash,
  limits,
  loadCrypto,
  parseBase64Url,
  parseJson,
  parseTrustRoot,
  type SignedCheckpoint,
  signedCheckpoint,
  type TrustRoot,
  timeFromMilliseconds,
  verifyCheckpoint,
} from '@muniment/sdk'
import { type CheckpointView, confirmCheckpoint, type Ground, proposeCheckpoint } from '../checkpoint.ts'
import { parseGenesis } from '../engine/genesis.ts'
import { HomeError, systemError } from '../home-error.ts'
import { loadNoteKey } from '../note-key.ts'
import { needed, type OptionValues, options, UsageError } from './arguments.ts'

export const checkpointUsage = `  checkpoint key  --key FILE
         makes a signer's key and prints its public half, for the trust root
  checkpoint make --node URL --root FILE (--genesis FILE | --from FILE) --out FILE [--days 14]
         makes an unsigned checkpoint of the newest head, which it has followed from the genesis file or the checkpoint before
  checkpoint sign FILE --node URL --root FILE --key FILE [--genesis FILE | --from FILE]
         follows the chain to it once more, from the last one that this key signed, and adds its signature to FILE
  checkpoint show FILE [--root FILE]
         says what it names, until when, and who signed it
`

const daysMax = 30

/** Answers the exit code. Throws UsageError, HomeError, and VerifyError for what may not be signed. */
export async function checkpointCommand([verb, ...args]: readonly string[]): Promise<number> {
  const verbs: Readonly<Record<string, (given: readonly string[]) => Promise<void>>> = { key, make, sign, show }
  const run = verb === undefined || !Object.hasOwn(verbs, verb) ? undefined : verbs[verb]
  if (run === undefined) throw new UsageError('muniment checkpoint key | make | sign | show')
  await run(args)
  return 0
}

async function key(args: readonly string[]): Promise<void> {
  const values = options(args, { key: { type: 'string' } })
  const { publicKey } = await loadNoteKey(needed(values, 'key'))
  console.log(formatBase64Url(publicKey))
}

const grounds = {
  node: { type: 'string' },
  root: { type: 'string' },
  genesis: { type: 'string' },
  from: { type: 'string' },
} as const

async function make(args: readonly string[]): Promise<void> {
  const values = options(args, { ...grounds, out: { type: 'string' }, days: { type: 'string' } })
  const out = needed(values, 'out')
  const crypto = await loadCrypto()
  const view = await viewOf(values, { crypto, last: undefined })
  const value = await proposeCheckpoint(view, { days: daysOf(String(values.days ?? '14')) }, crypto)
  save(out, { checkpoint: checkpoint.encode(value), signatures: [] })
  describe(value)
}

async function sign([file, ...args]: readonly string[]): Promise<void> {
  if (file === undefined || file.startsWith('--')) throw new UsageError('Which file? muniment checkpoint sign FILE …')
  const values = options(args, { ...grounds, key: { type: 'string' } })
  const keyFile = needed(values, 'key')
  const signer = await loadNoteKey(keyFile)
  const crypto = await loadCrypto()
  const given = load(file)
  const value = checkpoint.decode(given.checkpoint)
  const stateFile = `${keyFile}.last`
  const last = existsSync(stateFile) ? load(stateFile) : undefined
  // What was signed already may be asked for again, after a crash between state and file.
  const isAgain = last !== undefined && equals(last.checkpoint, given.checkpoint)
  if (!isAgain) await confirmCheckpoint(value, await viewOf(values, { crypto, last }), crypto)
  // On disk before a signature leaves: there are never two for one height.
  save(stateFile, { checkpoint: given.checkpoint, signatures: [] })
  const signature = { key: signer.publicKey, signature: signer.sign(checkpointSignBytes(given.checkpoint)) }
  const others = given.signatures.filter(each => !equals(each.key, signature.key))
  save(file, { ...given, signatures: [...others, signature] })
  describe(value)
  console.log(`signed by ${formatBase64Url(signature.key)}; ${others.length + 1} signatures`)
}

async function show([file, ...args]: readonly string[]): Promise<void> {
  if (file === undefined || file.startsWith('--')) throw new UsageError('Which file? muniment checkpoint show FILE')
  const values = options(args, { root: { type: 'string' } })
  const given = load(file)
  describe(checkpoint.decode(given.checkpoint))
  for (const { key: each } of given.signatures) console.log(`signed by ${formatBase64Url(each)}`)
  if (values.root === undefined) return
  const root = rootOf(values)
  const crypto = await loadCrypto()
  const now = timeFromMilliseconds(Date.now())
  const verified = await verifyCheckpoint({ signed: given, root, now }, crypto)
  if (verified.kind === 'invalid') throw verified.error
  console.log(`enough of the ${root.checkpointKeys.keys.length} named keys have signed it`)
}

function describe(value: Checkpoint): void {
  console.log(`chain ${value.chainId}, block ${value.height}, ${formatHex(value.headerHash)}`)
  console.log(`number ${value.sequence}, from ${formatTime(value.issuedAt)} until ${formatTime(value.expiresAt)}`)
}

type Given = { readonly crypto: Crypto; readonly last: SignedCheckpoint | undefined }

/** What this key signed last is where its trust begins; before the first time it is what the command names. */
async function viewOf(values: OptionValues, { crypto, last }: Given): Promise<CheckpointView> {
  const root = rootOf(values)
  const provider = createNodeProvider(needed(values, 'node'))
  const now = timeFromMilliseconds(Date.now())
  return {
    root,
    provider,
    now,
    ground: last ? { from: checkpoint.decode(last.checkpoint) } : await groundOf(values, root, crypto),
  }
}

async function groundOf(values: OptionValues, root: TrustRoot, crypto: Crypto): Promise<Ground> {
  if (typeof values.from === 'string') {
    const signed = load(values.from)
    const verified = await verifyCheckpoint({ signed, root, now: timeFromMilliseconds(Date.now()) }, crypto)
    if (verified.kind === 'invalid') throw verified.error
    return { from: verified.checkpoint }
  }
  const bytes = read(needed(values, 'genesis'))
  const hash = genesisFileHash(parseJson(decodeUtf8(bytes), limits.genesisMembersMax), crypto)
  check(equals(hash, root.genesisHash), 'wrong-chain', 'the genesis file is not the one of the trust root')
  return { genesis: parseGenesis(bytes) }
}

function rootOf(values: OptionValues): TrustRoot {
  return parseTrustRoot(parseJson(decodeUtf8(read(needed(values, 'root')))))
}

function daysOf(text: string): number {
  const days = Number(text)
  if (!/^\d{1,2}$/.test(text) || days < 1 || days > daysMax)
    throw new UsageError('A checkpoint lasts for 1 to 30 days.')
  return days
}

function load(path: string): SignedCheckpoint {
  return signedCheckpoint.decode(parseBase64Url(decodeUtf8(read(path)).trim()))
}

/** One line of base64url, as network.json has it; in one step, so that a crash leaves the old file or the new one. */
function save(path: string, signed: SignedCheckpoint): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, `${formatBase64Url(signedCheckpoint.encode(signed))}\n`, { flush: true })
    renameSync(temporary, path)
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}

function read(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT')
      throw new HomeError('file-malformed', `There is no file ${path}.`)
    throw systemError(error, path) ?? error
  }
}
