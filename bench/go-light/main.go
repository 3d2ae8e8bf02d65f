// The native contender of `npm run bench -- light`: CometBFT v0.40's own light client. One thread; it times itself, and keeps
// expanded keys from one request to the next as a node does.
//
// It answers requests on standard input until that ends. A request is a line of JSON, after which come the bytes that it
// announces:
//
//	{"do": "load", "bytes": N}   light blocks of ascending heights to keep: each is its length (u32, little-endian) and its
//	                             protobuf
//	{"do": "adjacent"}           light.VerifyAdjacent of each but the first, decoded afresh before the clock runs
//	{"do": "sizes"}              the bytes of each: in protobuf, and in the answers of the RPC that CometBFT's client fetches
//	{"do": "skip", …}            light.Client from the trusted height to the target; it asks for what it needs by a line
//	                             {"want": height, "of": "primary" or "witness"} and is given a length and a light block
//
// To each but load it answers with a line of JSON.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/cometbft/cometbft/light"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

const (
	// Longer than any chain that is measured.
	trustingPeriod = 100 * 365 * 24 * time.Hour
	maxClockDrift  = 10 * time.Second
	blockBytesMax  = 16 << 20
)

type request struct {
	Do    string
	Bytes int
	skipRequest
}

type timed struct {
	Nanoseconds int64  `json:"nanoseconds"`
	Good        bool   `json:"good"`
	Error       string `json:"error,omitempty"`
}

// channel is how this program speaks with who started it.
type channel struct {
	input  *bufio.Reader
	output *json.Encoder
}

func main() {
	runtime.GOMAXPROCS(1)
	with := channel{bufio.NewReaderSize(os.Stdin, 1<<20), json.NewEncoder(os.Stdout)}
	if err := serve(with); err != nil && !errors.Is(err, io.EOF) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(with channel) error {
	var encoded [][]byte
	for {
		line, err := with.input.ReadBytes('\n')
		if err != nil {
			return err
		}
		var asked request
		if err := json.Unmarshal(line, &asked); err != nil {
			return err
		}
		var said any
		switch asked.Do {
		case "load":
			encoded, err = readBlocks(with.input, asked.Bytes)
			if err != nil {
				return err
			}
			continue
		case "adjacent":
			said, err = verifyAdjacent(encoded)
		case "sizes":
			said, err = sizesOf(encoded)
		case "skip":
			said, err = skip(with, asked.skipRequest)
		default:
			err = fmt.Errorf("unknown request %q", asked.Do)
		}
		if err != nil {
			return err
		}
		if err := with.output.Encode(said); err != nil {
			return err
		}
	}
}

func verifyAdjacent(encoded [][]byte) (timed, error) {
	blocks := make([]*types.LightBlock, len(encoded))
	for i := range encoded {
		block, err := decode(encoded[i])
		if err != nil {
			return timed{}, err
		}
		blocks[i] = block
	}
	if len(blocks) == 0 {
		return timed{}, errors.New("nothing is loaded")
	}
	now := blocks[len(blocks)-1].Time.Add(time.Second)
	// What decoding left behind is not part of the work.
	runtime.GC()
	began := time.Now()
	for i, block := range blocks[1:] {
		trusted := blocks[i].SignedHeader
		err := light.VerifyAdjacent(trusted, block.SignedHeader, block.ValidatorSet, trustingPeriod, now, maxClockDrift)
		if err != nil {
			return timed{time.Since(began).Nanoseconds(), false, err.Error()}, nil
		}
	}
	return timed{time.Since(began).Nanoseconds(), true, ""}, nil
}

func decode(encoded []byte) (*types.LightBlock, error) {
	message := new(cmtproto.LightBlock)
	if err := message.Unmarshal(encoded); err != nil {
		return nil, err
	}
	return types.LightBlockFromProto(message)
}

func readBlocks(input io.Reader, size int) ([][]byte, error) {
	packed := make([]byte, size)
	if _, err := io.ReadFull(input, packed); err != nil {
		return nil, err
	}
	var blocks [][]byte
	for len(packed) > 0 {
		end := 4 + int(binary.LittleEndian.Uint32(packed))
		blocks = append(blocks, packed[4:end])
		packed = packed[end:]
	}
	return blocks, nil
}

func readBlock(input io.Reader) (*types.LightBlock, error) {
	var length [4]byte
	if _, err := io.ReadFull(input, length[:]); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(length[:])
	if size > blockBytesMax {
		return nil, fmt.Errorf("a block of %d bytes", size)
	}
	encoded := make([]byte, size)
	if _, err := io.ReadFull(input, encoded); err != nil {
		return nil, err
	}
	return decode(encoded)
}
