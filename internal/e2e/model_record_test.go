//go:build services

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// entry is a record as this test reads it, without the law's help.
type entry struct {
	Version uint64
	At      time.Time
	Kind    string
	Body    struct {
		Offer   uint64     `json:"offer"`
		By      gate.Actor `json:"by"`
		Answer  string     `json:"answer"`
		Code    string     `json:"code"`
		For     gate.For   `json:"for"`
		Groups  []string   `json:"groups"`
		Head    string     `json:"head"`
		BaseRef string     `json:"base_ref"`
		Digest  string     `json:"digest"`
		Verdict *struct {
			Rules struct {
				Digest string `json:"digest"`
			} `json:"rules"`
		} `json:"verdict"`
	}
}

func (r *rig) entries(stream string, after uint64) (out []entry) {
	records, err := r.eye.Read(context.Background(), stream, after)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, rec := range records {
		e := entry{Version: rec.Version, At: rec.At, Kind: rec.Kind}
		if err := json.Unmarshal(rec.Body, &e.Body); err != nil {
			r.t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// folded checks every stream's chain and folds the gates from the beginning.
func (r *rig) folded() (map[string]gate.State, error) {
	ctx, streams := context.Background(), map[string]bool{}
	for shard := range ledger.Shards {
		var cursor ledger.Cursor
		for {
			records, next, err := r.eye.Tail(ctx, shard, cursor, 500)
			if err != nil {
				return nil, err
			}
			for _, rec := range records {
				streams[rec.Stream] = true
			}
			if cursor = next; len(records) == 0 {
				break
			}
		}
	}
	out := map[string]gate.State{}
	for stream := range streams {
		records, err := r.eye.Read(ctx, stream, 0)
		if err == nil {
			err = ledger.Verify(records)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", stream, err)
		}
		if !gate.StreamKind(stream).Gates() {
			continue
		}
		var s gate.State
		for _, rec := range records {
			ev, err := gate.Decode(rec.Kind, rec.Body)
			if err != nil {
				return nil, err
			}
			s = s.After(gate.Entry{Version: rec.Version, At: rec.At, Event: ev})
		}
		out[stream] = s
	}
	return out, nil
}

func sqliteStore(t testing.TB, n int) string {
	return "sqlite:" + filepath.Join(t.TempDir(), fmt.Sprintf("ledger-%d.db", n))
}
