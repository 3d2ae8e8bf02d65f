// The wish for a document's proof as a file, and what is said of it meanwhile.

import type { MunimentNetwork } from '../network/network.ts'

/** Names of texts in messages.verify. */
export type ProofNotice = 'savingProof' | 'proofSaved' | 'proofFailed'

type Wish = {
  readonly network: MunimentNetwork | undefined
  readonly input: string | Uint8Array
  readonly say: (text: ProofNotice) => void
}

export async function collectProof({ network, input, say }: Wish): Promise<void> {
  say('savingProof')
  try {
    const [client, { saveProof }] = await Promise.all([network!.connect(), import('./save-proof.ts')])
    await saveProof(client, input)
    say('proofSaved')
  } catch {
    say('proofFailed')
  }
}
