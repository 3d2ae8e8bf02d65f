// Signatures are checked in a thread of node:worker_threads.

import { Worker } from 'node:worker_threads'
import { loadCrypto } from '@muniment/sdk'
import { fixture } from './fixture.js'
import { verify } from './verify.js'
import { verifyMany } from './verify-many.js'

let answers = 0
const spawn = () => {
  const worker = new Worker(new URL(import.meta.resolve('@muniment/sdk/worker')))
  worker.on('message', message => {
    if (message.bad !== undefined) answers++
  })
  return worker
}
const crypto = await loadCrypto({ spawn })
const bad = await verifyMany(fixture, crypto)
console.log(JSON.stringify({ ...(await verify(fixture, crypto)), bad, answers }))
crypto.close()
