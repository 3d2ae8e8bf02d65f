// What libp2p expects of a browser and those of early 2023 lack (Chromium before 119). Defined where libp2p runs, and nowhere else.

import { joinSignals } from '../signals.ts'

/** Defines what is missing; what is there stays. */
export function supplyMissing(host: typeof globalThis = globalThis): void {
  supply(host.Promise, 'withResolvers', withResolvers)
  supply(host.AbortSignal, 'any', (signals: Iterable<AbortSignal>) => joinSignals(...signals))
}

function supply(target: object | undefined, name: string, value: unknown): void {
  if (target === undefined || name in target) return
  Object.defineProperty(target, name, { value, configurable: true, writable: true })
}

type Resolvers<T> = {
  readonly promise: Promise<T>
  readonly resolve: (value: T | PromiseLike<T>) => void
  readonly reject: (reason?: unknown) => void
}

/** ECMAScript 2024, 27.2.4.9. */
function withResolvers<T>(): Resolvers<T> {
  let resolve!: Resolvers<T>['resolve']
  let reject!: Resolvers<T>['reject']
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil
    reject = refuse
  })
  return { promise, resolve, reject }
}
