module muniment/bench/go

go 1.25.0

require github.com/oasisprotocol/curve25519-voi v0.0.0-20230904125328-1f23a7beb09a

// As CometBFT v0.40 resolves them.
require (
	golang.org/x/crypto v0.54.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)
