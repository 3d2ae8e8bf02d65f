import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFirstPacket } from './answer-dial.ts'

const directUfragPrefix = 'muniment/direct/1/'

test('a first packet is taken by its whole grammar', () => {
  const good = { ufrag: 'aB+/', localUfrag: `${directUfragPrefix}${'x'.repeat(24)}`, host: '192.0.2.1', port: 50_000 }
  const call = readFirstPacket(good)!
  assert.equal(call.secret, good.localUfrag)
  assert.match(call.offer, /\r\na=ice-ufrag:aB\+\/\r\na=ice-pwd:x{24}\r\n/)
  assert.match(call.offer, / 192\.0\.2\.1 50000 typ host\r\n/)
  for (const change of [
    { host: 'localhost' },
    { host: '' },
    { port: 53 },
    { port: 70_000 },
    { port: Number.NaN },
    { ufrag: 'a\nb=' },
    { ufrag: '' },
    { ufrag: 'a'.repeat(33) },
    { localUfrag: directUfragPrefix },
    { localUfrag: `x${good.localUfrag}` },
    { localUfrag: `${good.localUfrag}\r\n` },
    { localUfrag: `${directUfragPrefix}${'x'.repeat(65)}` },
  ])
    assert.equal(readFirstPacket({ ...good, ...change }), undefined, JSON.stringify(change))
})
