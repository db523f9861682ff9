package reading

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
)

// What takes long to judge has its own few workers, so that others go on beside
// it however much of it comes at once. How long is told from the bytes and files
// that are to be read, which are the same each time, and not from a clock.
//
// Whoever is to be quick reads no more text than that, so that all of them
// together stay within some hundred megabytes; the slow workers read the rest
// of a change anew. Everything else that a heavy gate wants, a press to be
// counted say, is done by the quick.
const (
	heavyText  = 512 << 10 // bytes of text, both sides of all files
	heavyFiles = 300
	// heavyKnown bounds how many heavy gates are known as such. Of others it is
	// found out once more.
	heavyKnown = 4096
)

// Hurry is engine.ErrHeavy for a gate that whoever is to be quick need not begin with.
func (u *Reader) Hurry(ctx context.Context, s gate.State) error {
	if !engine.Patient(ctx) && (s.Seen.ChangedFiles > heavyFiles || u.heavy.Contains(s.Subject.Stream())) {
		return engine.ErrHeavy
	}
	return nil
}

// ReadTexts reads the texts that want asks for. It is engine.ErrHeavy where they are more
// than whoever is to be quick reads.
func (u *Reader) ReadTexts(ctx context.Context, s gate.Subject, c *change.Change, want func(*change.File) bool) error {
	if engine.Patient(ctx) {
		if err := u.Texts.TextsWithin(ctx, s, c, want, 0); err != nil {
			return err
		}
		if textSize(c) <= heavyText {
			u.heavy.Remove(s.Stream())
		}
		return nil
	}
	err := u.Texts.TextsWithin(ctx, s, c, want, heavyText)
	if err != nil && gate.AsError(err).Code == "texts_past_limit" || err == nil && len(c.Files) > heavyFiles {
		u.heavy.Add(s.Stream(), struct{}{})
		return engine.ErrHeavy
	}
	return err
}

func textSize(c *change.Change) int {
	size := 0
	for i := range c.Files {
		size += len(c.Files[i].Before.Body) + len(c.Files[i].After.Body)
	}
	return size
}
