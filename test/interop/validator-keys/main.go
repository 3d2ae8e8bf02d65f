// Asks CometBFT's own library about validator keys of every type: what their addresses are, whether it accepts signatures, and
// what its light client says of blocks whose validators have them. One JSON object a line on the standard input, one answer
// a line on the standard output. BLS needs the build tag bls12381.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cometbft/cometbft/crypto/bls12381"
	cryptoenc "github.com/cometbft/cometbft/crypto/encoding"
	"github.com/cometbft/cometbft/light"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

// question is about a signature, or about two light blocks.
type question struct {
	Type, Key, Message, Signature string
	Trusted, Untrusted            string
}

type answer struct {
	// Empty: no key of its type.
	Address string
	Good    bool
	// verified, not-enough-trust or invalid; Reason has the words.
	Verdict, Reason string
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	output := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		fail(json.Unmarshal(lines.Bytes(), &asked))
		if asked.Type != "" {
			fail(output.Encode(aboutKey(asked)))
		} else {
			fail(output.Encode(aboutBlocks(asked)))
		}
	}
	fail(lines.Err())
}

func aboutKey(asked question) answer {
	key, err := cryptoenc.PubKeyFromTypeAndBytes(asked.Type, fromHex(asked.Key))
	if err != nil {
		return answer{Reason: err.Error()}
	}
	return answer{
		Address: hex.EncodeToString(key.Address()),
		Good:    key.VerifySignature(fromHex(asked.Message), fromHex(asked.Signature)),
	}
}

func aboutBlocks(asked question) answer {
	trusted, err := lightBlock(asked.Trusted)
	fail(err)
	untrusted, err := lightBlock(asked.Untrusted)
	if err != nil {
		return answer{Verdict: "invalid", Reason: err.Error()}
	}
	now := untrusted.Time.Add(time.Minute)
	err = light.Verify(trusted.SignedHeader, trusted.ValidatorSet, untrusted.SignedHeader, untrusted.ValidatorSet,
		24*time.Hour, now, time.Second, light.DefaultTrustLevel)
	if err == nil {
		return answer{Verdict: "verified"}
	}
	if errors.As(err, new(light.ErrNewValSetCantBeTrusted)) {
		return answer{Verdict: "not-enough-trust", Reason: err.Error()}
	}
	return answer{Verdict: "invalid", Reason: err.Error()}
}

func lightBlock(encoded string) (*types.LightBlock, error) {
	message := new(cmtproto.LightBlock)
	fail(message.Unmarshal(fromHex(encoded)))
	block, err := types.LightBlockFromProto(message)
	if err != nil {
		return nil, err
	}
	// v0.40.0 decodes BLS keys to pointers, and panics when it encodes such.
	for _, validator := range append(block.ValidatorSet.Validators, block.ValidatorSet.Proposer) {
		if key, isPointer := validator.PubKey.(*bls12381.PubKey); isPointer {
			validator.PubKey = *key
		}
	}
	return block, nil
}

func fromHex(text string) []byte {
	bytes, err := hex.DecodeString(text)
	fail(err)
	return bytes
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
