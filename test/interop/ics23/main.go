// Checks proofs of the state tree with cosmos/ics23, the library that every IBC chain uses. One JSON object a line on
// the standard input, one verdict a line on the standard output.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	ics23 "github.com/cosmos/ics23/go"
)

// line is one question: does proof say, under appHash and through store, that key has value (or has none)?
type line struct {
	AppHash, Store, Root, Proof, Key, Value string
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<24)
	for lines.Scan() {
		var question line
		if err := json.Unmarshal(lines.Bytes(), &question); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(verdict(question))
	}
}

func verdict(question line) string {
	root := fromHex(question.Root)
	store, proof := commitmentProof(question.Store), commitmentProof(question.Proof)
	if !ics23.VerifyMembership(ics23.TendermintSpec, fromHex(question.AppHash), store, []byte("state"), root) {
		return "store refused"
	}
	key := fromHex(question.Key)
	if question.Value == "" {
		return word(ics23.VerifyNonMembership(ics23.SmtSpec, root, proof, key), "absent")
	}
	return word(ics23.VerifyMembership(ics23.SmtSpec, root, proof, key, fromHex(question.Value)), "exists")
}

func word(accepted bool, said string) string {
	if accepted {
		return said
	}
	return "refused"
}

func commitmentProof(text string) *ics23.CommitmentProof {
	proof := &ics23.CommitmentProof{}
	if err := proof.Unmarshal(fromHex(text)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return proof
}

func fromHex(text string) []byte {
	bytes, err := hex.DecodeString(text)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return bytes
}
