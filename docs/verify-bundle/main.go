// Verifies a proof bundle (docs/protocol/bundle.md) with nothing of ours: light blocks by CometBFT's light client, state by
// cosmos/ics23. It says what the state under the bundle's head holds; the document inside it does not read.
//
//	verify-bundle -chain ID -height H -hash HEX [-now TIME] [-period 720h] [-level 2/3] FILE
//
// Height and hash are a checkpoint's, which the reader has from elsewhere: where trust begins. It exits with 1 and says why
// where anything does not hold; what it said before then stands.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"time"

	cmtmath "github.com/cometbft/cometbft/libs/math"
	"github.com/cometbft/cometbft/light"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
	ics23 "github.com/cosmos/ics23/go"
)

const maxClockDrift = 10 * time.Second

// root is where trust begins, and how far it reaches.
type root struct {
	chainID string
	height  int64
	hash    []byte
	now     time.Time
	period  time.Duration
	level   cmtmath.Fraction
}

func main() {
	chainID, height := flag.String("chain", "", "chain id"), flag.Int64("height", 0, "the checkpoint's height")
	hash, at := flag.String("hash", "", "the checkpoint's header hash"), flag.String("now", "", "RFC 3339; else the clock's")
	period := flag.Duration("period", 30*24*time.Hour, "how long after its time a header is trusted")
	share := flag.String("level", "2/3", "how much of a trusted set must have signed a later header")
	flag.Parse()
	checkpoint, err := hex.DecodeString(*hash)
	must(err)
	level, err := cmtmath.ParseFraction(*share)
	must(err)
	now := time.Now()
	if *at != "" {
		now, err = time.Parse(time.RFC3339, *at)
		must(err)
	}
	file, err := os.ReadFile(flag.Arg(0))
	must(err)
	bundle := fieldsOf(file)
	require(string(bundle.one(1)) == "muniment/bundle/1", "not a bundle of this version")
	require(string(bundle.one(2)) == *chainID, "of the chain %q", bundle.one(2))
	headers := verifyBlocks(bundle[4], root{*chainID, *height, checkpoint, now, *period, level})
	for _, state := range bundle[5] {
		verifyState(fieldsOf(state), headers)
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func require(holds bool, format string, facts ...any) {
	if !holds {
		must(fmt.Errorf(format, facts...))
	}
}

// verifyBlocks answers the verified headers by their heights.
func verifyBlocks(encoded [][]byte, trust root) map[int64]*types.Header {
	headers := map[int64]*types.Header{}
	var last *types.LightBlock
	for _, each := range encoded {
		block := lightBlock(each, trust.chainID)
		if last == nil {
			named := block.Height == trust.height && bytes.Equal(block.Hash(), trust.hash)
			require(named, "the first block is not the checkpoint's")
			commit := block.Commit
			must(block.ValidatorSet.VerifyCommitLight(trust.chainID, commit.BlockID, block.Height, commit))
		} else {
			must(light.Verify(last.SignedHeader, last.ValidatorSet, block.SignedHeader, block.ValidatorSet,
				trust.period, trust.now, maxClockDrift, trust.level))
		}
		headers[block.Height], last = block.Header, block
	}
	require(last != nil, "no block")
	fmt.Printf("head %d of %s: %X\n", last.Height, last.Time.Format(time.RFC3339Nano), last.Hash())
	return headers
}

func lightBlock(encoded []byte, chainID string) *types.LightBlock {
	message := new(cmtproto.LightBlock)
	must(message.Unmarshal(encoded))
	// A bundle need not name a proposer. CometBFT asks for one, and any member will do.
	if set := message.ValidatorSet; set != nil && len(set.Validators) > 0 {
		set.Proposer = set.Validators[0]
	}
	block, err := types.LightBlockFromProto(message)
	must(err)
	must(block.ValidateBasic(chainID))
	return block
}

// verifyState says what each key holds after a block; the header above it commits to that.
func verifyState(state fields, headers map[int64]*types.Header) {
	keys, answer := state[1], fieldsOf(state.one(2))
	height, _ := binary.Uvarint(answer.one(1))
	header, stores, proofs := headers[int64(height)+1], answer[2], answer[3]
	require(header != nil, "the state of block %d stands under no header here", height)
	require(len(stores) == 1 && len(proofs) == len(keys), "not a proof for each key of one store")
	store := new(ics23.ExistenceProof)
	must(store.Unmarshal(stores[0]))
	under := &ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Exist{Exist: store}}
	inApp := ics23.VerifyMembership(ics23.TendermintSpec, header.AppHash.Bytes(), under, []byte("state"), store.Value)
	require(inApp && exact(store), "the store is not under the app hash")
	for i, key := range keys {
		proof := new(ics23.CommitmentProof)
		must(proof.Unmarshal(proofs[i]))
		if exist := proof.GetExist(); exist != nil {
			proven := ics23.VerifyMembership(ics23.SmtSpec, store.Value, proof, key, exist.Value)
			require(proven && exact(exist), "the value of %X is not proven", key)
			fmt.Printf("after block %d: %X = %X\n", height, key, exist.Value)
		} else {
			absent := proof.GetNonexist()
			proven := absent != nil && ics23.VerifyNonMembership(ics23.SmtSpec, store.Value, proof, key)
			require(proven && exact(absent.Left) && exact(absent.Right), "the absence of %X is not proven", key)
			fmt.Printf("after block %d: %X is absent\n", height, key)
		}
	}
}

// exact closes what the library leaves open: with a longer prefix a proof may be of what was never stored.
func exact(proof *ics23.ExistenceProof) bool {
	if proof == nil {
		return true
	}
	good := bytes.Equal(proof.GetLeaf().GetPrefix(), []byte{0})
	for _, step := range proof.Path {
		before, behind := len(step.Prefix), len(step.Suffix)
		good = good && (before == 1 && behind == 32 || before == 33 && behind == 0)
	}
	return good
}

// fields are the occurrences of each field of a protobuf message; a number stands as its varint.
type fields map[uint64][][]byte

func (f fields) one(number uint64) []byte {
	if len(f[number]) == 0 {
		return nil
	}
	return f[number][0]
}

func fieldsOf(message []byte) fields {
	found := fields{}
	for len(message) > 0 {
		tag, size := binary.Uvarint(message)
		require(size > 0 && (tag&7 == 0 || tag&7 == 2), "not a message")
		message = message[size:]
		value, size := binary.Uvarint(message)
		require(size > 0 && (tag&7 == 0 || value <= uint64(len(message)-size)), "not a message")
		start, end := 0, size
		if tag&7 == 2 {
			start, end = size, size+int(value)
		}
		found[tag>>3] = append(found[tag>>3], message[start:end])
		message = message[end:]
	}
	return found
}
