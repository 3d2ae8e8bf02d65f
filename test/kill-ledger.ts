// A node of ours in a process of its own, to be killed: `node kill-ledger.ts HOME BLOCK-INTERVAL-MS`. Says its RPC address in one line.

import { startNode } from '../node/src/node.ts'

const [home, blockIntervalMs] = [process.argv[2]!, Number(process.argv[3])]
const node = await startNode(
  { home, host: '127.0.0.1', rpcPort: 0, p2pPort: 0, corsOrigins: [], blockIntervalMs },
  error => {
    throw error
  },
)
process.stdout.write(`${node.rpc}\n`)
