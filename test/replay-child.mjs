// Works a chain out anew in a process of its own: `node replay-child.mjs FOLDER-OF-MODULES QUESTION.json`, where the folder is node/src
// (with --conditions=source) or node/dist. Says in one line of JSON what came out, and in which surroundings.

import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { formatHex, loadCrypto, parseNetwork, parseTrustRoot, timeFromMilliseconds } from '@muniment/sdk'

const [modules, question] = process.argv.slice(2)
const ending = modules.endsWith('src') ? 'ts' : 'js'
const { replayChain } = await import(`${pathToFileURL(modules)}/audit/replay.${ending}`)
const { root, network, node, nowMs } = JSON.parse(readFileSync(question, 'utf8'))
const crypto = await loadCrypto({ forceFallback: process.env.WITHOUT_WASM === 'yes' })
const outcome = await replayChain({
  ...{ root: parseTrustRoot(root), node, crypto },
  checkpoint: parseNetwork(network).checkpoint,
  now: () => timeFromMilliseconds(nowMs),
})
const surroundings = {
  ...{ version: process.version, crypto: crypto.name, hour: new Date(Date.UTC(2026, 6, 1)).getHours() },
  ...{ locale: new Intl.NumberFormat().resolvedOptions().locale },
}
const appHash = outcome.kind === 'follows' ? formatHex(outcome.head.header.appHash) : outcome.sentence
console.log(JSON.stringify({ ...surroundings, appHash, transactions: String(outcome.transactions) }))
process.exit(0)
