/** Result codes of transactions. Frozen: they are hashed into blocks. */
export const ResultCode = {
  ok: 0,
  malformed: 1,
  wrongChain: 2,
  expired: 3,
  badSignature: 4,
  unknownKey: 5,
  nonceUsed: 6,
  unknownService: 7,
  unknownTransition: 8,
  notAllowed: 9,
  badArguments: 10,
  exists: 11,
  notFound: 12,
  wrongState: 13,
  quota: 14,
  /** A condition of the service file does not hold; the sentence begins with its name, `issue/late: …`. */
  guardClosed: 15,
} as const
