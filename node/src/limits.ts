// Bounds of the node, beside those of the sdk's formats. Units stand last in the name.

/** WebRTC: new connections from everywhere, and what one peer may do. */
export const handshakesPerSecond = 20
export const handshakeBurst = 40
export const connectionsMax = 500
export const pendingConnectionsMax = 64
/** Schools and offices share one address. */
export const inboundPerSecondAndAddressMax = 30
export const streamsPerPeerMax = 4
export const requestsPerSecondAndPeer = 50
export const requestBurst = 100
export const requestsAtOncePerPeerMax = 16
export const idleTimeoutMs = 120_000
export const stopTimeoutMs = 3_000
