// Following a chain takes the same memory after a day as after an hour. LIGHT_HEADERS sets how many headers of 150 validators
// are followed; `npm run soak` follows a day of them.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLazyChain } from '../bench/light/chain.ts'
import { nodeOf } from '../bench/light/served.ts'
import { headerHash } from '../sdk/src/comet/header.ts'
import { loadCrypto } from '../sdk/src/crypto/load.ts'
import { answerQuery } from '../sdk/src/p2p/messages.ts'
import type { Following, Said } from './light-memory-child.ts'

const headers = Number(process.env.LIGHT_HEADERS ?? 1_000)
const bytesMax = 32 * 1024 * 1024

/** Answers the child's questions until it has followed all headers. */
async function follow(count: number, sayEvery: number): Promise<readonly Said[]> {
  const crypto = await loadCrypto()
  const chain = createLazyChain({ validators: 150, rotateEvery: 0, salt: 'memory' })
  const hash = headerHash(chain.lightBlock(1).header, crypto)
  crypto.close()
  let newest = 1
  const node = nodeOf(chain, () => newest)
  const child = fork(join(import.meta.dirname, 'light-memory-child.ts'), {
    execArgv: ['--conditions=source', '--expose-gc'],
    serialization: 'advanced',
  })
  const said: Said[] = []
  const { signal } = new AbortController()
  child.on('message', async (message: Uint8Array | Said) => {
    if (!(message instanceof Uint8Array)) return void said.push(message)
    const answer = await answerQuery(message, node, signal)
    // One more is made for each that was asked for.
    newest += 1
    child.send(answer)
  })
  const { seconds } = chain.timeOf(0)
  child.send({ chainId: chain.chainId, hash, seconds, headers: count, sayEvery } satisfies Following)
  const code = await new Promise(resolve => child.once('exit', resolve))
  assert.equal(code, 0)
  return said
}

test(`${headers} headers of 150 validators are followed in flat memory`, { timeout: 3_600_000 }, async () => {
  const said = await follow(headers, Math.max(50, Math.floor(headers / 24)))
  const total = ({ heap, outside, wasm }: Said): number => heap + outside + wasm
  const format = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1)
  for (const each of said) {
    const { height, heap, outside, wasm } = each
    console.log(
      `after ${height}: heap ${format(heap)} MB, outside ${format(outside)}, Wasm ${format(wasm)}, together ${format(total(each))}`,
    )
  }
  const [most] = said.map(total).toSorted((left, right) => right - left)
  assert.ok(most! <= bytesMax, `${format(most!)} MB`)
  // Once as much is kept as ever will be.
  const second = said.slice(Math.floor(said.length / 2)).map(total)
  const [least, last] = [Math.min(...second), second.at(-1)!]
  assert.ok(last - least < 400 * 1024, `${format(last - least)} MB more than before`)
})
