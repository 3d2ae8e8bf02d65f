import { compare, empty, equals } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { type OtherKeyType, withValidatorKeys } from '../crypto/validator-keys/keys.ts'
import { hashedAddress } from '../crypto/validator-keys/support.ts'
import { check } from '../errors.ts'
import { publicKeyBytesMax, validatorsMax } from '../limits.ts'
import { merkleRoot } from '../merkle/root.ts'
import { always, bytes, int64, type Message, message, optional, repeated } from '../protobuf.ts'
import { writeUvarint } from './varint.ts'

/** Key types of CometBFT's PublicKey oneof (crypto/keys.proto, v0.40). */
export type KeyType = 'ed25519' | OtherKeyType

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

/** Bytes of a public key of each type. */
export const publicKeyLengths: { readonly [K in KeyType]: number } = {
  ed25519: 32,
  secp256k1: 33,
  bls12381: 96,
  mldsa65: publicKeyBytesMax,
  secp256k1eth: 33,
}

const keyTypes = Object.keys(publicKeyLengths) as readonly KeyType[]

type PublicKeyOneof = { readonly [K in KeyType]: Uint8Array }

const publicKeyOneof: Message<PublicKeyOneof> = message({
  ed25519: bytes(1, publicKeyLengths.ed25519),
  secp256k1: bytes(2, publicKeyLengths.secp256k1),
  bls12381: bytes(3, publicKeyLengths.bls12381),
  mldsa65: bytes(4, publicKeyLengths.mldsa65),
  secp256k1eth: bytes(5, publicKeyLengths.secp256k1eth),
})

const noPublicKey: PublicKeyOneof = {
  ed25519: empty,
  secp256k1: empty,
  bls12381: empty,
  mldsa65: empty,
  secp256k1eth: empty,
}

/** tendermint.crypto.PublicKey: exactly one key, of its type's length. */
export const publicKey: Message<PublicKey> = {
  encode: key => publicKeyOneof.encode({ ...noPublicKey, [key.type]: key.bytes }),
  decode(encoded) {
    const fields = publicKeyOneof.decode(encoded)
    const present = keyTypes.filter(type => fields[type].length > 0)
    const type = present[0]
    check(type !== undefined && present.length === 1, 'malformed', 'a public key has exactly one type')
    check(fields[type].length === publicKeyLengths[type], 'malformed', 'a public key of the wrong length')
    return { type, bytes: fields[type] }
  },
}

/** tendermint.types.Validator. */
export const validator: Message<Validator> = message({
  address: bytes(1, 20),
  publicKey: always(2, publicKey),
  votingPower: int64(3),
  proposerPriority: int64(4),
})

type ValidatorSetFields = { readonly validators: readonly Validator[]; readonly proposer: Validator | undefined }

// Field 3, total_voting_power, is always zero in what CometBFT writes (ValidatorSet.ToProto), so it is refused here.
const validatorSetFields: Message<ValidatorSetFields> = message({
  validators: repeated(1, validator, validatorsMax),
  proposer: optional(2, validator),
})

/** tendermint.types.ValidatorSet; the proposer is written out whole and must be the member of that address. */
export const validatorSet: Message<ValidatorSet> = {
  encode: set => validatorSetFields.encode({ validators: set.validators, proposer: memberOf(set, set.proposer) }),
  decode(encoded) {
    const { validators, proposer } = validatorSetFields.decode(encoded)
    if (proposer === undefined) return { validators, proposer: empty }
    const member = memberOf({ validators, proposer: empty }, proposer.address)
    const same = member !== undefined && equals(validator.encode(member), validator.encode(proposer))
    check(same, 'invalid-validator-set', 'the proposer is no member of the set')
    return { validators, proposer: proposer.address }
  },
}

function memberOf(set: ValidatorSet, address: Uint8Array): Validator | undefined {
  return address.length === 0 ? undefined : set.validators.find(member => equals(member.address, address))
}

