//go:build services && race

package e2e

// With the race detector in the tests, the product runs with it as well: races
// in it are found, and nothing has to be compiled a second time.
const raced = true
