package main

import (
	"context"
	"encoding/hex"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/cometbft/cometbft/light"
	"github.com/cometbft/cometbft/light/provider"
	"github.com/cometbft/cometbft/light/store/db"
	"github.com/cometbft/cometbft/types"
)

type skipRequest struct {
	ChainID string
	Trusted int64
	// Of the trusted header, in hex.
	Hash   string
	Target int64
	// Seconds since 1970.
	Now int64
}

type skipped struct {
	timed
	// Light blocks asked of each.
	Primary int `json:"primary"`
	Witness int `json:"witness"`
}

// skip does what `cometbft light` does: a client of default options with one witness, and a store in memory. The time that
// passes while it waits for blocks is not counted.
func skip(with channel, asked skipRequest) (skipped, error) {
	hash, err := hex.DecodeString(asked.Hash)
	if err != nil {
		return skipped{}, err
	}
	primary := &asking{channel: with, chainID: asked.ChainID, name: "primary"}
	witness := &asking{channel: with, chainID: asked.ChainID, name: "witness"}
	began := time.Now()
	verified := follow(asked, hash, primary, witness)
	spent := time.Since(began) - primary.waited - witness.waited
	said := skipped{timed{Nanoseconds: spent.Nanoseconds(), Good: verified == nil}, primary.count, witness.count}
	if verified != nil {
		said.Error = verified.Error()
	}
	return said, nil
}

func follow(asked skipRequest, hash []byte, primary, witness provider.Provider) error {
	ctx := context.Background()
	options := light.TrustOptions{Period: trustingPeriod, Height: asked.Trusted, Hash: hash}
	store := db.New(dbm.NewMemDB(), asked.ChainID)
	client, err := light.NewClient(ctx, asked.ChainID, options, primary, []provider.Provider{witness}, store)
	if err != nil {
		return err
	}
	_, err = client.VerifyLightBlockAtHeight(ctx, asked.Target, time.Unix(asked.Now, 0))
	return err
}

// asking is a provider whose blocks come from who started this program.
type asking struct {
	channel
	chainID, name string
	count         int
	waited        time.Duration
}

func (p *asking) ChainID() string { return p.chainID }

func (p *asking) LightBlock(_ context.Context, height int64) (*types.LightBlock, error) {
	began := time.Now()
	defer func() { p.waited += time.Since(began) }()
	p.count++
	if err := p.output.Encode(map[string]any{"want": height, "of": p.name}); err != nil {
		return nil, err
	}
	return readBlock(p.input)
}

func (p *asking) ReportEvidence(context.Context, types.Evidence) error { return nil }