type SimpleValidator = { readonly publicKey: PublicKey; readonly votingPower: bigint }

const simpleValidator: Message<SimpleValidator> = message({
  publicKey: always(1, publicKey),
  votingPower: int64(2),
})

/** `validators_hash`: the root over key and power of each validator, in the set's order; 32 bytes. */
export function validatorsHash({ validators }: ValidatorSet, hasher: Hasher): Uint8Array {
  const slab = new Uint8Array(validators.length * plainLeafBytesMax)
  let used = 0
  const leaves = validators.map(member => {
    if (!isPlain(member)) return simpleValidator.encode(member)
    const start = used
    used = writePlainLeaf(slab, start, member)
    return slab.subarray(start, used)
  })
  return merkleRoot(leaves, hasher)
}

/** What stands before a key of 32 bytes: two lengths and two field numbers. */
const ed25519LeafHead = simpleValidator
  .encode({ publicKey: { type: 'ed25519', bytes: new Uint8Array(publicKeyLengths.ed25519) }, votingPower: 0n })
  .subarray(0, -publicKeyLengths.ed25519)
const powerTag = 0x10
const plainLeafBytesMax = ed25519LeafHead.length + publicKeyLengths.ed25519 + 9

function isPlain({ publicKey: { type, bytes: key }, votingPower }: SimpleValidator): boolean {
  const power = Number(votingPower)
  return type === 'ed25519' && key.length === publicKeyLengths.ed25519 && power > 0 && power <= Number.MAX_SAFE_INTEGER
}

/** A plain SimpleValidator by hand, since a set has a hundred; answers where it ends. */
function writePlainLeaf(bytes: Uint8Array, offset: number, { publicKey: key, votingPower }: SimpleValidator): number {
  bytes.set(ed25519LeafHead, offset)
  bytes.set(key.bytes, offset + ed25519LeafHead.length)
  const end = offset + ed25519LeafHead.length + publicKeyLengths.ed25519
  bytes[end] = powerTag
  return writeUvarint(bytes, end + 1, Number(votingPower))
}

/**
 * 20 bytes. Throws `format-unknown` for keys of a type that the hasher was not given support for (withKeysOf), and
 * `invalid-validator-set` for bytes that are no key of their type.
 */
export function validatorAddress(key: PublicKey, hasher: Hasher): Uint8Array {
  if (key.type === 'ed25519') return hashedAddress(key.bytes, hasher)
  const support = hasher.validatorKeys?.[key.type]
  check(support, 'format-unknown', 'support for validator keys of this type is not loaded', { actual: key.type })
  const address = support.address(key.bytes, hasher)
  check(address, 'invalid-validator-set', 'these bytes are no key of their type', { actual: key.type })
  return address
}

/** The hasher with support for all keys in these sets; itself where they are Ed25519's, as on almost every chain. Throws `unavailable`. */
export function withKeysOf<H extends Hasher>(sets: readonly ValidatorSet[], hasher: H): Promise<H> {
  const types = new Set<OtherKeyType>()
  for (const { validators } of sets) {
    for (const { publicKey: key } of validators) if (key.type !== 'ed25519') types.add(key.type)
  }
  return withValidatorKeys(types, hasher)
}

/** The order that CometBFT hashes and signs in: power descending, then address ascending (ValidatorsByVotingPower). */
export function compareValidators(left: Validator, right: Validator): number {
  if (left.votingPower !== right.votingPower) return left.votingPower > right.votingPower ? -1 : 1
  return compare(left.address, right.address)
}

/** A set in its canonical order from members in any. */
export function sortedValidatorSet(members: readonly Validator[], proposer: Uint8Array = empty): ValidatorSet {
  return { validators: [...members].sort(compareValidators), proposer }
}

export function totalVotingPower(set: ValidatorSet): bigint {
  return set.validators.reduce((total, member) => total + member.votingPower, 0n)
}
