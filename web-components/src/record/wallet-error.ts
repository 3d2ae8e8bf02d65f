import type { KeptMessages } from '../messages/kept.ts'
import type { SignErrorMessages } from '../messages/sign-errors.ts'

/** Each has its sentence; those of passkeys are told in the words of signing. */
export type WalletErrorCode =
  | Extract<
      keyof KeptMessages,
      | 'unavailable'
      | 'full'
      | 'damaged'
      | 'newer'
      | 'changed'
      | 'noSecret'
      | 'copyBad'
      | 'copyUnknown'
      | 'copyForeign'
      | 'passphraseHint'
      | 'passphraseDiffers'
    >
  | Extract<keyof SignErrorMessages, `passkey-${string}` | 'unexpected' | 'unreachable'>

/** Why something was not kept, opened or deleted. Whatever was kept before still is. */
export class WalletError extends Error {
  override readonly name = 'WalletError'
  readonly code: WalletErrorCode

  constructor(code: WalletErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
