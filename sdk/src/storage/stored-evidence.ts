// Evidence as stores write it: canonical protobuf, like all that outlives a run.

import { decodeUtf8, encodeUtf8 } from '../bytes.ts'
import { timestamp } from '../comet/block-id.ts'
import { type Evidence, evidence } from '../comet/evidence.ts'
import { addressesMax, addressLengthMax, evidenceBytesMax } from '../limits.ts'
import { always, type Message, message, repeatedBytes } from '../protobuf.ts'
import type { StoredEvidence } from '../store.ts'
import type { Timestamp } from '../time.ts'

type Fields = {
  readonly evidence: Evidence
  readonly foundAt: Timestamp
  readonly takenBy: readonly Uint8Array[]
}

const fields: Message<Fields> = message({
  evidence: always(1, evidence, evidenceBytesMax),
  foundAt: always(2, timestamp),
  takenBy: repeatedBytes(3, addressesMax, addressLengthMax),
})

/** Without the id, under which it stands. Labels beyond the bounds of network.json's addresses are cut off. */
export const storedEvidence: Message<Omit<StoredEvidence, 'id'>> = {
  encode({ evidence: found, foundAt, takenBy }) {
    const labels = takenBy.slice(0, addressesMax).map(label => encodeUtf8(label.slice(0, addressLengthMax / 3)))
    return fields.encode({ evidence: found, foundAt, takenBy: labels })
  },
  decode(encoded) {
    const { takenBy, ...found } = fields.decode(encoded)
    return { ...found, takenBy: takenBy.map(decodeUtf8) }
  },
}
