// The tests in this file need no server. Those with the build tag services
// start redis-server processes of their own:
//
//	go test -tags services ./internal/ledger/redis/...
package redis

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

func TestOpenConnectsToNothing(t *testing.T) {
	for _, address := range []string{
		"redis://127.0.0.1:1", "redis://user:pass@127.0.0.1:1/3", "rediss://127.0.0.1:1", "redis://127.0.0.1:1?addr=127.0.0.1:2",
	} {
		s, err := Open(address, Options{})
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: close: %v", address, err)
		}
	}
}

func TestErrorsNeverShowThePassword(t *testing.T) {
	const secret = "s3cr3t"
	const user = "redis://u:" + secret + "@127.0.0.1:1"
	for _, address := range []string{
		"redis://u:" + secret + "@host:notaport", "redis://u:" + secret + "%zz@host", "http://u:" + secret + "@host",
		user + "/notanumber", user + "/1/2", user + "?nonsense=1", user + "?addr=x:1&nonsense=" + secret,
		user + "?dial_timeout=" + secret, user + "?addr=" + secret + "%zz", user + "?max_retries=-1",
		"u:" + secret + "@host", "redis:u:" + secret + "@host", "redis://u:" + secret + "@", "",
	} {
		s, err := Open(address, Options{})
		if err == nil {
			// The URL is well-formed; its errors then come from the network.
			err = s.Check(t.Context())
			s.Close()
		}
		if err == nil {
			t.Errorf("%s: no error", address)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error tells the password: %v", address, err)
		}
	}
}

func TestPrefixDecidesNoSlot(t *testing.T) {
	if _, err := Open("redis://host", Options{Prefix: "a{b}"}); err == nil {
		t.Error("a prefix with braces was taken: it would take the place of the shard's hash tag")
	}
}

// Every key that a script is given has the shard's tag as its first braces,
// whatever the stream's name is: that is what a cluster hashes.
func TestKeysLieInOneSlot(t *testing.T) {
	s, err := Open("redis://host", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, stream := range []string{"gate/1", "{x}", "}{", "{}"} {
		shard := ledger.ShardOf(stream)
		for _, name := range []string{"tail", "place", "due", "places:" + stream, "keys:" + stream} {
			key := s.shardKey(shard, name)
			_, rest, _ := strings.Cut(key, "{")
			tag, _, _ := strings.Cut(rest, "}")
			if want := s.shardKey(shard, "")[len("gatehold:{") : len("gatehold:{")+2]; tag != want {
				t.Errorf("key %q is hashed by %q, want %q", key, tag, want)
			}
		}
	}
}

func TestScriptsAreDocumented(t *testing.T) {
	for _, name := range []string{"append.lua", "read.lua", "lease.lua"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"-- KEYS[1]", "-- ARGV[1]", "-- Returns"} {
			if !strings.Contains(string(text), word) {
				t.Errorf("%s does not say %q", name, word)
			}
		}
	}
}

func TestUnreachable(t *testing.T) {
	s, err := Open("redis://user:s3cr3t@127.0.0.1:1?max_retries=-1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, err := range map[string]error{
		"check":  s.Check(t.Context()),
		"append": s.Append(t.Context(), ledger.Batch{Stream: "s", Records: ledger.Seal("s", ledger.Head{}, time.Now(), ledger.Draft{})}),
	} {
		if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1 cannot be reached") || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s = %v", name, err)
		}
	}
}
