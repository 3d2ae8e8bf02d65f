// A log for tests of witnesses: leaves that differ, and forks that share the first of them.

import { encodeUtf8 } from '@muniment/sdk'
import { createHistoryLog, type HistoryLog } from '../cosign/log.ts'
import { sha256 } from '../hasher.ts'
import { noteSignerOf } from '../note-key.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { appendHistory } from '../tree/history.ts'

const testChain = { chainId: 'test-log', genesisHash: sha256(encodeUtf8('genesis')) }

/** So many leaves; those from `fork` on are others than without it. The same key signs all of them. */
export async function testLog(size: number, fork: number = size): Promise<HistoryLog> {
  const database = memoryDatabase(newDisk())
  for (let index = 0; index < size; index++) {
    const leaf = sha256(encodeUtf8(index < fork ? `leaf ${index}` : `fork ${index}`))
    await database.write(appendHistory(database, BigInt(index), leaf))
  }
  return createHistoryLog({ database, chain: testChain, signer: noteSignerOf(sha256(encodeUtf8('log'))) })
}
