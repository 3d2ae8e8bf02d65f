// JSON-RPC 2.0 as CometBFT serves it: one call or a list of calls in the body of a POST to `/`, and over the websocket.

import { isObject, type Json, parseJson } from '@muniment/sdk'
import { rpcBatchMax, rpcJsonMembersMax } from '../limits.ts'
import { methods, type RpcContext } from './methods.ts'
import { jsonParams } from './params.ts'
import {
  errorObject,
  invalidRequest,
  methodNotFound,
  overLimit,
  parseFailed,
  type RpcErrorObject,
} from './rpc-error.ts'

export type RpcId = string | number | null
export type RpcAnswer =
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly result: unknown }
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly error: RpcErrorObject }

export function failed(id: RpcId, error: RpcErrorObject): RpcAnswer {
  return { jsonrpc: '2.0', id, error }
}

export function succeeded(id: RpcId, result: unknown): RpcAnswer {
  return { jsonrpc: '2.0', id, result }
}

export type Body = {
  /** undefined when nothing is to be said: notifications have no answer. */
  readonly answer: RpcAnswer | readonly RpcAnswer[] | undefined
  /** The body was no JSON-RPC at all. */
  readonly malformed: boolean
}

/** The request that brought the body was paid for as its first call. */
export function firstPaid(takeCall: () => boolean): () => boolean {
  let first = true
  return () => {
    const taken = first || takeCall()
    first = false
    return taken
  }
}

/** `takeCall` says whether the caller may make one more call. */
export async function answerBody(context: RpcContext, text: string, takeCall: () => boolean): Promise<Body> {
  let body: Json
  try {
    body = parseJson(text, rpcJsonMembersMax)
  } catch (error) {
    return { answer: failed(null, parseFailed((error as Error).message)), malformed: true }
  }
  if (!Array.isArray(body)) {
    return { answer: await answerCall(context, body, takeCall), malformed: false }
  }
  if (body.length === 0 || body.length > rpcBatchMax) {
    const data = `a batch has from 1 to ${rpcBatchMax} calls`
    return { answer: failed(null, invalidRequest(data)), malformed: true }
  }
  const answers: RpcAnswer[] = []
  // One after another: a batch takes no more of the node at a time than a single call.
  for (const call of body) {
    const answer = await answerCall(context, call, takeCall)
    if (answer) answers.push(answer)
  }
  return { answer: answers.length === 0 ? undefined : answers, malformed: false }
}

async function answerCall(context: RpcContext, call: Json, takeCall: () => boolean): Promise<RpcAnswer | undefined> {
  if (!isObject(call)) return failed(null, invalidRequest('a call is an object'))
  const { id } = call
  if (id === undefined || id === null) return undefined
  const isId = typeof id === 'string' ? id.length <= 200 : Number.isSafeInteger(id)
  if (!isId) return failed(null, invalidRequest('an id is a text or a whole number'))
  const own = id as string | number
  const { method: name } = call
  const method = typeof name === 'string' && Object.hasOwn(methods, name) ? methods[name] : undefined
  if (!method) return failed(own, methodNotFound)
  if (!takeCall()) return failed(own, overLimit('too many calls; slow down'))
  try {
    return succeeded(own, await method.answer(context, jsonParams(method.params, call.params)))
  } catch (error) {
    return failed(own, errorObject(error))
  }
}
