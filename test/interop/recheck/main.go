// Re-checks a chain of ours with CometBFT's own library, over our RPC and through CometBFT's own RPC client: every block
// by ValidateBlock under a state that is made from the genesis file, every commit by VerifyCommit, every part set.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/cometbft/cometbft/crypto/merkle"
	"github.com/cometbft/cometbft/evidence"
	"github.com/cometbft/cometbft/libs/log"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/types"
)

// summary is what the test compares with what it made.
type summary struct {
	Blocks        int64 `json:"blocks"`
	MultiPart     int   `json:"multiPart"`
	Transactions  int   `json:"transactions"`
	Evidence      int   `json:"evidence"`
	SetChanges    int   `json:"setChanges"`
	LargestBlock  int   `json:"largestBlock"`
	AbsentVotes   int   `json:"absentVotes"`
	LatestAppHash string
}

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: recheck RPC-URL"))
	}
	client, err := rpchttp.New(os.Args[1], "/websocket")
	fail(err)
	found, err := recheck(context.Background(), client)
	fail(err)
	fail(json.NewEncoder(os.Stdout).Encode(found))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func recheck(ctx context.Context, client *rpchttp.HTTP) (*summary, error) {
	status, err := client.Status(ctx)
	if err != nil {
		return nil, err
	}
	state, err := genesisState(ctx, client)
	if err != nil {
		return nil, err
	}
	executor := sm.NewBlockExecutor(nil, log.NewNopLogger(), nil, nil, sm.EmptyEvidencePool{}, nil)
	found := &summary{Blocks: status.SyncInfo.LatestBlockHeight}
	for height := int64(1); height <= found.Blocks; height++ {
		answer, err := client.Block(ctx, &height)
		if err != nil {
			return nil, err
		}
		if height == 1 {
			// What InitChain answered: only the application knows it.
			state.AppHash = answer.Block.AppHash
		}
		if err := executor.ValidateBlock(state, answer.Block); err != nil {
			return nil, fmt.Errorf("block %d: %w", height, err)
		}
		if err := checkParts(answer, found); err != nil {
			return nil, fmt.Errorf("block %d: %w", height, err)
		}
		if err := checkCommit(ctx, client, state, answer, found); err != nil {
			return nil, fmt.Errorf("commit %d: %w", height, err)
		}
		if err := checkTransactions(ctx, client, answer.Block, found); err != nil {
			return nil, fmt.Errorf("transactions of %d: %w", height, err)
		}
		if err := checkEvidence(ctx, client, state, answer.Block, found); err != nil {
			return nil, fmt.Errorf("evidence of %d: %w", height, err)
		}
		results, err := client.BlockResults(ctx, &height)
		if err != nil {
			return nil, err
		}
		if state, err = nextState(state, answer, results, found); err != nil {
			return nil, fmt.Errorf("state after %d: %w", height, err)
		}
	}
	found.LatestAppHash = fmt.Sprintf("%X", state.AppHash)
	return found, readOthers(ctx, client, found.Blocks)
}

func genesisState(ctx context.Context, client *rpchttp.HTTP) (sm.State, error) {
	answer, err := client.Genesis(ctx)
	if err != nil {
		return sm.State{}, err
	}
	if err := answer.Genesis.ValidateAndComplete(); err != nil {
		return sm.State{}, err
	}
	state, err := sm.MakeGenesisState(answer.Genesis)
	if err != nil {
		return sm.State{}, err
	}
	// The handshake does this (consensus/replay.go): the version is what the application's Info answers.
	state.Version.Consensus.App = answer.Genesis.ConsensusParams.Version.App
	state.LastResultsHash = merkle.HashFromByteSlices(nil)
	return state, nil
}

func checkParts(answer *coretypes.ResultBlock, found *summary) error {
	parts, err := answer.Block.MakePartSet(types.BlockPartSizeBytes)
	if err != nil {
		return err
	}
	id := types.BlockID{Hash: answer.Block.Hash(), PartSetHeader: parts.Header()}
	if !id.Equals(answer.BlockID) {
		return fmt.Errorf("block id %v, but the block gives %v", answer.BlockID, id)
	}
	if parts.Total() > 1 {
		found.MultiPart++
	}
	found.LargestBlock = max(found.LargestBlock, answer.Block.Size())
	return nil
}

func checkCommit(ctx context.Context, client *rpchttp.HTTP, state sm.State, answer *coretypes.ResultBlock, found *summary) error {
	height := answer.Block.Height
	signed, err := client.Commit(ctx, &height)
	if err != nil {
		return err
	}
	if err := signed.ValidateBasic(state.ChainID); err != nil {
		return err
	}
	if err := state.Validators.VerifyCommit(state.ChainID, answer.BlockID, height, signed.Commit); err != nil {
		return err
	}
	for _, vote := range signed.Commit.Signatures {
		if vote.BlockIDFlag == types.BlockIDFlagAbsent {
			found.AbsentVotes++
		}
	}
	set, err := validatorsAt(ctx, client, height)
	if err != nil {
		return err
	}
	if !bytes.Equal(set.Hash(), state.Validators.Hash()) {
		return fmt.Errorf("validators hash to %X, not %X", set.Hash(), state.Validators.Hash())
	}
	return nil
}

