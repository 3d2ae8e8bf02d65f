// Guards evaluated by @bufbuild/cel, the implementation that browsers have besides ours.

import {
  type CelInput,
  CelScalar,
  celEnv,
  celFunc,
  isCelError,
  isCelList,
  listType,
  mapType,
  objectType,
  parse,
  plan,
} from '@bufbuild/cel'
import { create } from '@bufbuild/protobuf'
import { DurationSchema, TimestampSchema } from '@bufbuild/protobuf/wkt'
import { formatHex, type GuardValue } from '@muniment/sdk'
import { type GuardCases, guardEnvironment } from '../guard-cases.ts'

const duration = objectType(DurationSchema)
const record = mapType(CelScalar.STRING, CelScalar.DYN)
const types = {
  int: CelScalar.INT,
  bool: CelScalar.BOOL,
  string: CelScalar.STRING,
  bytes: CelScalar.BYTES,
  timestamp: objectType(TimestampSchema),
  duration,
  record,
}

const env = celEnv({
  variables: Object.fromEntries(
    Object.entries(guardEnvironment.variables).map(([name, { type }]) => [
      name,
      type.kind === 'list' ? listType(typeOf(type.item.kind)) : typeOf(type.kind),
    ]),
  ),
  funcs: [
    celFunc('days', [CelScalar.INT], duration, days),
    celFunc('score', [CelScalar.INT], CelScalar.INT, value => value % 7n),
    celFunc('party.alive', [CelScalar.STRING], CelScalar.BOOL, name => name === 'ada'),
  ],
})

function typeOf(kind: string): (typeof types)[keyof typeof types] {
  return types[kind as keyof typeof types]
}

function days(count: bigint): ReturnType<typeof create<typeof DurationSchema>> {
  const seconds = count * 86_400n
  if (seconds > 9_223_372_036n || seconds < -9_223_372_036n) throw new Error('too long')
  return create(DurationSchema, { seconds })
}

function toInput(value: GuardValue): CelInput {
  if (typeof value !== 'object' || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(toInput)
  if ('kind' in value && 'seconds' in value) {
    const seconds = value.seconds as bigint
    return value.kind === 'timestamp' ? create(TimestampSchema, { seconds }) : create(DurationSchema, { seconds })
  }
  return new Map(Object.entries(value).map(([name, each]) => [name, toInput(each)]))
}

function format(value: unknown): string {
  if (typeof value === 'bigint') return `int:${value}`
  if (typeof value === 'boolean') return `bool:${value}`
  if (typeof value === 'string') return `string:${formatHex(new TextEncoder().encode(value))}`
  if (value instanceof Uint8Array) return `bytes:${formatHex(value)}`
  if (isCelList(value)) return `[${[...value].map(format).join(',')}]`
  const { desc, message } = value as { desc: { typeName: string }; message: { seconds: bigint } }
  return `${desc.typeName === 'google.protobuf.Duration' ? 'duration' : 'timestamp'}:${message.seconds}`
}

/** Its answer in each case. */
export function askBufbuild({ text, cases }: GuardCases): readonly string[] {
  const evaluate = plan(env, parse(text))
  return cases.map(facts => {
    const input = Object.fromEntries([...facts].map(([name, value]) => [name, toInput(value)]))
    const result = evaluate(input as never)
    return isCelError(result) ? 'error' : format(result)
  })
}
