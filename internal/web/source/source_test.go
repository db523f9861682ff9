package source

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

var shop = gate.Repo{Installation: 1, ID: 42, Owner: "acme", Name: "shop"}

func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// desk is a GitHub that counts what it is asked.
type desk struct {
	asked []string
	limit int64
	fails error
}

func (d *desk) TextsWithin(_ context.Context, _ gate.Subject, c *change.Change, want func(*change.File) bool, limit int64) error {
	d.limit = limit
	for i := range c.Files {
		f := &c.Files[i]
		if !want(f) {
			continue
		}
		d.asked = append(d.asked, c.Head+":"+f.Path)
		if f.Before.State == change.NotLoaded {
			f.Before = change.Text{State: change.Unreadable, Reason: "GitHub finds no file of this name in the commit"}
		}
		f.After = change.Text{State: change.Loaded, Body: "after " + f.Path, Blob: "b1"}
		if f.Path == "large" {
			f.After = change.TooLarge("b2", 1<<30, 1<<20)
		}
	}
	return d.fails
}

func (d *desk) About(context.Context, gate.Subject) (change.About, error) {
	d.asked = append(d.asked, "about")
	return change.About{Title: "Tidy up"}, d.fails
}

func (d *desk) CI(_ context.Context, _ gate.Repo, sha string) (change.CI, error) {
	return change.CI{Known: true, Passed: 2}, d.fails
}

func TestTextsAreReadOnce(t *testing.T) {
	gh := &desk{}
	r := New(gh, noon)
	for range 2 {
		got, err := r.Lines(context.Background(), shop, "b", "h", []string{"x", "large", "x"})
		if err != nil || got["x"].After.Body != "after x" || got["x"].Before.State != change.Absent || got["large"].After.State != change.Unreadable {
			t.Fatalf("%+v %v", got, err)
		}
	}
	if said := strings.Join(gh.asked, " "); said != "h:x h:large" || gh.limit != maxBytes {
		t.Errorf("GitHub was asked for %s, within %d", said, gh.limit)
	}
	if _, err := r.Lines(context.Background(), shop, "b", "other", []string{"x"}); err != nil || len(gh.asked) != 3 {
		t.Errorf("another commit has another text: %v %v", gh.asked, err)
	}
	first, err := r.Lines(context.Background(), shop, "", "first", []string{"x"})
	if err != nil || first["x"].Before.State != change.Absent {
		t.Errorf("%+v %v", first, err)
	}
}

func TestNoMoreFilesThanThatAreRead(t *testing.T) {
	gh := &desk{}
	var paths []string
	for i := range 3 * MaxFiles {
		paths = append(paths, fmt.Sprint(i))
	}
	if got, err := New(gh, noon).Lines(context.Background(), shop, "b", "h", paths); err != nil || len(got) != MaxFiles || len(gh.asked) != MaxFiles {
		t.Errorf("%d files, %d asked for: %v", len(got), len(gh.asked), err)
	}
}

func TestWhatFailsIsNotKept(t *testing.T) {
	gh := &desk{fails: errors.New("down")}
	r := New(gh, noon)
	if _, err := r.Lines(context.Background(), shop, "b", "h", []string{"x"}); err == nil {
		t.Error("no error")
	}
	pull := gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 1}
	r.Around(context.Background(), pull, "h")
	gh.fails, gh.asked = nil, nil
	for range 2 {
		if got := r.Around(context.Background(), pull, "h"); got.About.Title != "Tidy up" || got.CI.Passed != 2 {
			t.Errorf("%+v", got)
		}
	}
	if len(gh.asked) != 1 {
		t.Errorf("asked %v", gh.asked)
	}
}

// Whoever looks at many pages takes little of what GitHub lets the App ask.
func TestPagesAskSoOftenAndNoMore(t *testing.T) {
	gh := &desk{}
	now := noon()
	r := New(gh, func() time.Time { return now })
	look := func(n int) (told bool) {
		_, err := r.Lines(context.Background(), shop, "b", fmt.Sprint("h", n), []string{"x"})
		r.Around(context.Background(), gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: n}, "h")
		return err == nil
	}
	for n := range 100 {
		look(n)
	}
	if len(gh.asked) > askAtOnce {
		t.Errorf("GitHub was asked %d times at once", len(gh.asked))
	}
	if look(1000) {
		t.Error("one more is told lines")
	}
	if _, err := r.Lines(context.Background(), shop, "b", "h0", []string{"x"}); err != nil {
		t.Errorf("what is known is not shown: %v", err)
	}
	if now = now.Add(time.Hour); !look(1001) {
		t.Error("an hour later nothing is told")
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	kept := newTexts(10*room, 100)
	for i := range 50 {
		kept.put(key{1, "c", fmt.Sprint(i)}, change.TextOf(strings.Repeat("x", room)))
		kept.put(key{1, "c", "again"}, change.TextOf(""))
	}
	total := int64(0)
	for _, text := range kept.kept.Values() {
		total += size(text)
	}
	if n := kept.kept.Len(); n == 0 || total > 10*room || kept.left != 10*room-total {
		t.Errorf("%d kept, of %d bytes; %d left", n, total, kept.left)
	}
	kept.put(key{1, "c", "huge"}, change.TextOf(strings.Repeat("x", 20*room)))
	if kept.kept.Len() != 0 || kept.left != 10*room {
		t.Errorf("%d kept, %d left", kept.kept.Len(), kept.left)
	}
}
