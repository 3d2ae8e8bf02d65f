// The genesis hash from a genesis file in CometBFT's shape: anyone who has the file, or asks a node's RPC for it, can
// compare it with the trust root's.

import { consensusParamsHash } from '../comet/block.ts'
import { parsePublicKey } from '../comet/rpc-json.ts'
import { sortedValidatorSet, validatorAddress, validatorsHash } from '../comet/validator-set.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { encodeCanonicalJson, isObject, type Json, type JsonObject, textMember } from '../json.ts'
import { parseTime } from '../time.ts'
import { genesisHash } from './keys.ts'

/** Throws VerifyError `malformed` for what is no genesis file. 32 bytes. */
export function genesisFileHash(json: Json, hasher: Hasher): Uint8Array {
  check(isObject(json) && isObject(json.app_state), 'malformed', 'not a genesis file with an app_state')
  const params = json.consensus_params
  const block = isObject(params) ? params.block : undefined
  check(isObject(block), 'malformed', 'the genesis file has no block parameters')
  const validators = json.validators
  check(Array.isArray(validators), 'malformed', 'the genesis file has no validators')
  const members = validators.map(member => {
    check(isObject(member), 'malformed', 'a validator is an object')
    const publicKey = parsePublicKey(member.pub_key)
    return {
      address: validatorAddress(publicKey, hasher),
      publicKey,
      votingPower: whole(member, 'power'),
      proposerPriority: 0n,
    }
  })
  return genesisHash(hasher, {
    chainId: textMember(json, 'chain_id'),
    time: parseTime(textMember(json, 'genesis_time')),
    initialHeight: whole(json, 'initial_height'),
    validatorsHash: validatorsHash(sortedValidatorSet(members), hasher),
    consensusHash: consensusParamsHash(
      { maxBytes: whole(block, 'max_bytes'), maxGas: whole(block, 'max_gas') },
      hasher,
    ),
    appState: encodeCanonicalJson(json.app_state),
  })
}

function whole(object: JsonObject, name: string): bigint {
  const text = textMember(object, name)
  check(/^-?\d{1,18}$/.test(text), 'malformed', `${name} is a whole number`)
  return BigInt(text)
}
