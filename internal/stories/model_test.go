//go:build services

package stories

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/ledgertest/redisserver"
	"github.com/gatehold/gatehold/internal/ledger/redis"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
)

// opener opens one more handle on a ledger.
type opener func(now func() time.Time) ledger.Store

// perform plays a script in a world of its own.
func perform(t testing.TB, open opener, seed uint64, script []op, tally map[string]int) (log []string, err error) {
	r := newPair(t, open, seed)
	defer r.close()
	p := newPlayer(r)
	p.tally = tally
	err = p.play(script)
	tally["green paintings checked"] += p.writes
	r.said.mu.Lock()
	defer r.said.mu.Unlock()
	return r.said.lines, err
}

// TestTheWholeGate plays random scripts of what people, agents, administrators,
// GitHub, the network, the store and the power supply do, and holds each state of
// each check against a reference, by what was so when it was painted.
//
// Without more it takes a few seconds for each store. MODEL_STEPS=100000 plays at
// least so many steps, MODEL_SEED begins at another seed, MODEL_SCRIPT is how
// many steps a script has.
func TestTheWholeGate(t *testing.T) {
	t.Parallel()
	limit, steps := 14*time.Second, setting(t, "MODEL_STEPS", 0)
	seed, length := uint64(setting(t, "MODEL_SEED", 1)), setting(t, "MODEL_SCRIPT", 60)
	if raced && steps == 0 {
		limit = 18 * time.Second
	}
	t.Run("sqlite", func(t *testing.T) {
		models(t, limit, steps, length, seed, func(seed uint64, try int) opener {
			path := filepath.Join(t.TempDir(), fmt.Sprintf("%d-%d.db", seed, try))
			return func(now func() time.Time) ledger.Store {
				s, err := sqlite.Open(path, sqlite.Options{Now: now})
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
		})
	})
	t.Run("redis", func(t *testing.T) {
		url := redisserver.Start(t, "appendonly yes", "appendfsync always").URL()
		models(t, limit, steps, length, seed+1_000_000, func(seed uint64, try int) opener {
			return func(func() time.Time) ledger.Store {
				s, err := redis.Open(url, redis.Options{Prefix: fmt.Sprintf("model-%d-%d", seed, try)})
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
		})
	})
}

func setting(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// shortPlay is how many scripts are played at most where no number of steps is
// asked for: under the race detector, which makes a play three times as long, fewer.
func shortPlay() uint64 {
	if raced {
		return 4
	}
	return 6
}

func models(t *testing.T, limit time.Duration, steps, length int, seed uint64, open func(seed uint64, try int) opener) {
	began, tally, first := time.Now(), map[string]int{}, seed
	more := func() bool {
		if steps > 0 {
			return tally["steps"] < steps
		}
		return seed < first+shortPlay() && time.Since(began) < limit
	}
	for said := 5000; more(); seed++ {
		if tally["steps"] >= said {
			t.Logf("%d steps in %s", tally["steps"], time.Since(began).Round(time.Second))
			said += 5000
		}
		script := randomScript(seed, length)
		log, err := perform(t, open(seed, 0), seed, script, tally)
		if err != nil {
			failed(t, seed, length, open, script, log, fmt.Errorf("after %d steps in all: %w", tally["steps"], err))
		}
	}
	t.Logf("seeds %d to %d in %s: %v", first, seed-1, time.Since(began).Round(time.Second), tally)
	for _, what := range []string{"approve", "deny", "released", "merged"} {
		if tally[what] == 0 && tally["steps"] > 3000 {
			t.Errorf("no script came to %q", what)
		}
	}
}

// failed reports a script that fails, and the shortest one that was found within
// a minute.
func failed(t *testing.T, seed uint64, length int, open func(seed uint64, try int) opener, script []op, log []string, err error) {
	t.Errorf("MODEL_SEED=%d MODEL_SCRIPT=%d: %v\nthe end of the log:\n%s", seed, length, err, strings.Join(log[max(0, len(log)-25):], "\n"))
	end := time.Now().Add(time.Duration(setting(t, "MODEL_SHRINK", 20)) * time.Second)
	try := 0
	for size := len(script) / 2; size > 0; size /= 2 {
		for at := 0; at < len(script) && time.Now().Before(end); {
			try++
			shorter := slices.Concat(script[:at], script[min(at+size, len(script)):])
			if _, again := perform(t, open(seed, try), seed, shorter, map[string]int{}); again != nil {
				script, err = shorter, again
			} else {
				at += size
			}
		}
	}
	t.Fatalf("the shortest script that was found:\n%v\nfails with: %v", script, err)
}
