// A module of one function, which shows whether this engine has relaxed SIMD and rounds a fused multiplication once. Its
// factors come from outside, so that no compiler can work the answer out beforehand.

/** a b + c. */
export function multiplyAdd(a: f64, b: f64, c: f64): f64 {
  return f64x2.extract_lane(f64x2.relaxed_madd(f64x2.splat(a), f64x2.splat(b), f64x2.splat(c)), 0)
}
