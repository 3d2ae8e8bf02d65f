import type { SignErrorCode } from '../messages/messages.ts'

/** Why something was not signed or not recorded; people are told by the code, developers by the message. */
export class SignError extends Error {
  override readonly name = 'SignError'
  readonly code: SignErrorCode

  constructor(code: SignErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
