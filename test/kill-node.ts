// A node in a process of its own, to be killed: `node kill-node.ts FOLDER GENESIS-TIME-MS [BLOCK-INTERVAL-MS]`. Says its RPC address in one line.

import { join } from 'node:path'
import { startRpc } from '../node/src/rpc/server.ts'
import { openDatabase } from '../node/src/storage/database.ts'
import { startTestChain, testGenesis } from './test-chain.ts'

const [folder, timeMs, blockIntervalMs] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4] ?? 5)]
const database = await openDatabase(join(folder, 'data'))
const { engine, application } = await startTestChain(database, {
  genesis: testGenesis({ timeMs }),
  blockIntervalMs,
  signStateFile: join(folder, 'priv_validator_state.json'),
  onFailure: error => {
    throw error
  },
})
const rpc = await startRpc({ engine, application, host: '127.0.0.1', port: 0, corsOrigins: [] })
process.stdout.write(`${rpc.url}\n`)
