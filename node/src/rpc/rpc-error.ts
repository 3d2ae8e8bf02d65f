import { VerifyError } from '@muniment/sdk'
import { HomeError } from '../home-error.ts'

/** The error object of JSON-RPC 2.0, section 5.1; the words are CometBFT's (rpc/jsonrpc/types/types.go). */
export type RpcErrorObject = { readonly code: number; readonly message: string; readonly data: string }

/** A method can't answer: its caller asked for what is not there, or is over a limit. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
}

export const parseFailed = (data: string): RpcErrorObject => ({
  code: -32700,
  message: 'Parse error. Invalid JSON',
  data,
})
export const invalidRequest = (data: string): RpcErrorObject => ({ code: -32600, message: 'Invalid Request', data })
export const methodNotFound: RpcErrorObject = { code: -32601, message: 'Method not found', data: '' }
export const overLimit = (data: string): RpcErrorObject => ({ code: -32000, message: 'Server error', data })

/** What a caller hears of an error: never a stack, and of our own mistakes nothing but that there was one. */
export function errorObject(error: unknown): RpcErrorObject {
  if (error instanceof VerifyError) return { code: -32602, message: 'Invalid params', data: error.message }
  const told = error instanceof RpcError || error instanceof HomeError
  return { code: -32603, message: 'Internal error', data: told ? error.message : 'an unexpected error' }
}
