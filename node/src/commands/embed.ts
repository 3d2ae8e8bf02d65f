// `muniment embed`: a folder that any web server can serve, with the elements for one network.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkpoint,
  isObject,
  type Json,
  loadCrypto,
  type Network,
  parseNetwork,
  parseTrustRoot,
  type TrustRoot,
  timeFromMilliseconds,
  VerifyError,
  verifyCheckpoint,
} from '@muniment/sdk'
import { makeKit, type Release } from '../embed/kit.ts'
import { HomeError, systemError } from '../home-error.ts'
import { needed, options, UsageError } from './arguments.ts'
import { readJsonFile } from './files.ts'

export const embedUsage = `  embed  --out DIR [--root trust-root.json] [--network network.json] [--verify-page PATH]
         writes what a web server needs so that its pages check and sign: scripts with the trust root in them, and an example
`

const ownPackage = new URL('../../', import.meta.url)

/** Answers the exit code. Throws UsageError and HomeError. */
export async function embed(args: readonly string[]): Promise<number> {
  const values = options(args, {
    out: { type: 'string' },
    root: { type: 'string', default: 'trust-root.json' },
    network: { type: 'string', default: 'network.json' },
    'verify-page': { type: 'string', default: './example.html' },
  })
  const out = needed(values, 'out')
  const root = readJsonFile(needed(values, 'root'), parseTrustRoot)
  const network = readJsonFile(needed(values, 'network'), parseNetwork)
  await checkNetwork(network, root)
  const kit = makeKit(readRelease(), { root, network, verifyPage: needed(values, 'verify-page') })
  write(out, kit)
  console.log(`${kit.size} files for ${root.chainId} are in ${out}; its README.md says what to paste.`)
  return 0
}

/** A file that every page would refuse is refused here already. */
async function checkNetwork(network: Network, root: TrustRoot): Promise<void> {
  if (network.chainId !== root.chainId) {
    throw new UsageError(`The network’s file is of ${network.chainId}, and the trust root of ${root.chainId}.`)
  }
  // By the time at which it was signed, so that an old kit can be made again to the letter.
  const { issuedAt, expiresAt } = checkpoint.decode(network.checkpoint.checkpoint)
  const crypto = await loadCrypto()
  const checked = await verifyCheckpoint({ signed: network.checkpoint, root, now: issuedAt }, crypto)
  crypto.close()
  if (checked.kind === 'invalid') {
    throw new HomeError(
      'file-malformed',
      `The checkpoint in the network’s file can’t be used: ${checked.error.message}.`,
    )
  }
  const isOver = expiresAt.seconds <= timeFromMilliseconds(Date.now()).seconds
  if (isOver)
    console.error('Take care: the checkpoint in the network’s file has run out; pages will not begin with it.')
  const ownPaths = network.rpc.filter(address => address.startsWith('/'))
  if (ownPaths.length > 0) {
    console.error(`Take care: ${ownPaths.join(', ')} is asked of whatever server the pages stand on.`)
  }
}

function readRelease(): Release {
  const folder = new URL('dist/kit/', ownPackage)
  const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
  if (!existsSync(new URL('start.js', folder))) {
    throw new UsageError('The elements of this release are not built yet: npm run build.')
  }
  const {
    parts,
    soon,
    files: imports,
  } = JSON.parse(read('parts.json')) as {
    readonly parts: Release['parts']
    readonly soon: Release['soon']
    readonly files: Release['imports']
  }
  const filledIn = ['start.js', 'parts.json', 'single.js', 'single.licenses.md', 'offline.js']
  const names = readdirSync(folder).filter(name => !filledIn.includes(name))
  const files = new Map(names.map(name => [name, new Uint8Array(readFileSync(new URL(name, folder)))]))
  const { version } = JSON.parse(readFileSync(new URL('package.json', ownPackage), 'utf8')) as {
    readonly version: string
  }
  const single = { script: read('single.js'), licenses: read('single.licenses.md') }
  return { version, start: read('start.js'), offline: read('offline.js'), single, parts, soon, imports, files }
}

/** Into a new or empty folder, or in place of an earlier kit, whose own files go away. Throws UsageError and HomeError. */
function write(out: string, kit: ReadonlyMap<string, Uint8Array>): void {
  try {
    mkdirSync(out, { recursive: true })
    const there = readdirSync(out)
    const sri = join(out, 'sri.json')
    if (there.length > 0 && !there.includes('sri.json')) {
      throw new UsageError(`The folder ${out} holds something else; name a new one.`)
    }
    if (there.includes('sri.json')) for (const name of namesIn(sri)) rmSync(join(out, name), { force: true })
    for (const [name, bytes] of kit) writeFileSync(join(out, name), bytes)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw systemError(error, out) ?? error
  }
}

/** Names of an earlier kit's files; nothing that leads out of its folder. */
function namesIn(sri: string): readonly string[] {
  return readJsonFile(sri, (json: Json) => {
    const files = isObject(json) ? json.files : undefined
    if (files === undefined || !isObject(files)) throw new VerifyError('malformed', 'it lists no files')
    return Object.keys(files).filter(name => /^[\w-][\w.-]*$/.test(name))
  })
}
