// Writes to a light client's folder until it is killed: `node light-store-child.ts FOLDER`. Says one line when it has begun.

import { openLightStore } from '../node/src/storage/light-store.ts'
import { loadCrypto } from '../sdk/src/crypto/load.ts'
import { createSignedChain } from './signed-chain.ts'

const crypto = await loadCrypto()
const { blocks } = createSignedChain({ heights: 9, membersAt: () => [{ name: 'office', power: 1n }] }, crypto)
const store = await openLightStore(process.argv[2]!)
process.stdout.write('begun\n')
for (;;) {
  for (const block of blocks) await store.put('test-chain', block)
  await store.putCheckpoint('test-chain', new Uint8Array(500))
  await store.evidence('test-chain')
}
