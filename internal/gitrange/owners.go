package gitrange

import (
	"context"
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
)

// FirstFile reads the first of places that the base has: who owns the code. It
// is judged as GitHub's copy of it would be: only a plain text file is used.
func (g *Range) FirstFile(ctx context.Context, places []string) (change.RulesFile, error) {
	for _, place := range places {
		out, err := g.repo.run(ctx, "ls-tree", "-z", "--full-tree", g.Change.Base, "--", place)
		if err != nil {
			return change.RulesFile{}, err
		}
		meta, _, _ := strings.Cut(string(out), "\t")
		fields := strings.Fields(meta)
		if len(fields) != 3 {
			continue
		}
		f := change.RulesFile{Name: place, State: change.RulesRefused}
		if fields[0] != change.ModeFile {
			f.Reason = fmt.Sprintf("It has the mode %s; only a plain file (%s) is used.", fields[0], change.ModeFile)
			return f, nil
		}
		text := change.Text{Blob: fields[2]}
		if err := g.repo.read(ctx, []*change.Text{&text}); err != nil {
			return change.RulesFile{}, err
		}
		if text.State != change.Loaded {
			f.Reason = "It cannot be read: " + text.Reason + "."
			return f, nil
		}
		f.State, f.Text = change.RulesFound, []byte(text.Body)
		return f, nil
	}
	return change.RulesFile{State: change.RulesAbsent}, nil
}
