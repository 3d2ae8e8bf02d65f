// What a run's figures come to.

/** How many times longer one contender takes than another. */
export type Ratio = {
  /** Median time of the one / median time of the other. */
  readonly ratio: number
  /** Interquartile range of the ratios of the single alternations / their median: 0.1 says that half are within about 5 %. */
  readonly spread: number
}

/** Both lists hold one time an alternation, in the same order. */
export function compareTimes(theirs: readonly number[], ours: readonly number[]): Ratio {
  if (theirs.length !== ours.length || ours.length === 0) throw new Error('times of other alternations')
  const ratios = theirs.map((time, i) => time / ours[i]!)
  return {
    ratio: quantile(theirs, 0.5) / quantile(ours, 0.5),
    spread: (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / quantile(ratios, 0.5),
  }
}

/** The value below which `share` of the values lie, between two neighbours by their distance. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('no values')
  const sorted = [...values].sort((left, right) => left - right)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]!
  const above = sorted[Math.ceil(place)]!
  return below + (above - below) * (place - Math.floor(place))
}
