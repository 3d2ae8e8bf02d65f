// The keys that this browser has already. Loaded when somebody looks at them.

import { accountId, type Hasher } from '@muniment/sdk'
import { isUsable, type SigningKey, signerOf } from './key.ts'
import { heldKey } from './own-keys.ts'
import type { PasskeyRequest } from './passkey.ts'
import { withKeys } from './store.ts'

/** Those that this browser has already, passkeys first. */
export async function localKeys(request: PasskeyRequest): Promise<readonly SigningKey[]> {
  const { root, crypto } = request.client
  const found = [await heldKey('passkey', request), await findKey(root.chainId, crypto)]
  return found.filter(key => key !== undefined)
}

/** The network's key of this browser where it has one. */
export async function findKey(chainId: string, hasher: Hasher): Promise<SigningKey | undefined> {
  const held = await withKeys(database => database.get('keys', chainId)).catch(() => undefined)
  if (!isUsable(held)) return undefined
  const signer = signerOf(held)
  return { method: 'device', signer, account: held.account ?? accountId(hasher, signer.key), isNew: false }
}
