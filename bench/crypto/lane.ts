// One runtime's share of a signature workload, the same in Node and in pages.

import { ed25519 } from '@noble/curves/ed25519.js'
import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import {
  alternate,
  type Contender,
  checkVerdicts,
  expectGood,
  type SignatureCall,
  secondsEach,
  type Times,
} from './contender.ts'
import { callsOf, type SignatureWorkload } from './workloads.ts'

export type Lane = {
  /** Sees that every contender knows good signatures from bad ones; they meet the workload's lasting keys thereby. */
  readonly check: (items: readonly SignedMessage[]) => Promise<void>
  /** One alternation. */
  readonly measure: (items: readonly SignedMessage[]) => Promise<Times>
  readonly close: () => void
}

export function createLane(workload: SignatureWorkload, contenders: readonly Contender<SignatureCall>[]): Lane {
  return {
    check: async items => {
      for (const contender of contenders) await checkVerdicts(contender, callsOf(workload, items)[0]!)
    },
    measure: items => alternate(contenders, callsOf(workload, items)),
    close: () => {
      for (const contender of contenders) contender.close?.()
    },
  }
}

const nobleSample = 100

export const noble: Contender<SignatureCall> = {
  name: 'noble',
  run: ({ singles }) => {
    const sample = singles.slice(0, nobleSample)
    return secondsEach(sample.length, () => {
      for (const { publicKey, message, signature } of sample) {
        expectGood(ed25519.verify(signature, message, publicKey, { zip215: true }))
      }
    })
  },
}
