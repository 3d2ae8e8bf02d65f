import { publicKeyBytesMax, validatorsMax } from '../limits.ts'
import { always, bytes, int64, type Message, message, optional, repeated } from '../protobuf.ts'

/** Key types of CometBFT's PublicKey oneof, by field number. */
export type KeyType = 'ed25519' | 'secp256k1' | 'bls12381' | 'mldsa65' | 'secp256k1eth'

export type PublicKey = { readonly type: KeyType; readonly bytes: Uint8Array }

export type Validator = {
  /** 20 bytes, derived from the key. */
  readonly address: Uint8Array
  readonly publicKey: PublicKey
  readonly votingPower: bigint
  /** In no hash; kept because a node's JSON carries it. */
  readonly proposerPriority: bigint
}

/** In the order that is hashed: power descending, then address ascending. */
export type ValidatorSet = {
  readonly validators: readonly Validator[]
  /** Address; empty where the source names none (RPC). */
  readonly proposer: Uint8Array
}

type PublicKeyOneof = { readonly [K in KeyType]: Uint8Array }

const publicKeyOneof: Message<PublicKeyOneof> = message({
  ed25519: bytes(1, 32),
  secp256k1: bytes(2, 33),
  bls12381: bytes(3, 96),
  mldsa65: bytes(4, publicKeyBytesMax),
  secp256k1eth: bytes(5, 65),
})

const keyTypes = ['ed25519', 'secp256k1', 'bls12381', 'mldsa65', 'secp256k1eth'] as const
void [int64, always, optional, repeated, validatorsMax, publicKeyOneof, keyTypes]
