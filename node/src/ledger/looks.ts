// An official looks into a case: the ledger keeps who, when, for which office and why, and is not told which case it was.

import { empty, type JsonObject, lookEntry, lookKey, ResultCode } from '@muniment/sdk'
import { bytesArgument, checkNames } from './arguments.ts'
import { count } from './counters.ts'
import { type Act, require } from './rules.ts'
import { getProcedure } from './state.ts'

/** args: look, commitment (32 bytes each), reason. Of two looks under one number the second finds it taken, and takes the next. */
export function look({ state, body, block, service, actors }: Act, args: JsonObject): Uint8Array {
  checkNames(args, ['look', 'commitment', 'reason'])
  const { reasons } = service.looks[body.transition]!
  const [{ office, mandate, account }] = actors as [Act['actors'][number]]
  require(actors.length === 1 && office !== undefined, ResultCode.notAllowed, 'one official looks, for his office')
  // It would name the case to everyone.
  require(body.ifState.length === 0, ResultCode.badArguments, 'a look names no case')
  const { reason } = args
  const isKnown = typeof reason === 'string' && reasons.includes(reason)
  const sentence = `${body.transition}/reason: a look takes a reason: ${reasons.join(', ')}`
  require(isKnown, ResultCode.guardClosed, sentence)
  const key = lookKey(state.hasher, bytesArgument(args, 'look', 32))
  const commitment = bytesArgument(args, 'commitment', 32)
  require(!state.get(key), ResultCode.exists, 'there is a look under this number: take the next')
  const { height, time } = block
  const said = { service: service.id, look: body.transition, office, mandate, account, reason }
  state.put(key, lookEntry.encode({ ...said, height, time, commitment }))
  count(state, getProcedure(state, service.id)!, { office, time, apart: [], names: ['looks'] })
  return empty
}
