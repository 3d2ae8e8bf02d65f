// What stands behind the committed root of a case in a story: a secret and a value for each private field. All of it is made up, and
// follows from the story's name, so that a test can look for every one of these values on the ledger, and find none.

import {
  type CommittedFields,
  commitFields,
  encodeUtf8,
  formatBase64Url,
  formatHex,
  type Hasher,
  type PrivateField,
  type Procedure,
  privateFieldNames,
} from '@muniment/sdk'

/** What the agency and the citizen keep of one case. */
export type PrivateCase = {
  readonly secret: Uint8Array
  readonly fields: readonly PrivateField[]
  /** How often the case was committed before. */
  readonly round: number
  readonly committed: CommittedFields
}

/** As a step commits the case, anew where it was committed before. `seed` makes its values different from all others. */
export function commitCase(
  hasher: Hasher,
  procedure: Procedure,
  { seed, before }: { readonly seed: string; readonly before: PrivateCase | undefined },
): PrivateCase {
  const secret = before?.secret ?? hasher.sha256(encodeUtf8(`secret of ${seed}`))
  const round = before ? before.round + 1 : 0
  const fields = privateFieldNames(procedure.service.fields).map(name => ({
    name,
    value: fixtureOf(procedure.facts[name]!, hasher.sha256(encodeUtf8(`${name} of ${seed}`))),
  }))
  return { secret, fields, round, committed: commitFields(hasher, secret, { fields, round }) }
}

function fixtureOf({ name, type, codes }: Procedure['facts'][string], random: Uint8Array): string | number {
  const number = new DataView(random.buffer, random.byteOffset).getUint32(0)
  if (type === 'hash') return formatBase64Url(random)
  // Far from every number and day that a ledger holds by itself.
  if (type === 'integer') return 7_000_000_000_000 + number
  if (type === 'date') return `${2_200 + (number % 700)}-0${1 + (number % 9)}-1${number % 10}`
  if (type === 'code') return codes[number % codes.length]!
  return `example ${name} ${formatHex(random.subarray(0, 8))}`
}
