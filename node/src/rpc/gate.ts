// How much one address may ask for. Addresses of IPv6 count by their first 64 bits, which one household or phone holds.

import { isIPv4, isIPv6 } from 'node:net'
import { createBucket } from '@muniment/sdk/p2p'
import {
  httpConnectionsPerAddressMax,
  httpRequestsConcurrentMax,
  rpcAddressesMax,
  rpcAnswerBytesPerCall,
  rpcCallsBurstMax,
  rpcCallsPerSecondMax,
} from '../limits.ts'

export type Gate = {
  /** Whether one more connection of this address is let in; `left` must be called when it ends. */
  readonly enter: (address: string) => boolean
  readonly left: (address: string) => void
  /** One call of this address. */
  readonly takeCall: (address: string) => boolean
  /** A long answer counts as more calls, afterwards. */
  readonly charge: (address: string, answerBytes: number) => void
  /** Whether one more request may be worked on; `done` must be called after it. */
  readonly start: () => boolean
  readonly done: () => void
  readonly connections: () => number
}

export type GateLimits = {
  readonly connectionsPerAddressMax: number
  readonly requestsConcurrentMax: number
  readonly callsPerSecondMax: number
  readonly callsBurstMax: number
  readonly addressesMax: number
}

const defaultLimits: GateLimits = {
  connectionsPerAddressMax: httpConnectionsPerAddressMax,
  requestsConcurrentMax: httpRequestsConcurrentMax,
  callsPerSecondMax: rpcCallsPerSecondMax,
  callsBurstMax: rpcCallsBurstMax,
  addressesMax: rpcAddressesMax,
}

export function createGate(limits: GateLimits = defaultLimits, now: () => number = () => performance.now()): Gate {
  const open = new Map<string, number>()
  const buckets = new Map<string, { readonly take: () => boolean }>()
  let running = 0
  let connections = 0

  function enter(address: string): boolean {
    const name = networkOf(address)
    const count = open.get(name) ?? 0
    if (count >= limits.connectionsPerAddressMax) return false
    open.set(name, count + 1)
    connections += 1
    return true
  }

  function left(address: string): void {
    const name = networkOf(address)
    const count = (open.get(name) ?? 1) - 1
    if (count === 0) open.delete(name)
    else open.set(name, count)
    connections -= 1
  }

  function takeCall(address: string): boolean {
    const name = networkOf(address)
    const bucket = buckets.get(name) ?? createBucket(limits.callsPerSecondMax, limits.callsBurstMax, now)
    // The Map keeps the order of use: whoever has not asked for longest is forgotten first, with a full bucket.
    buckets.delete(name)
    buckets.set(name, bucket)
    for (const oldest of buckets.keys()) {
      if (buckets.size <= limits.addressesMax) break
      buckets.delete(oldest)
    }
    return bucket.take()
  }

  function charge(address: string, answerBytes: number): void {
    for (let paid = rpcAnswerBytesPerCall; paid < answerBytes; paid += rpcAnswerBytesPerCall) takeCall(address)
  }

  function start(): boolean {
    if (running >= limits.requestsConcurrentMax) return false
    running += 1
    return true
  }

  function done(): void {
    running -= 1
  }

  return { enter, left, takeCall, charge, start, done, connections: () => connections }
}

/** The address of IPv4, also inside IPv6, or the first four groups of an IPv6 address. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  if (isIPv4(mapped) || !isIPv6(mapped)) return mapped
  const [head = '', tail] = mapped.split('%')[0]!.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  // Between them `::` stands for as many zero groups as are missing.
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  return groups
    .slice(0, 4)
    .map(group => group.replace(/^0+(?=.)/, ''))
    .join(':')
}
