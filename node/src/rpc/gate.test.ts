import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createGate, networkOf } from './gate.ts'

const limits = {
  connectionsPerAddressMax: 2,
  requestsConcurrentMax: 2,
  callsPerSecondMax: 10,
  callsBurstMax: 5,
  addressesMax: 3,
}

describe('gate', () => {
  test('one household of IPv6 counts as one, IPv4 inside IPv6 as itself', () => {
    const cases = [
      ['192.0.2.7', '192.0.2.7'],
      ['::ffff:192.0.2.7', '192.0.2.7'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
      ['2001:db8:1:2::1', '2001:db8:1:2'],
      ['2001:0db8::1', '2001:db8:0:0'],
      ['::1', '0:0:0:0'],
      ['fe80::1%eth0', 'fe80:0:0:0'],
    ]
    for (const [address, network] of cases) assert.equal(networkOf(address!), network)
  })

  test('calls refill with time, and long answers are paid afterwards', () => {
    let ms = 0
    const gate = createGate(limits, () => ms)
    const taken = () => Array.from({ length: 10 }, () => gate.takeCall('192.0.2.1')).filter(Boolean).length
    assert.equal(taken(), 5)
    ms += 300
    assert.equal(taken(), 3)
    ms += 1_000
    gate.charge('192.0.2.1', 4 * 16 * 1024)
    assert.equal(taken(), 2)
    assert.equal(gate.takeCall('192.0.2.2'), true)
  })

  test('connections and work in progress are given back', () => {
    const gate = createGate(limits)
    assert.deepEqual([gate.enter('a'), gate.enter('a'), gate.enter('a'), gate.enter('b')], [true, true, false, true])
    gate.left('a')
    assert.equal(gate.enter('a'), true)
    assert.equal(gate.connections(), 3)
    assert.deepEqual([gate.start(), gate.start(), gate.start()], [true, true, false])
    gate.done()
    assert.equal(gate.start(), true)
  })

  test('only so many addresses are remembered, the last to ask first', () => {
    const gate = createGate(limits, () => 0)
    for (let i = 0; i < 5; i++) gate.takeCall('192.0.2.1')
    assert.equal(gate.takeCall('192.0.2.1'), false)
    for (const last of [2, 3, 4]) gate.takeCall(`192.0.2.${last}`)
    assert.equal(gate.takeCall('192.0.2.1'), true)
  })
})
