// Checkpoints for tests: what an honest one says of a header, and the signatures of keys that follow from names.

import { type Header, headerHash } from '../sdk/src/comet/header.ts'
import type { Hasher } from '../sdk/src/crypto/crypto.ts'
import { type Checkpoint, checkpoint, checkpointSignBytes, type SignedCheckpoint } from '../sdk/src/light/checkpoint.ts'
import type { TrustRoot } from '../sdk/src/light/trust-root.ts'
import type { Timestamp } from '../sdk/src/time.ts'
import { publicKeyOf, signAs } from './signed-chain.ts'

type Told = Partial<Checkpoint> & { readonly expiresAt: Timestamp }

/** The first in its sequence, issued at the header's time, unless told otherwise. */
export function checkpointOf(
  header: Header,
  root: TrustRoot,
  { hasher, ...told }: Told & { hasher: Hasher },
): Checkpoint {
  return {
    genesisHash: root.genesisHash,
    chainId: root.chainId,
    height: header.height,
    headerHash: headerHash(header, hasher),
    nextValidatorsHash: header.nextValidatorsHash,
    historySize: header.height,
    historyRoot: new Uint8Array(32),
    sequence: 1n,
    issuedAt: header.time,
    compromisedKeys: [],
    ...told,
  }
}

/** By the keys of these names (signed-chain.ts). */
export function signCheckpointAs(names: readonly string[], value: Checkpoint, hasher: Hasher): SignedCheckpoint {
  const encoded = checkpoint.encode(value)
  const signBytes = checkpointSignBytes(encoded)
  const signatures = names.map(name => ({
    key: publicKeyOf(name, hasher),
    signature: signAs(name, signBytes, hasher),
  }))
  return { checkpoint: encoded, signatures }
}