func validatorsAt(ctx context.Context, client *rpchttp.HTTP, height int64) (*types.ValidatorSet, error) {
	perPage := 100
	members, err := client.Validators(ctx, &height, nil, &perPage)
	if err != nil {
		return nil, err
	}
	return types.ValidatorSetFromExistingValidators(members.Validators)
}

func checkTransactions(ctx context.Context, client *rpchttp.HTTP, block *types.Block, found *summary) error {
	found.Transactions += len(block.Txs)
	for index, tx := range block.Txs {
		answer, err := client.Tx(ctx, tx.Hash(), true)
		if err != nil {
			return err
		}
		if answer.Height != block.Height || int(answer.Index) != index {
			return fmt.Errorf("transaction %d stands at %d of block %d", index, answer.Index, answer.Height)
		}
		if err := answer.Proof.Validate(block.DataHash); err != nil {
			return err
		}
	}
	return nil
}

// checkEvidence judges each piece as the pool of a full node does (evidence/verify.go).
func checkEvidence(ctx context.Context, client *rpchttp.HTTP, state sm.State, block *types.Block, found *summary) error {
	for _, piece := range block.Evidence.Evidence {
		found.Evidence++
		if err := piece.ValidateBasic(); err != nil {
			return err
		}
		height := piece.Height()
		common, err := client.Commit(ctx, &height)
		if err != nil {
			return err
		}
		if !piece.Time().Equal(common.Time) {
			return fmt.Errorf("dated %v, and its block %v", piece.Time(), common.Time)
		}
		params := state.ConsensusParams.Evidence
		if evidence.IsEvidenceExpired(state.LastBlockHeight, state.LastBlockTime, height, common.Time, params) {
			return fmt.Errorf("of height %d is too old", height)
		}
		validators, err := validatorsAt(ctx, client, height)
		if err != nil {
			return err
		}
		if err := checkPiece(ctx, client, piece, common, validators); err != nil {
			return err
		}
	}
	return nil
}

func checkPiece(ctx context.Context, client *rpchttp.HTTP, piece types.Evidence, common *coretypes.ResultCommit, validators *types.ValidatorSet) error {
	switch piece := piece.(type) {
	case *types.DuplicateVoteEvidence:
		return evidence.VerifyDuplicateVote(piece, common.ChainID, validators)
	case *types.LightClientAttackEvidence:
		height := piece.ConflictingBlock.Height
		trusted, err := client.Commit(ctx, &height)
		if err != nil {
			return err
		}
		return evidence.VerifyLightClientAttack(piece, &common.SignedHeader, &trusted.SignedHeader, validators, trusted.Time, 0)
	default:
		return fmt.Errorf("unknown evidence %T", piece)
	}
}

// nextState does what updateState of state/execution.go does.
func nextState(state sm.State, answer *coretypes.ResultBlock, results *coretypes.ResultBlockResults, found *summary) (sm.State, error) {
	next := state.Copy()
	next.LastBlockHeight = answer.Block.Height
	next.LastBlockID = answer.BlockID
	next.LastBlockTime = answer.Block.Time
	next.LastValidators = state.Validators.Copy()
	next.Validators = state.NextValidators.Copy()
	next.NextValidators = state.NextValidators.Copy()
	if len(results.ValidatorUpdates) > 0 {
		found.SetChanges++
		changes, err := types.PB2TM.ValidatorUpdates(results.ValidatorUpdates)
		if err != nil {
			return state, err
		}
		if err := next.NextValidators.UpdateWithChangeSet(changes); err != nil {
			return state, err
		}
	}
	next.NextValidators.IncrementProposerPriority(1)
	next.LastResultsHash = sm.TxResultsHash(results.TxsResults)
	next.AppHash = results.AppHash
	return next, nil
}

// readOthers asks what is left of the RPC, so that CometBFT's client has decoded each shape.
func readOthers(ctx context.Context, client *rpchttp.HTTP, height int64) error {
	if _, err := client.Header(ctx, &height); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if _, err := client.ConsensusParams(ctx, &height); err != nil {
		return fmt.Errorf("consensus_params: %w", err)
	}
	if _, err := client.BlockchainInfo(ctx, 1, height); err != nil {
		return fmt.Errorf("blockchain: %w", err)
	}
	if _, err := client.ABCIInfo(ctx); err != nil {
		return fmt.Errorf("abci_info: %w", err)
	}
	if _, err := client.Health(ctx); err != nil {
		return fmt.Errorf("health: %w", err)
	}
	answer, err := client.ABCIQuery(ctx, "/store/state/key", []byte("first"))
	if err != nil {
		return fmt.Errorf("abci_query: %w", err)
	}
	if string(answer.Response.Value) != "value" {
		return fmt.Errorf("abci_query: %q", answer.Response.Value)
	}
	return nil
}
