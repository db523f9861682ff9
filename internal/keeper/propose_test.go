package keeper_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/report"
)

// history is the port of the past with a memory.
type history struct {
	mu    sync.Mutex
	asked int
	past  []change.Change
	err   error
	slow  bool
}

func (h *history) Merged(ctx context.Context, repo gate.Repo, baseRef string, n int,
	want func(*change.File) bool) ([]change.Change, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	if h.slow {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if repo.ID != shop.ID || baseRef != "main" || n < 1 || !want(&change.File{Path: ".github/gatehold.yml", Status: change.Modified}) {
		return nil, errors.New("asked for something else")
	}
	return h.past, h.err
}

func merged(number int, path string, gaps ...string) change.Change {
	return change.Change{Number: number, Title: "Merged",
		Author: change.Actor{Login: "devin-ai-integration[bot]", ID: 158243242, Type: change.Bot}, Gaps: gaps,
		Files: []change.File{{Path: path, Status: change.Added, Before: change.NoText(), After: change.TextOf("x\n")}}}
}

// proposes makes the pull request one that changes the rules file to text.
func proposes(head, text string) func(*change.Facts) {
	return func(f *change.Facts) {
		f.Repo = rulesFile
		f.Change.Head = head
		f.Change.Files = []change.File{{Path: ".github/gatehold.yml", Status: change.Modified, Mode: change.ModeFile,
			PreviousMode: change.ModeFile, Before: change.TextOf(rulesText), After: change.TextOf(text)}}
	}
}

func TestProposedRulesAreTried(t *testing.T) {
	const sha = "5b0c5d1d2f7c1b8a9e3c4d5e6f708192a3b4c5d6"
	wider := strings.Replace(rulesText, `"db/**"`, `"db/**", "infra/**"`, 1)
	for name, test := range map[string]struct {
		past      *history
		text      string
		want, not []string
		held      bool
		asked     int
	}{
		"otherwise": {text: wider, asked: 1, past: &history{past: []change.Change{merged(7, "infra/a"), merged(6, "db/b"),
			merged(5, "infra/c", "not whole")}},
			want: []string{"The rules that this change brings", "looks at other", "Of the last 2 changes",
				"1 would have come out otherwise", "#7 Merged", "Not counted"}, not: []string{"#6", "#5"}},
		"the same": {text: wider, asked: 1, past: &history{past: []change.Change{merged(6, "db/b")}},
			want: []string{"none would have come out otherwise"}},
		"unreadable past": {text: wider, asked: 1, past: &history{err: &gate.Error{Code: "rate_limited", Text: "GitHub asks to wait."}},
			want: []string{"could not be told: GitHub asks to wait.", "looks at other"}},
		"slow past": {text: wider, asked: 1, past: &history{slow: true}, want: []string{"could not be told", "looks at other"}},
		"only words": {past: &history{}, text: "# new words\n" + rulesText, asked: 0,
			want: []string{"Nothing of what is in force changes."}},
		"broken": {past: &history{}, text: "version: 1\nrulez: []\n", held: true, asked: 0,
			want: []string{"They cannot be used", "gatehold.yml:2:1", "would be held until they are repaired"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, dir)
				h.close()
				log, err := sqlite.Open(h.path, sqlite.Options{})
				if err != nil {
					t.Fatal(err)
				}
				h.log = log
				h.keeper = keeper.New(keepertest.Whole(keeper.Config{Log: log, Hub: h.hub, Past: test.past, Now: time.Now, Holder: "test"}))
				ctx, cancel := context.WithCancel(context.Background())
				h.stop, h.done = cancel, make(chan error, 1)
				go func() { h.done <- h.keeper.Run(ctx) }()
				defer h.close()
				h.hub.set(1, proposes(sha, test.text))
				h.deliver(1, "opened")
				h.settle(2 * time.Minute)
				check, _ := h.hub.deciding(sha)
				if wantHeld := check.Conclusion == report.ActionRequired; wantHeld != test.held {
					t.Errorf("%s: %s", check.Conclusion, check.Title)
				}
				for _, want := range test.want {
					if !strings.Contains(check.Summary, want) {
						t.Errorf("%q is not in:\n%s", want, check.Summary)
					}
				}
				for _, not := range test.not {
					if strings.Contains(check.Summary, not) {
						t.Errorf("%q is in:\n%s", not, check.Summary)
					}
				}
				if test.past.asked != test.asked {
					t.Errorf("the past was asked for %d times, want %d", test.past.asked, test.asked)
				}
			})
		})
	}
}
