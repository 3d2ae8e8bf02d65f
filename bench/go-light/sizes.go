package main

import (
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
)

import "encoding/json"

type sizes struct {
	Proto []int `json:"proto"`
	RPC   []int `json:"rpc"`
}

// As many as CometBFT's client asks for at a time.
const validatorsPerPage = 100

func sizesOf(encoded [][]byte) (sizes, error) {
	said := sizes{Proto: []int{}, RPC: []int{}}
	for _, each := range encoded {
		block, err := decode(each)
		if err != nil {
			return said, err
		}
		validators := block.ValidatorSet.Validators
		answers := []any{coretypes.NewResultCommit(block.Header, block.Commit, true)}
		for start := 0; start < len(validators); start += validatorsPerPage {
			page := validators[start:min(start+validatorsPerPage, len(validators))]
			answers = append(answers, &coretypes.ResultValidators{
				BlockHeight: block.Height,
				Validators:  page,
				Count:       len(page),
				Total:       len(validators),
			})
		}
		total := 0
		for id, answer := range answers {
			body, err := json.Marshal(rpctypes.NewRPCSuccessResponse(rpctypes.JSONRPCIntID(id), answer))
			if err != nil {
				return said, err
			}
			total += len(body)
		}
		said.Proto = append(said.Proto, len(each))
		said.RPC = append(said.RPC, total)
	}
	return said, nil
}
