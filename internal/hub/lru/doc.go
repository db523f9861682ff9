// Package lru is a map of bounded cost that forgets what was used longest ago. It
// takes no lock: whoever shares one does.
package lru
