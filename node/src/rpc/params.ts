// A method's parameters, as CometBFT takes them: quoted in a URI (rpc/jsonrpc/server/http_uri_handler.go), as JSON in a
// JSON-RPC call, there by name or in their order.

import { encodeUtf8, isObject, type Json, parseBase64, parseHex, parseJson, VerifyError } from '@muniment/sdk'

/** `bytes` is base64 in JSON, `hexBytes` hexadecimal; in a URI both are 0x… or a quoted text. `json` is any value. */
type ParamType = 'integer' | 'boolean' | 'text' | 'bytes' | 'hexBytes' | 'json'

export type ParamTable = Readonly<Record<string, ParamType>>

/** What is missing is undefined; every method has its own defaults. */
export type Params = {
  readonly integer: (name: string) => bigint | undefined
  readonly boolean: (name: string) => boolean
  readonly text: (name: string) => string
  readonly bytes: (name: string) => Uint8Array
  readonly json: (name: string) => Json | undefined
}

type Value = bigint | boolean | string | Uint8Array | { readonly json: Json }

/** Throws VerifyError `malformed` for a value of the wrong kind; unknown names are left alone, as CometBFT does. */
export function uriParams(table: ParamTable, query: URLSearchParams): Params {
  return readParams(table, (name, type) => {
    const text = query.get(name)
    return text === null || text === '' ? undefined : uriValue(name, type, text)
  })
}

/** `params` of a JSON-RPC call: an object, a list, or nothing. */
export function jsonParams(table: ParamTable, params: Json | undefined): Params {
  const names = Object.keys(table)
  if (params !== undefined && params !== null && !Array.isArray(params) && !isObject(params)) {
    throw wrong('params', 'an object or a list')
  }
  if (Array.isArray(params) && params.length > names.length) throw wrong('params', `at most ${names.length} values`)
  return readParams(table, (name, type) => {
    const value = isObject(params ?? undefined)
      ? (params as Record<string, Json>)[name]
      : params?.[names.indexOf(name) as never]
    return value === undefined || value === null ? undefined : jsonValue(name, type, value)
  })
}

function readParams(table: ParamTable, read: (name: string, type: ParamType) => Value | undefined): Params {
  const values = new Map(Object.entries(table).map(([name, type]) => [name, read(name, type)]))
  return {
    integer: name => values.get(name) as bigint | undefined,
    boolean: name => (values.get(name) as boolean | undefined) ?? false,
    text: name => (values.get(name) as string | undefined) ?? '',
    bytes: name => (values.get(name) as Uint8Array | undefined) ?? new Uint8Array(0),
    json: name => (values.get(name) as { readonly json: Json } | undefined)?.json,
  }
}

function uriValue(name: string, type: ParamType, text: string): Value {
  if (type === 'integer') return integer(name, unquote(text) ?? text)
  if (type === 'boolean') return boolean(name, text)
  if (type === 'json') return { json: parseJson(text) }
  if (/^0x/i.test(text)) {
    const bytes = parseHex(text.slice(2))
    return type === 'text' ? new TextDecoder().decode(bytes) : bytes
  }
  const quoted = unquote(text)
  if (quoted === undefined) throw wrong(name, 'a quoted "text" or 0x and hexadecimal digits')
  return type === 'text' ? quoted : encodeUtf8(quoted)
}

function jsonValue(name: string, type: ParamType, value: Json): Value {
  if (type === 'integer' && (typeof value === 'string' || Number.isSafeInteger(value)))
    return integer(name, String(value))
  if (type === 'boolean') return boolean(name, String(value))
  if (type === 'json') return { json: value }
  if (typeof value !== 'string') throw wrong(name, `a ${type}`)
  if (type === 'text') return value
  return type === 'bytes' ? parseBase64(value) : parseHex(value)
}

function integer(name: string, text: string): bigint {
  if (!/^-?\d{1,18}$/.test(text)) throw wrong(name, 'a whole number')
  return BigInt(text)
}

function boolean(name: string, text: string): boolean {
  if (text !== 'true' && text !== 'false') throw wrong(name, 'true or false')
  return text === 'true'
}

/** The text between double quotes, with JSON's escapes; undefined when it is not quoted. */
function unquote(text: string): string | undefined {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function wrong(name: string, expected: string): VerifyError {
  return new VerifyError('malformed', `${name} must be ${expected}`)
}
