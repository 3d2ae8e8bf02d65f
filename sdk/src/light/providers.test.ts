import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VerifyError } from '../errors.ts'
import { latestGraceMs, reserveAfterMs } from '../limits.ts'
import { createProviders } from './providers.ts'

type Named = { readonly name: string; readonly isReserve?: boolean }

const server: Named = { name: 'server' }
const other: Named = { name: 'other server' }
const spared: Named = { name: 'spared', isReserve: true }
const silence = (): Promise<never> => new Promise(() => undefined)
const failing = async (): Promise<never> => {
  throw new VerifyError('unavailable', 'no answer')
}
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Asks by what each name does; answers who was asked. */
function recorded(ways: Readonly<Record<string, () => Promise<string>>>) {
  const asked: string[] = []
  const run = ({ name }: Named): Promise<string> => {
    asked.push(name)
    return ways[name]!()
  }
  return { asked, run }
}

describe('a provider that costs much to reach', () => {
  it('is not asked while others answer', async () => {
    const providers = createProviders([spared, server, other])
    const { asked, run } = recorded({ server: async () => 'a', 'other server': failing })
    const answers = await providers.each(run, undefined)
    assert.deepEqual(
      answers.map(({ answer }) => answer),
      ['a'],
    )
    assert.equal(await providers.first(run, undefined), 'a')
    assert.deepEqual(asked, ['server', 'other server', 'server'])
    assert.deepEqual(
      providers.awake().map(({ name }) => name),
      ['server', 'other server'],
    )
  })

  it('is asked at once when all others have failed', async () => {
    for (const ask of ['each', 'first'] as const) {
      const providers = createProviders([spared, server, other])
      const { asked, run } = recorded({ server: failing, 'other server': failing, spared: async () => 'late' })
      const answer = await providers[ask](run, undefined)
      assert.equal(Array.isArray(answer) ? answer[0].answer : answer, 'late')
      assert.deepEqual(asked, ['server', 'other server', 'spared'])
    }
  })

  it('is asked beside others that have been silent for long', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    for (const ask of ['each', 'first'] as const) {
      const providers = createProviders([spared, server])
      const { asked, run } = recorded({ server: silence, spared: async () => 'late' })
      const answer = providers[ask](run, undefined)
      t.mock.timers.tick(reserveAfterMs - 1)
      await turn()
      assert.deepEqual(asked, ['server'])
      t.mock.timers.tick(1)
      await turn()
      assert.deepEqual(asked, ['server', 'spared'])
      t.mock.timers.tick(latestGraceMs)
      const given = await answer
      assert.equal(Array.isArray(given) ? given[0].answer : given, 'late')
    }
  })

  it('is asked as any other where nobody else is there, or once it costs nothing more', async () => {
    const changing = { name: 'spared', isReserve: true }
    const providers = createProviders<Named>([changing, server])
    const { asked, run } = recorded({ server: async () => 'a', spared: async () => 'b' })
    changing.isReserve = false
    assert.equal((await providers.each(run, undefined)).length, 2)
    assert.deepEqual(asked, ['spared', 'server'])
    assert.deepEqual(await createProviders([spared]).first(run, undefined), 'b')
  })
})
