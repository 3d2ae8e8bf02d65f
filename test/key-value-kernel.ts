// The smallest kernel, for tests of everything below the ledger's rules: a transaction `key=value` sets a key, `key=`
// deletes it. `unsound…` is refused before the state is asked, `refused…` by the state machine.

import type { TransactionResult } from '../node/src/ledger/application.ts'
import type { Applied, BlockContext, Kernel, View } from '../node/src/ledger/kernel.ts'
import type { Write } from '../node/src/storage/database.ts'
import { encodeUtf8 } from '../sdk/src/bytes.ts'
import { ResultCode } from '../sdk/src/ledger/codes.ts'

export const keyValueKernel: Kernel = {
  genesis(appState, context) {
    const pairs = Object.entries(JSON.parse(new TextDecoder().decode(appState)) as Record<string, string>)
    const own: Write = { key: encodeUtf8('chain'), value: encodeUtf8(context.chainId) }
    return [own, ...pairs.map(([key, value]) => ({ key: encodeUtf8(key), value: encodeUtf8(value) }))]
  },
  verify: async transactions =>
    transactions.map(transaction =>
      text(transaction).startsWith('unsound') ? answer(ResultCode.badSignature, 'unsound') : undefined,
    ),
  apply: applyPair,
  tick: () => [],
  misbehave: (view, misbehavior) =>
    misbehavior.map(({ type, height }) => ({
      key: encodeUtf8('misbehavior'),
      value: encodeUtf8(`${text(view.get(encodeUtf8('misbehavior')) ?? new Uint8Array(0))}${type} at ${height};`),
    })),
  sender: transaction => text(transaction).split(':')[0],
}

/** A later pair of one key counts only when it is another value: `once:` keys are set once. */
function applyPair(view: View, transaction: Uint8Array, _context: BlockContext): Applied {
  const [key = '', value = ''] = text(transaction).split('=', 2)
  if (key.startsWith('refused')) return { result: answer(ResultCode.notAllowed, 'refused'), writes: [] }
  const name = encodeUtf8(key)
  if (name.length === 0 || name.length > 200) return { result: answer(ResultCode.malformed, 'no key'), writes: [] }
  if (key.startsWith('once:') && view.get(name)) return { result: answer(ResultCode.exists, 'is set'), writes: [] }
  const write = { key: name, value: value === '' ? undefined : encodeUtf8(value.slice(0, 60_000)) }
  return { result: { code: ResultCode.ok, log: '', data: name }, writes: [write] }
}

function text(transaction: Uint8Array): string {
  return new TextDecoder().decode(transaction)
}

function answer(code: number, log: string): TransactionResult {
  return { code, log, data: new Uint8Array(0) }
}
