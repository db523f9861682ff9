package ledgertest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/ledger"
)

func mustLive(t *testing.T, l ledger.Store, prefix string) []string {
	t.Helper()
	names, err := l.Live(t.Context(), prefix)
	if err != nil {
		t.Fatalf("live %q: %v", prefix, err)
	}
	return names
}

// liveByName: streams that go on are listed by the beginning of their names,
// over all shards, for every handle, until their last batch says otherwise.
func liveByName(t *testing.T, place Place) {
	logs := handles(t, place, 2)
	wants := map[string][]string{}
	written := map[string][]ledger.Record{}
	for i := range 60 {
		name := fmt.Sprintf("%s/%d/%d", []string{"pr", "deploy"}[i%2], 4+i%3*38, i)
		b := seal(name, nil, draft("a"))
		b.Live = i%5 != 0
		mustAppend(t, logs[i%2], b)
		written[name] = b.Records
		if b.Live {
			wants[""] = append(wants[""], name)
			prefix := name[:len(name)-len(fmt.Sprint(i))]
			wants[prefix] = append(wants[prefix], name)
		}
	}
	wants["pr/4"] = slices.Concat(wants["pr/4/"], wants["pr/42/"]) // a prefix is no path
	wants["pr/5"] = nil
	check := func() {
		t.Helper()
		for prefix, want := range wants {
			slices.Sort(want)
			if got := mustLive(t, logs[0], prefix); !slices.Equal(got, want) {
				t.Errorf("live %q = %q, want %q", prefix, got, want)
			}
		}
	}
	check()
	over := wants["pr/42/"][0]
	mustAppend(t, logs[1], seal(over, written[over], draft("over")))
	for prefix, names := range wants {
		wants[prefix] = slices.DeleteFunc(names, func(n string) bool { return n == over })
	}
	check()
	again := seal(over, append(written[over], ledger.Seal(over, headOf(written[over]), noon, draft("over"))...), draft("again"))
	again.Live = true
	mustAppend(t, logs[0], again)
	if got := mustLive(t, logs[1], over); !slices.Equal(got, []string{over}) {
		t.Errorf("what goes on again is %q", got)
	}
	moved := seal(over, written[over], draft("moved"))
	if err := logs[0].Append(t.Context(), moved); err == nil {
		t.Fatal("an append that moved was taken")
	}
	if got := mustLive(t, logs[1], over); !slices.Equal(got, []string{over}) {
		t.Errorf("after a refused append it is %q", got)
	}
}
