/** `take` answers whether there was a token left. */
export type Bucket = { readonly take: () => boolean }

/** A token bucket: `rate` tokens a second, at most `burst` at once. */
export function createBucket(rate: number, burst: number, now: () => number = () => performance.now()): Bucket {
  let tokens = burst
  let last = now()
  return {
    take() {
      const time = now()
      tokens = Math.min(burst, tokens + ((time - last) / 1_000) * rate)
      last = time
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
  }
}
