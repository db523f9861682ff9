//go:build services && !race

package stories

const raced = false
