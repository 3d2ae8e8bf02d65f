// `muniment witness`: follows a ledger for an organisation of its own, and cosigns its heads.

import {
  formatBase64Url,
  isNoteKeyName,
  loadCrypto,
  type NoteKey,
  parseNetwork,
  parseNoteKey,
  parseTrustRoot,
  VerifyError,
} from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import { witnessesMax } from '../limits.ts'
import { startWitness } from '../witness/witness.ts'
import { addresses, needed, type OptionValues, options, port, UsageError } from './arguments.ts'
import { readJsonFile } from './files.ts'

export const witnessUsage = `  witness --home DIR --node URL[,URL]... --root trust-root.json [--network network.json] [--log-key KEY]...
         [--name NAME] [--host 127.0.0.1] [--port 4010]
         cosigns heads that it has verified, for nodes that run with --witness; shows what it knows at /status
         begins at the genesis, or at the checkpoint in network.json where the chain is older than its trusting period
`

/** Runs until it is stopped. Throws UsageError and HomeError. */
export async function witness(args: readonly string[], onFailure: (error: unknown) => void): Promise<void> {
  const values = options(args, {
    home: { type: 'string' },
    node: { type: 'string', multiple: true },
    root: { type: 'string' },
    network: { type: 'string' },
    'log-key': { type: 'string', multiple: true },
    name: { type: 'string' },
    host: { type: 'string' },
    port: { type: 'string' },
  })
  const nodes = addresses(values.node)
  if (nodes.length === 0) throw new UsageError('--node is missing.')
  if (nodes.length > witnessesMax) throw new UsageError('That are too many nodes.')
  const { network } = values
  const running = await startWitness({
    home: needed(values, 'home'),
    root: readJsonFile(needed(values, 'root'), parseTrustRoot),
    nodes,
    checkpoint: network === undefined ? undefined : readJsonFile(String(network), parseNetwork).checkpoint,
    logKeys: logKeysOf(values),
    name: nameOf(values),
    host: String(values.host ?? '127.0.0.1'),
    port: port(values.port ?? '4010'),
    crypto: await loadCrypto(),
    onWarning: sentence => console.error(sentence),
    onFailure,
  })
  // Before anything is printed: who reads a line may stop it at once.
  const stop = (): void => {
    running.stop().then(() => process.exit(0), onFailure)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  console.log(`Key: ${running.verifierKey}`)
  console.log(`Key for a trust root: ${formatBase64Url(running.publicKey)}`)
  console.log(`Witness: ${running.url}`)
}

function logKeysOf(values: OptionValues): readonly NoteKey[] {
  return ((values['log-key'] as readonly string[] | undefined) ?? []).map(text => {
    try {
      return parseNoteKey(text, nodeHasher)
    } catch (error) {
      if (error instanceof VerifyError) throw new UsageError(`${text} is no key of a log: ${error.message}.`)
      throw error
    }
  })
}

function nameOf({ name }: OptionValues): string | undefined {
  if (name === undefined) return undefined
  if (!isNoteKeyName(String(name))) throw new UsageError(`${name} is no name of a key: it has a space or a plus.`)
  return String(name)
}
