// A witness in a process of its own, which kills itself: `node kill-witness.ts FOLDER NODE BATCH` dies in the moment in which
// that batch of its store, counted from 1, is on the disk; before it is signed, and before anybody is answered. 0: never.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadCrypto, parseJson, parseTrustRoot } from '@muniment/sdk'
import { startWitness } from '../node/src/witness/witness.ts'

const [folder, node, batch] = [process.argv[2]!, process.argv[3]!, Number(process.argv[4])]
const witness = await startWitness({
  home: join(folder, 'killed'),
  root: parseTrustRoot(parseJson(readFileSync(join(folder, 'trust-root.json'), 'utf8'))),
  nodes: [node],
  host: '127.0.0.1',
  port: 0,
  crypto: await loadCrypto(),
  onWarning: sentence => console.error(sentence),
  onFailure: error => {
    throw error
  },
  onSync: batches => {
    if (batches === batch) process.kill(process.pid, 'SIGKILL')
  },
})
console.log(`Witness: ${witness.url}`)
