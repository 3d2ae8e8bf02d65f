import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VerifyError } from '../errors.ts'
import type { Provider } from '../provider.ts'
import { answerQuery, createQueryProvider, queryRequest, queryResponse, throwTold } from './messages.ts'

const nothing = { status: undefined, lightBlocks: undefined, state: undefined, submit: undefined }
const status = { chainId: 'test-net', latestHeight: 9n, earliestHeight: 1n }

function provider(over: Partial<Provider> = {}): Provider {
  const fail = async (): Promise<never> => {
    throw new Error('a secret path of the node')
  }
  return {
    kind: 'local',
    label: 'test',
    status: async () => status,
    lightBlocks: fail,
    state: fail,
    submit: fail,
    close: async () => {},
    ...over,
  }
}

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
  assert.deepEqual(await over(provider()).status(), status)
  const submitted = over(provider({ submit: async transaction => ({ code: transaction.length, log: 'taken' }) }))
  assert.deepEqual(await submitted.submit(new Uint8Array(5)), { code: 5, log: 'taken' })
})

test('a node tells its own errors in a word, and foreign ones not at all', async () => {
  await assert.rejects(over(provider()).lightBlocks('latest'), (error: VerifyError) => {
    return error.code === 'unavailable' && !error.message.includes('secret')
  })
  const limited = provider({ state: async () => Promise.reject(new VerifyError('limited', 'slower please')) })
  await assert.rejects(over(limited).state({ keys: [new Uint8Array(32)] }), {
    message: /slower please/,
    code: 'limited',
  })
})

test('a node that answers another question, or with too many blocks, is not believed', async () => {
  const other = createQueryProvider(
    async () => ({ id: 1, error: undefined, ...nothing, submit: { code: 0, log: '' } }),
    { kind: 'webrtc', label: 'x', close: async () => {} },
  )
  await assert.rejects(other.status(), { name: 'VerifyError', code: 'malformed' })
  const none = over(provider({ lightBlocks: async () => [] }))
  await assert.rejects(none.lightBlocks('latest'), { name: 'VerifyError' })
})

test('random bytes to a node give an error answer, never an exception, and never reach the ledger', async () => {
  const reached = provider({ submit: async () => assert.fail('reached') })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async bytes => {
      const answer = queryResponse.decode(await answerQuery(bytes, reached, AbortSignal.timeout(1000)))
      assert.ok(answer.error !== undefined || answer.status !== undefined)
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
