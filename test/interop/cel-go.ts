// Guards and facts as test/interop/cel-go/main.go reads them.

import { formatHex, type GuardValue } from '@muniment/sdk'
import type { GuardCases } from '../guard-cases.ts'
import { runProgram } from './go.ts'

type Written = { readonly [kind: string]: string | readonly Written[] | { readonly [name: string]: Written } }

function write(value: GuardValue): Written {
  if (typeof value === 'bigint') return { int: String(value) }
  if (typeof value === 'boolean') return { bool: String(value) }
  if (typeof value === 'string') return { string: formatHex(new TextEncoder().encode(value)) }
  if (value instanceof Uint8Array) return { bytes: formatHex(value) }
  if (Array.isArray(value)) return { list: value.map(write) }
  if ('kind' in value && 'seconds' in value) return { [String(value.kind)]: String(value.seconds) }
  return { record: Object.fromEntries(Object.entries(value).map(([name, each]) => [name, write(each)])) }
}

/** The answers of cel-go, a list for each guard. */
export async function askCelGo(binary: string, guards: readonly GuardCases[]): Promise<readonly (readonly string[])[]> {
  const lines = guards.map(({ text, cases }) =>
    JSON.stringify({
      Text: text,
      Cases: cases.map(each => Object.fromEntries([...each].map(([name, value]) => [name, write(value)]))),
    }),
  )
  const answers = (await runProgram(binary, [], lines.join('\n'))).trimEnd().split('\n')
  return answers.map(line => (line.startsWith('refused') ? [line] : line.split(' ')))
}
