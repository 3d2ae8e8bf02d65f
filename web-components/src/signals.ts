// Waiting that can be called off.

/** What goes on meanwhile is left to itself. Rejects with the signal's reason. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** A pause that ends at once where the browser says that there is a network again, or the signal aborts. */
export function pauseUntilOnline(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(go, milliseconds)
    addEventListener('online', go, { once: true })
    signal?.addEventListener('abort', go, { once: true })
    function go(): void {
      clearTimeout(timer)
      removeEventListener('online', go)
      signal?.removeEventListener('abort', go)
      resolve()
    }
  })
}
