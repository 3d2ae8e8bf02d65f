import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stubProvider } from '../../../test/stub-provider.ts'
import { VerifyError } from '../errors.ts'
import type { Provider } from '../provider.ts'
import { answerQuery, createQueryProvider, queryRequest, queryResponse, throwTold } from './messages.ts'

const answered = queryResponse.decode(new Uint8Array([8, 1]))

/** Fails with what nobody outside should read. */
const secret = async (): Promise<never> => {
  throw new Error('a secret path of the node')
}
const failing = stubProvider({ lightBlock: secret, submit: secret })

function over(serving: Provider): Provider {
  return createQueryProvider(
    async request => {
      const answer = queryResponse.decode(
        await answerQuery(queryRequest.encode({ ...request, id: 1 }), serving, AbortSignal.timeout(1000)),
      )
      throwTold(answer)
      return answer
    },
    { kind: 'webrtc', label: 'over', close: async () => {} },
  )
}

test('what a provider answers arrives as it was', async () => {
  const submitted = over(stubProvider({ submit: async transaction => ({ code: transaction.length, log: 'taken' }) }))
  assert.deepEqual(await submitted.submit(new Uint8Array(5)), { code: 5, log: 'taken' })
})

test('a node tells its own errors in a word, and foreign ones not at all', async () => {
  await assert.rejects(over(failing).lightBlock('latest'), (error: VerifyError) => {
    return error.code === 'unavailable' && !error.message.includes('secret')
  })
  const limited = stubProvider({ query: async () => Promise.reject(new VerifyError('limited', 'slower please')) })
  await assert.rejects(over(limited).query([{ store: 'state', key: new Uint8Array(32) }]), {
    message: /slower please/,
    code: 'limited',
  })
})

test('a node that answers another question, or with too many blocks, is not believed', async () => {
  const other = createQueryProvider(
    async () => queryResponse.decode(queryResponse.encode({ ...answered, submit: { code: 0, log: '' } })),
    { kind: 'webrtc', label: 'x', close: async () => {} },
  )
  await assert.rejects(other.lightBlock('latest'), { name: 'VerifyError', code: 'malformed' })
  const none = over(stubProvider({ lightBlocks: async () => [] }))
  await assert.rejects(none.lightBlocks(1n, 2n), { name: 'VerifyError' })
})

test('a node says the time, one that knows none refuses, and a neighbour is not asked', async () => {
  const time = { seconds: 1_800_000_000n, nanos: 5 }
  assert.deepEqual(await over(stubProvider({ time: async () => time })).time!(), time)
  await assert.rejects(over(stubProvider()).time!(), { name: 'VerifyError', code: 'unavailable' })
  const given = { kind: 'neighbour', label: 'x', close: async () => {} } as const
  assert.equal(createQueryProvider(async () => assert.fail('asked'), given).time, undefined)
})

test('random bytes to a node give an error answer, never an exception, and never reach the ledger', async () => {
  const reached = stubProvider({ submit: async () => assert.fail('reached') })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async bytes => {
      const answer = queryResponse.decode(await answerQuery(bytes, reached, AbortSignal.timeout(1000)))
      assert.ok(answer.error !== undefined || answer.witnessedHead !== undefined)
    }),
  )
  await fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      try {
        queryResponse.decode(bytes)
      } catch (error) {
        assert.ok(error instanceof VerifyError)
      }
    }),
  )
})
