// Judges evidence with CometBFT's own library, as a full node does that has the true blocks (evidence/verify.go). One JSON
// object a line on the standard input, one answer a line on the standard output.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cometbft/cometbft/evidence"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

// question is a piece of evidence in both its forms, and the true blocks: at its own height, and at the height of the block
// that it is about (or the newest, where that is not so high).
type question struct {
	Json          json.RawMessage
	Proto         string
	Base, Trusted string
}

type answer struct {
	Hash, ListHash string
	// Empty: accepted.
	Refusal string
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	output := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		fail(json.Unmarshal(lines.Bytes(), &asked))
		fail(output.Encode(judge(asked)))
	}
	fail(lines.Err())
}

func judge(asked question) answer {
	var found types.Evidence
	if err := cmtjson.Unmarshal(asked.Json, &found); err != nil {
		return answer{Refusal: err.Error()}
	}
	said := answer{
		Hash:     hex.EncodeToString(found.Hash()),
		ListHash: hex.EncodeToString(types.EvidenceList{found}.Hash()),
	}
	if err := errors.Join(sameInProto(found, asked.Proto), verify(found, asked)); err != nil {
		said.Refusal = err.Error()
	}
	return said
}

// sameInProto says whether the two forms are the same evidence.
func sameInProto(found types.Evidence, encoded string) error {
	wrapped, err := types.EvidenceToProto(found)
	if err != nil {
		return err
	}
	expected, err := wrapped.Marshal()
	if err != nil {
		return err
	}
	if !bytes.Equal(expected, fromHex(encoded)) {
		return fmt.Errorf("in protobuf it is other evidence")
	}
	return nil
}

func verify(found types.Evidence, asked question) error {
	if err := found.ValidateBasic(); err != nil {
		return err
	}
	base := lightBlock(asked.Base)
	if found.Height() != base.Height || found.Time() != base.Time {
		return fmt.Errorf("height and time are not those of block %d", base.Height)
	}
	switch kind := found.(type) {
	case *types.DuplicateVoteEvidence:
		return evidence.VerifyDuplicateVote(kind, base.ChainID, base.ValidatorSet)
	case *types.LightClientAttackEvidence:
		trusted := lightBlock(asked.Trusted)
		now, period := trusted.Time, 24*time.Hour
		return evidence.VerifyLightClientAttack(kind, base.SignedHeader, trusted.SignedHeader, base.ValidatorSet, now, period)
	}
	return fmt.Errorf("unknown kind of evidence")
}

func lightBlock(encoded string) *types.LightBlock {
	message := new(cmtproto.LightBlock)
	fail(message.Unmarshal(fromHex(encoded)))
	block, err := types.LightBlockFromProto(message)
	fail(err)
	return block
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
