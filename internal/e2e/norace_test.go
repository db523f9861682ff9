//go:build services && !race

package e2e

const raced = false
