// Real CometBFT v0.40.0 chains whose validators have keys of other types than Ed25519, followed by our verifier. None has
// BLS keys: v0.40.0 built with them makes no block, because it cannot encode the keys that it read ("toproto: key type is not
// supported").

import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { formatBase64, formatHex } from '../../sdk/src/bytes.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { formatPublicKey } from '../../sdk/src/comet/rpc-json.ts'
import { type KeyType, validatorAddress } from '../../sdk/src/comet/validator-set.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { withValidatorKeys } from '../../sdk/src/crypto/validator-keys/keys.ts'
import { verifyAdjacent, verifyLightBlock } from '../../sdk/src/light/verify.ts'
import { nanosPerSecond, timeFromMilliseconds } from '../../sdk/src/time.ts'
import type { Trusted } from '../../sdk/src/trusted.ts'
import { validatorKeyOf } from '../validator-keys.ts'
import { type CometNode, startCometNode } from './cometbft.ts'
import { goSkip } from './go.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const kinds = [
  { type: 'secp256k1', name: 'secp256k1', secret: 'tendermint/PrivKeySecp256k1' },
  { type: 'secp256k1eth', name: 'secp256k1eth', secret: 'tendermint/PrivKeySecp256k1eth' },
  { type: 'mldsa65', name: 'ml_dsa_65', secret: 'cometbft/PrivKeyMlDsa65' },
] as const

async function startWith(kind: (typeof kinds)[number]): Promise<CometNode> {
  const { publicKey, secret } = validatorKeyOf(kind.type as KeyType, 'the live one')
  const withKeys = await withValidatorKeys([kind.type], crypto)
  const address = formatHex(validatorAddress(publicKey, withKeys)).toUpperCase()
  const pubKey = formatPublicKey(publicKey)
  return startCometNode({
    validatorKey: () => ({
      address,
      pub_key: pubKey,
      priv_key: { type: kind.secret, value: formatBase64(secret) },
    }),
    genesis: genesis => ({
      ...genesis,
      consensus_params: { ...genesis.consensus_params, validator: { pub_key_types: [kind.name] } },
      validators: [{ address, pub_key: pubKey, power: '10', name: '' }],
    }),
  })
}

describe('CometBFT v0.40.0, live', { skip: goSkip }, () => {
  for (const kind of kinds) {
    test(`a chain of ${kind.type} is followed`, { timeout: 300_000 }, async t => {
      const node = await startWith(kind)
      t.after(node.stop)
      await node.reached(8n)
      const blocks = await Promise.all([1n, 2n, 3n, 4n, 5n, 6n, 7n].map(node.lightBlock))
      for (const { validatorSet } of blocks) assert.equal(validatorSet.validators[0]!.publicKey.type, kind.type)
      const rules = {
        now: timeFromMilliseconds(Date.now()),
        trustingPeriodNs: 3_600n * nanosPerSecond,
        maxClockDriftNs: nanosPerSecond,
        crypto,
      }
      const [trusted, ...others] = blocks
      const first = trusted as Trusted<LightBlock>
      const run = await verifyAdjacent(first, others, rules)
      assert.equal(run.kind, 'verified')
      const untrusted = others.at(-1)!
      const trustLevel = { numerator: 1n, denominator: 3n }
      const step = await verifyLightBlock({ ...rules, trusted: first, untrusted, trustLevel })
      assert.equal(step.kind, 'verified')
      const { commit } = untrusted
      const [vote] = commit.signatures
      const signature = vote!.signature.with(20, vote!.signature[20]! ^ 1)
      const forged = { ...untrusted, commit: { ...commit, signatures: [{ ...vote!, signature }] } }
      const refused = await verifyLightBlock({ ...rules, trusted: first, untrusted: forged, trustLevel })
      assert.deepEqual([refused.kind, refused.code], ['invalid', 'bad-signature'])
    })
  }
})
