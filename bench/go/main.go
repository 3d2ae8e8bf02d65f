// The native contender of `npm run bench -- crypto`: CometBFT's path through curve25519-voi (crypto/ed25519/ed25519.go of
// v0.40), which is its verifier that keeps expanded public keys, under ZIP-215. One thread; it times itself.
//
// It answers requests on standard input until that ends. A request is a letter and its operands, u32 little-endian:
//
//	L size bytes        signatures to keep: each is its key, signature, and message after its length (u32)
//	B count size        check the first `count` in batches of `size`
//	S count             check the first `count` one by one
//
// To B and S it answers with a line of JSON: the nanoseconds it took, and whether all were good.
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519/extra/cache"
)

// As many expanded keys as CometBFT keeps.
const cacheSize = 4096

type signed struct{ publicKey, signature, message []byte }

type answer struct {
	Nanoseconds int64 `json:"nanoseconds"`
	Good        bool  `json:"good"`
}

var (
	options  = &ed25519.Options{Verify: ed25519.VerifyOptionsZIP_215}
	verifier = cache.NewVerifier(cache.NewLRUCache(cacheSize))
)

func main() {
	runtime.GOMAXPROCS(1)
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	if err := serve(input, json.NewEncoder(os.Stdout)); err != nil && !errors.Is(err, io.EOF) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(input *bufio.Reader, output *json.Encoder) error {
	var items []signed
	for {
		request, err := input.ReadByte()
		if err != nil {
			return err
		}
		first, err := readLength(input)
		if err != nil {
			return err
		}
		var check func([]signed) bool
		switch request {
		case 'L':
			packed := make([]byte, first)
			if _, err := io.ReadFull(input, packed); err != nil {
				return err
			}
			items = unpack(packed)
			continue
		case 'B':
			size, err := readLength(input)
			if err != nil {
				return err
			}
			check = func(some []signed) bool { return inBatches(some, size) }
		case 'S':
			check = oneByOne
		default:
			return fmt.Errorf("unknown request %q", request)
		}
		began := time.Now()
		good := check(items[:first])
		if err := output.Encode(answer{time.Since(began).Nanoseconds(), good}); err != nil {
			return err
		}
	}
}

func inBatches(items []signed, size int) bool {
	good := true
	for start := 0; start < len(items); start += size {
		chunk := items[start:min(start+size, len(items))]
		batch := ed25519.NewBatchVerifierWithCapacity(len(chunk))
		for _, item := range chunk {
			verifier.AddWithOptions(batch, item.publicKey, item.message, item.signature, options)
		}
		all, _ := batch.Verify(rand.Reader)
		good = good && all
	}
	return good
}

func oneByOne(items []signed) bool {
	good := true
	for _, item := range items {
		good = verifier.VerifyWithOptions(item.publicKey, item.message, item.signature, options) && good
	}
	return good
}

// unpack reads what packItems of bench/crypto/wire.ts wrote.
func unpack(packed []byte) []signed {
	const headBytes = ed25519.PublicKeySize + ed25519.SignatureSize + 4
	var items []signed
	for len(packed) > 0 {
		publicKey, rest := packed[:ed25519.PublicKeySize], packed[ed25519.PublicKeySize:]
		signature, length := rest[:ed25519.SignatureSize], binary.LittleEndian.Uint32(rest[ed25519.SignatureSize:])
		end := headBytes + int(length)
		items = append(items, signed{publicKey, signature, packed[headBytes:end]})
		packed = packed[end:]
	}
	return items
}

func readLength(input io.Reader) (int, error) {
	var bytes [4]byte
	_, err := io.ReadFull(input, bytes[:])
	return int(binary.LittleEndian.Uint32(bytes[:])), err
}
