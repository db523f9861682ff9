//go:build services

package contract

import (
	"testing"
	"time"
)

func TestLoadIsQuick(t *testing.T) {
	start := time.Now()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	loaded := time.Since(start)
	if err := c.Query(`{ viewer { login } }`); err != nil {
		t.Error(err)
	}
	t.Logf("descriptions %v, schema %v", loaded, time.Since(start)-loaded)
}
