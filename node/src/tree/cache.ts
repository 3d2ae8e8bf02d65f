/** The least recently used go first; the bound is in bytes, so that a large tree can't grow the process. */
export type Cache<T> = {
  readonly get: (key: string) => T | undefined
  readonly set: (key: string, value: T) => void
  readonly delete: (key: string) => void
  readonly bytes: () => number
}

/** `size` estimates the bytes that one value takes. */
export function newCache<T>(bytesMax: number, size: (value: T) => number): Cache<T> {
  const values = new Map<string, T>()
  let bytes = 0

  function remove(key: string): void {
    const value = values.get(key)
    if (value === undefined) return
    values.delete(key)
    bytes -= size(value)
  }

  function get(key: string): T | undefined {
    const value = values.get(key)
    if (value === undefined) return undefined
    // A Map keeps the order of insertion: what was just used moves to its end.
    values.delete(key)
    values.set(key, value)
    return value
  }

  function set(key: string, value: T): void {
    remove(key)
    values.set(key, value)
    bytes += size(value)
    for (const oldest of values.keys()) {
      if (bytes <= bytesMax) break
      remove(oldest)
    }
  }

  return { get, set, delete: remove, bytes: () => bytes }
}
