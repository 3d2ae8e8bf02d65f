// For those who verify SD-JWTs that are not ours: RFC 9901 without our profile.
export type { KeyBindingDemand } from './credential.ts'
export { verifyKeyBinding } from './credential.ts'
export type { Jws } from './jws.ts'
export { formatJwk, parseJwk, parseJws, verifyJws } from './jws.ts'
export type { DisclosedClaims, Disclosure, SdJwt } from './sd-jwt.ts'
export { compactFromJson, discloseClaims, parseSdJwt } from './sd-jwt.ts'
