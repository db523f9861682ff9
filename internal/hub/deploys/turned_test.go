package deploys

import (
	"reflect"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
)

func TestFilesTurnedRound(t *testing.T) {
	text := func(body string) change.Text { return change.TextOf(body) }
	there := []change.File{
		{Path: "a", Status: change.Added, Mode: change.ModeFile, Additions: 3, Before: change.NoText(), After: text("a")},
		{Path: "b", Status: change.Removed, PreviousMode: change.ModeFile, Deletions: 2, Before: text("b"), After: change.NoText()},
		{Path: "c", Status: change.Modified, Mode: change.ModeExecutable, PreviousMode: change.ModeFile, Before: text("c1"),
			After: text("c2")},
		{Path: "e", PreviousPath: "d", Status: change.Renamed, Before: text("d"), After: text("e")},
		{Path: "z", PreviousPath: "a", Status: change.Copied, Before: change.NoText(), After: text("z")},
	}
	want := []change.File{
		{Path: "a", Status: change.Removed, PreviousMode: change.ModeFile, Deletions: 3, Before: text("a"), After: change.NoText()},
		{Path: "b", Status: change.Added, Mode: change.ModeFile, Additions: 2, Before: change.NoText(), After: text("b")},
		{Path: "c", Status: change.Modified, Mode: change.ModeFile, PreviousMode: change.ModeExecutable, Before: text("c2"),
			After: text("c1")},
		{Path: "d", PreviousPath: "e", Status: change.Renamed, Before: text("e"), After: text("d")},
		{Path: "z", Status: change.Removed, Before: text("z"), After: change.NoText()},
	}
	if got := turnedRound(there); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := turnedRound(turnedRound(there[:4])); !reflect.DeepEqual(got, there[:4]) {
		t.Errorf("twice round: %+v", got)
	}
}
