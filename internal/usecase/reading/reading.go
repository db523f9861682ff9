// Package reading reads what is judged: the rules in force, the texts that they
// ask for, who owns the code. GitHub may answer with the state before an event
// that it has told of already; such an answer is not taken (Fresh, FreshRules).
package reading

import (
	"context"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Texts reads the texts of files.
type Texts interface {
	// TextsWithin fills in both sides of the files that want asks for. Where they
	// have more than limit bytes, the error's code is texts_past_limit; 0 is none.
	TextsWithin(ctx context.Context, s gate.Subject, c *change.Change, want func(*change.File) bool, limit int64) error
}

// History tells in which order commits came.
type History interface {
	// Follows reports whether a commit has another one in its history.
	Follows(ctx context.Context, repo gate.Repo, earlier, later string) (bool, error)
}

// Config is what a Reader is made of.
type Config struct {
	Book    *book.Book
	Texts   Texts
	Owners  Owners
	History History
}

// Reader reads what is judged.
type Reader struct {
	Config
	rules    *lru.Cache[string, *policy.Rules]
	followed *lru.Cache[string, struct{}] // pairs of commits, of which the one has the other in its history
	heavy    *lru.Cache[string, struct{}] // streams that are for the slow workers
}

const (
	knownRules = 256
	knownPairs = 4096
)

// New returns a reader that has read nothing yet.
func New(c Config) *Reader {
	rules, _ := lru.New[string, *policy.Rules](knownRules) // errs only for a size below 1
	followed, _ := lru.New[string, struct{}](knownPairs)
	heavy, _ := lru.New[string, struct{}](heavyKnown)
	return &Reader{Config: c, rules: rules, followed: followed, heavy: heavy}
}
