//go:build race

package keeper_test

// raced: the race detector makes the ledger ten times slower.
const raced = true
