// Loaded when somebody saves a proof.

import { type Client, isBundle } from '@muniment/sdk'
import { saveFile } from '../save.ts'

/** The document with all that proves it under the newest head, in one file: whoever has that checks it without a network. */
export async function saveProof(client: Client, input: string | Uint8Array): Promise<void> {
  const isProof = typeof input !== 'string' && isBundle(input)
  saveFile(isProof ? input : await client.bundle(input), `proof-${client.root.chainId}.muniment`)
}
