/**
 * Makes two peers of Node meet, at the third attempt at the latest: node-datachannel 0.33.4 may look at the other side's
 * certificate a moment before it has kept which one to expect, and ends the connection then. Browsers don't.
 */
export async function onceMore<T>(meet: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await meet()
    } catch (error) {
      if (attempt === 3) throw error
    }
  }
}
