declare const brand: unique symbol

/**
 * A value that a `verify…` function vouches for. Nothing else may make this brand: the cast stands only in files whose
 * names say that they verify. At run time it is the value itself.
 */
export type Trusted<T> = T & { readonly [brand]: true }
