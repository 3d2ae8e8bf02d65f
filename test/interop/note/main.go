// Checkpoints and cosignatures as others make and check them: the signed notes of golang.org/x/mod, and the rule of
// c2sp.org/tlog-cosignature written from its text. One JSON object a line on the standard input, one on the output.
package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// question asks to sign a text (Make), or to check a note. Seeds are Ed25519 seeds in hexadecimal, by the key's name.
type question struct {
	Make                 bool
	Text, Note           string
	LogSeeds             map[string]string
	WitnessSeeds         map[string]string
	LogKeys, WitnessKeys []string
	Time                 uint64
}

type answer struct {
	Note, Error string
	// Names of the keys whose signatures are good.
	Verified []string
	// By name; for the note's own log and witnesses, when it was made here.
	Keys map[string]string
	// As golang.org/x/mod/sumdb/tlog reads the text, with the first line in place of "go.sum database tree".
	Size int64
	Root string
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<24)
	for lines.Scan() {
		var asked question
		must(json.Unmarshal(lines.Bytes(), &asked))
		told := answer{Keys: map[string]string{}}
		if asked.Make {
			makeNote(asked, &told)
		} else {
			checkNote(asked, &told)
		}
		encoded, err := json.Marshal(told)
		must(err)
		fmt.Println(string(encoded))
	}
}

func makeNote(asked question, told *answer) {
	signers := []note.Signer{}
	for name, seed := range asked.LogSeeds {
		private := ed25519.NewKeyFromSeed(fromHex(seed))
		public := private.Public().(ed25519.PublicKey)
		key, err := note.NewEd25519VerifierKey(name, public)
		must(err)
		typed := append([]byte{1}, private.Seed()...)
		id := keyID(name, append([]byte{1}, public...))
		signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, id, base64.StdEncoding.EncodeToString(typed)))
		must(err)
		told.Keys[name] = key
		signers = append(signers, signer)
	}
	for name, seed := range asked.WitnessSeeds {
		private := ed25519.NewKeyFromSeed(fromHex(seed))
		signer := cosigner{name, private, asked.Time}
		typed := append([]byte{4}, private.Public().(ed25519.PublicKey)...)
		told.Keys[name] = fmt.Sprintf("%s+%08x+%s", name, signer.KeyHash(), base64.StdEncoding.EncodeToString(typed))
		signers = append(signers, signer)
	}
	signed, err := note.Sign(&note.Note{Text: asked.Text}, signers...)
	must(err)
	told.Note = string(signed)
}

func checkNote(asked question, told *answer) {
	verifiers := []note.Verifier{}
	for _, key := range asked.LogKeys {
		verifier, err := note.NewVerifier(key)
		must(err)
		verifiers = append(verifiers, verifier)
	}
	for _, key := range asked.WitnessKeys {
		verifier, err := newCosignatureVerifier(key)
		must(err)
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open([]byte(asked.Note), note.VerifierList(verifiers...))
	if err != nil {
		told.Error = err.Error()
		return
	}
	for _, signature := range opened.Sigs {
		told.Verified = append(told.Verified, signature.Name)
	}
	_, rest, _ := strings.Cut(opened.Text, "\n")
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	if err != nil {
		told.Error = err.Error()
		return
	}
	told.Size, told.Root = tree.N, hex.EncodeToString(tree.Hash[:])
}

// cosigner signs as a witness at one time.
type cosigner struct {
	name string
	key  ed25519.PrivateKey
	time uint64
}

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 {
	return keyID(c.name, append([]byte{4}, c.key.Public().(ed25519.PublicKey)...))
}

func (c cosigner) Sign(text []byte) ([]byte, error) {
	timed := binary.BigEndian.AppendUint64(nil, c.time)
	return append(timed, ed25519.Sign(c.key, cosigned(text, c.time))...), nil
}

type cosignatureVerifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosignatureVerifier(text string) (note.Verifier, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key")
	}
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(typed) != 33 || typed[0] != 4 {
		return nil, errors.New("not a key of a witness")
	}
	hash := keyID(parts[0], typed)
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("another key id")
	}
	return cosignatureVerifier{parts[0], hash, typed[1:]}, nil
}

func (c cosignatureVerifier) Name() string    { return c.name }
func (c cosignatureVerifier) KeyHash() uint32 { return c.hash }
func (c cosignatureVerifier) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	return ed25519.Verify(c.key, cosigned(text, binary.BigEndian.Uint64(signature)), signature[8:])
}

func cosigned(text []byte, time uint64) []byte {
	return append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", time)), text...)
}

func keyID(name string, typed []byte) uint32 {
	hash := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return binary.BigEndian.Uint32(hash[:])
}

func fromHex(text string) []byte {
	bytes, err := hex.DecodeString(text)
	must(err)
	return bytes
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
