// What stands on a command line, read strictly: a mistake is one sentence, and the usage.

import { parseArgs } from 'node:util'

/** A sentence for who typed the command. */
export class UsageError extends Error {}

type OptionTypes = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>
export type OptionValues = Readonly<Record<string, unknown>>

/** Throws UsageError for what the command does not know. */
export function options(args: readonly string[], types: OptionTypes): OptionValues {
  try {
    return parseArgs({ args: [...args], options: types, strict: true }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

export function needed(values: OptionValues, name: string): string {
  const value = values[name]
  if (typeof value !== 'string') throw new UsageError(`--${name} is missing.`)
  return value
}

export function port(text: unknown): number {
  const number = Number(text)
  if (!/^\d{1,5}$/.test(String(text)) || number > 65_535) throw new UsageError(`${text} is no port.`)
  return number
}

/** Addresses of HTTP servers, each option one or several with commas between. Throws UsageError. */
export function addresses(values: unknown): readonly string[] {
  const texts = ((values as readonly string[] | undefined) ?? []).flatMap(value => value.split(','))
  for (const text of texts) {
    const isAddress = /^https?:\/\//.test(text) && URL.canParse(text)
    if (!isAddress) throw new UsageError(`${text} is no http address.`)
  }
  return texts
}

/** Origins as a browser spells them, or `*`. Throws UsageError. */
export function origins(values: unknown): readonly string[] {
  const texts = (values as readonly string[] | undefined) ?? []
  for (const text of texts) {
    const isOrigin = text === '*' || (/^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text)
    if (!isOrigin) throw new UsageError(`${text} is no origin: write https://www.example.gov, without a path, or *.`)
  }
  return texts
}

/** Both or neither. Throws UsageError. */
export function tlsFiles(values: OptionValues): { readonly certificate: string; readonly key: string } | undefined {
  if (values['tls-cert'] === undefined && values['tls-key'] === undefined) return undefined
  return { certificate: needed(values, 'tls-cert'), key: needed(values, 'tls-key') }
}
