// An act's arguments, as people compare them.

import { Algorithm, formatHex, formatJson, type Json, type JsonObject, parseBase64Url } from '@muniment/sdk'
import { html } from 'lit'
import { type KeysMessages, keysMessages } from '../messages/keys.ts'
import type { Words } from '../verify/describe.ts'

export function argumentRows(words: Words, args: JsonObject): readonly { label: unknown; value: unknown }[] {
  const texts = keysMessages(words.language)
  return Object.entries(args).map(([argument, value]) => ({
    label: labelOf(texts, argument),
    value: argumentTexts(argument, value).map(text => html`<div><bdi class="code" dir="ltr">${text}</bdi></div>`),
  }))
}

/** Arguments that name accounts and the like, which people know in hexadecimal. */
const accountArguments: readonly string[] = ['guardians', 'to', 'account', 'delegation']

/** As people compare it, whole: a key begins with what the list shows of it. */
function argumentTexts(name: string, value: Json): readonly string[] {
  if (name === 'algorithm') return [value === Algorithm.p256 ? 'P-256' : 'Ed25519']
  if (name === 'key' && typeof value === 'string') {
    const bytes = parseBase64Url(value)
    return [shortKey(bytes), value]
  }
  const list = Array.isArray(value) ? value : [value]
  return list.map(each => {
    if (typeof each !== 'string') return formatJson(each)
    return accountArguments.includes(name) ? formatHex(parseBase64Url(each)) : each
  })
}

function labelOf(texts: KeysMessages, name: string): string {
  const labels: Readonly<Record<string, string>> = {
    algorithm: texts.argumentAlgorithm,
    key: texts.argumentKey,
    origins: texts.argumentPages,
    rpId: texts.argumentRpId,
    guardians: texts.argumentGuardians,
    threshold: texts.argumentThreshold,
    identity: texts.argumentIdentity,
    to: texts.argumentTo,
    scope: texts.argumentScope,
    until: texts.argumentUntil,
    account: texts.argumentAccount,
    delegation: texts.argumentDelegation,
  }
  return labels[name] ?? name
}

/** Enough of a key to tell it from another. */
export function shortKey(bytes: Uint8Array): string {
  return formatHex(bytes.slice(-6)).replace(/(.{4})(?=.)/g, '$1 ')
}
