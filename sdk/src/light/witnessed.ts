// A head that named witnesses have cosigned (security rules 1 and 2): the note is theirs, and the block is the last leaf of
// the tree that the note names.

import { headerHash } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { witnessSkewSecondsMax } from '../limits.ts'
import { verifyInclusion } from '../merkle/rfc6962.ts'
import { merkleLeafHash } from '../merkle/root.ts'
import type { WitnessedHead } from '../provider.ts'
import { historyOrigin, parseCheckpointNote, verifyCosignatures } from './note.ts'
import type { TrustRoot } from './trust-root.ts'
import { type Refused, refusal } from './verify.ts'

/** The block is not verified yet: its signers may be anybody, but the witnesses have seen it. */
export type VerifiedWitnesses = {
  readonly kind: 'verified'
  readonly block: LightBlock
  /** Of the trust root's witnesses, each once. */
  readonly names: readonly string[]
}

export async function verifyWitnessedHead(
  { answer, root }: { readonly answer: WitnessedHead; readonly root: TrustRoot },
  crypto: Crypto,
): Promise<VerifiedWitnesses | Refused> {
  try {
    const { block, inclusion: proof } = answer
    const note = parseCheckpointNote(answer.note)
    const origin = historyOrigin(root)
    check(note.origin === origin, 'wrong-chain', 'the note is of another log', {
      expected: origin,
      actual: note.origin,
    })
    const { height } = block.header
    check(note.size === height + 1n, 'wrong-height', 'the note does not end with the block', {
      expected: height + 1n,
      actual: note.size,
    })
    const leafHash = merkleLeafHash(headerHash(block.header, crypto), crypto)
    const included = verifyInclusion({ leafHash, index: height, size: note.size, proof, root: note.root }, crypto)
    if (included.kind === 'invalid') throw included.error
    const cosigned = await verifyCosignatures(note, root.witnesses, crypto)
    // Who signed at another time has seen the head, but not that it is dated rightly (security rule 8).
    const inTime = cosigned.filter(({ time }) => {
      const skew = time - block.header.time.seconds
      return skew <= witnessSkewSecondsMax && -skew <= witnessSkewSecondsMax
    })
    return { kind: 'verified', block, names: inTime.map(({ witness }) => witness.name) }
  } catch (error) {
    return refusal(error)
  }
}
