// A copy of what is kept, as a file under a passphrase: made here, opened on another device.

import { isPassphrase, type KeptDocument, limits, openWalletFile, sealWalletFile, VerifyError } from '@muniment/sdk'
import { saveFile } from '../save.ts'
import { listKept, type OpenWallet } from './wallet.ts'
import { WalletError } from './wallet-error.ts'

/** Hands the browser a file of all that can be opened. Rejects with WalletError. */
export async function saveCopy(wallet: OpenWallet, passphrase: string, again: string): Promise<void> {
  if (!isPassphrase(passphrase)) throw new WalletError('passphraseHint', 'the passphrase is too short')
  if (passphrase !== again) throw new WalletError('passphraseDiffers', 'the passphrases differ')
  const { chainId } = wallet
  const { documents } = await listKept(wallet)
  const file = await sealWalletFile(documents, { passphrase, chainId }).catch(error => {
    throw error instanceof VerifyError ? new WalletError('full', error.message) : error
  })
  saveFile(file, `documents-${chainId}.muniment`)
}

/** The documents in a copy. Rejects with WalletError. */
export async function readCopy(file: Blob, passphrase: string, chainId: string): Promise<readonly KeptDocument[]> {
  if (file.size > limits.walletFileBytesMax) throw new WalletError('copyUnknown', 'the file is too long')
  const bytes = await file.arrayBuffer().catch(error => {
    throw new WalletError('copyUnknown', String(error))
  })
  try {
    return await openWalletFile(new Uint8Array(bytes), { passphrase, chainId })
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error
    throw new WalletError(codeOf(error), error.message)
  }
}

function codeOf({ code }: VerifyError): WalletError['code'] {
  if (code === 'wrong-key') return 'copyBad'
  if (code === 'wrong-chain') return 'copyForeign'
  return code === 'format-unknown' ? 'newer' : 'copyUnknown'
}
