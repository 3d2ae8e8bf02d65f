// Who checks signatures beside us in Node.

import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import sodium from 'libsodium-wrappers'
import { formatHex } from '../../sdk/src/bytes.ts'
import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import { type Contender, expectGood, type SignatureCall, secondsEach } from './contender.ts'
import { openOurs } from './engine.ts'
import { noble } from './lane.ts'
import { openVoi } from './voi.ts'
import type { SignatureWorkload } from './workloads.ts'

/**
 * Noble and libsodium stand beside the chain only: they are behind node:crypto or equal to it everywhere, and a bench of
 * fifteen minutes has better uses for their time. `voi` is the path of the Go program, where there is one.
 */
export async function openNodeContenders(
  workload: SignatureWorkload,
  voi: string | undefined,
): Promise<readonly Contender<SignatureCall>[]> {
  return [
    ...(await openOurs(workload)),
    nodeCrypto(),
    ...(voi === undefined ? [] : [openVoi(voi, workload)]),
    ...(workload.name === 'chain-1000x100' ? [await libsodium(), noble] : []),
  ]
}

/**
 * Key objects are made before the clock runs, also of keys that are new: making one adds a third to the time of a check
 * (29 µs to 65), and the bar is the check alone.
 */
function nodeCrypto(): Contender<SignatureCall> {
  let prepared: readonly { readonly key: KeyObject; readonly item: SignedMessage }[] = []
  return {
    name: 'node-crypto',
    prepare: ({ singles }) => {
      const keys = new Map<string, KeyObject>()
      prepared = singles.map(item => {
        const name = formatHex(item.publicKey)
        const key = keys.get(name) ?? keyObject(item.publicKey)
        keys.set(name, key)
        return { key, item }
      })
    },
    run: () =>
      secondsEach(prepared.length, () => {
        for (const { key, item } of prepared) expectGood(verify(null, item.message, key, item.signature))
      }),
  }
}

/** RFC 8410, section 4: what stands before the 32 bytes of a key. */
const publicKeyHead = Buffer.from('302a300506032b6570032100', 'hex')

function keyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([publicKeyHead, publicKey]), format: 'der', type: 'spki' })
}

async function libsodium(): Promise<Contender<SignatureCall>> {
  await sodium.ready
  return {
    name: 'libsodium',
    run: ({ singles }) =>
      secondsEach(singles.length, () => {
        for (const { publicKey, message, signature } of singles) {
          expectGood(sodium.crypto_sign_verify_detached(signature, message, publicKey))
        }
      }),
  }
}
