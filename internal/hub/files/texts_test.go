package files_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

func texts1(t *testing.T, s *hubtest.Stub, h *hub.Hub, want func(*change.File) bool) map[string]change.File {
	t.Helper()
	f := hubtest.Facts(t, h, s.Hint())
	if err := h.Texts(t.Context(), hubtest.Pull, &f.Change, want); err != nil {
		t.Fatal(err)
	}
	files := map[string]change.File{}
	for _, file := range f.Change.Files {
		files[file.Path] = file
	}
	return files
}

func TestTextsThatCannotBeHad(t *testing.T) {
	s := hubtest.NewStub(t)
	plain := func(text string) hubtest.File { return hubtest.File{Mode: change.ModeFile, Text: text} }
	s.Head["plain.txt"] = plain("hello\n")
	s.Head["empty.txt"] = plain("")
	s.Head["binary"] = plain("a\x00b")
	s.Head["cut.txt"] = plain(strings.Repeat("line\n", 150000)) // 750 KB: GraphQL cuts it, a blob does not
	s.Head["huge.txt"] = plain(strings.Repeat("line\n", 900000))
	s.Head["latin1.txt"] = plain("h\xe4\xe4\n")
	s.Head["link"] = hubtest.File{Mode: change.ModeSymlink, Text: "../etc"}
	s.Head["module"] = hubtest.File{Mode: change.ModeSubmodule, Text: "commit"}
	s.Head["run.sh"] = hubtest.File{Mode: change.ModeExecutable, Text: "#!/bin/sh\n"}
	h := s.Hub()
	files := texts1(t, s, h, hubtest.Everything)
	for path, want := range map[string]struct {
		state      change.TextState
		mode, says string
	}{
		"plain.txt":  {change.Loaded, change.ModeFile, ""},
		"empty.txt":  {change.Loaded, change.ModeFile, ""},
		"cut.txt":    {change.Loaded, change.ModeFile, ""},
		"run.sh":     {change.Loaded, change.ModeExecutable, ""},
		"link":       {change.Loaded, change.ModeSymlink, ""},
		"binary":     {change.Unreadable, change.ModeFile, "binary"},
		"huge.txt":   {change.Unreadable, change.ModeFile, "4500000 bytes"},
		"latin1.txt": {change.Unreadable, change.ModeFile, "UTF-8"},
		"module":     {change.Unreadable, change.ModeSubmodule, "submodule"},
	} {
		got := files[path]
		if got.After.State != want.state || got.Mode != want.mode || !strings.Contains(got.After.Reason, want.says) {
			t.Errorf("%s: state %d, mode %s, %q", path, got.After.State, got.Mode, got.After.Reason)
		}
		if want.state == change.Loaded && got.After.Body != s.Head[path].Text {
			t.Errorf("%s: the text is another", path)
		}
		if got.After.Blob != s.Head[path].ID() {
			t.Errorf("%s: blob %q", path, got.After.Blob)
		}
	}
	if n := s.Count("blob"); n != 2 {
		t.Errorf("%d blobs, want the cut one and the re-encoded one", n)
	}
}

func TestModesComeWithoutTexts(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Head["link"] = hubtest.File{Mode: change.ModeSymlink, Text: "x"}
	s.Base["was.sh"], s.Head["was.sh"] = hubtest.File{Mode: change.ModeFile, Text: "x"}, hubtest.File{Mode: change.ModeExecutable, Text: "x"}
	s.Head["b.txt"] = hubtest.File{Mode: change.ModeFile, Text: "b"}
	h := s.Hub()
	files := texts1(t, s, h, func(f *change.File) bool { return f.Path == "b.txt" })
	if f := files["link"]; f.Mode != change.ModeSymlink || f.After.State != change.NotLoaded {
		t.Errorf("%+v", f)
	}
	if f := files["was.sh"]; f.Mode != change.ModeExecutable || f.PreviousMode != change.ModeFile || f.After.State != change.NotLoaded {
		t.Errorf("%+v", f)
	}
	if f := files["b.txt"]; f.After.Body != "b" {
		t.Errorf("%+v", f)
	}
	if s.Count("texts") != 1 {
		t.Errorf("%v", s.Counts)
	}
}

func TestTextsAskNothingTwice(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(30)
	h := s.Hub()
	f := hubtest.Facts(t, h, s.Hint())
	for range 2 {
		if err := h.Texts(t.Context(), hubtest.Pull, &f.Change, hubtest.Everything); err != nil {
			t.Fatal(err)
		}
	}
	if s.Count("texts") != 1 {
		t.Errorf("%v", s.Counts)
	}
}

func TestAllTextsTogetherAreBounded(t *testing.T) {
	s := hubtest.NewStub(t)
	for i := range 250 {
		s.Head[fmt.Sprintf("f%03d", i)] = hubtest.File{Mode: change.ModeFile, Text: strings.Repeat("x", 1000)}
	}
	h := s.Hub(func(c *api.Config) { c.MaxTexts = 100500 })
	files := texts1(t, s, h, hubtest.Everything)
	for i := range 250 {
		f := files[fmt.Sprintf("f%03d", i)]
		if want := map[bool]change.TextState{true: change.Loaded, false: change.Unreadable}[i < 100]; f.After.State != want {
			t.Fatalf("file %d: state %d %q", i, f.After.State, f.After.Reason)
		}
		if f.Mode != change.ModeFile || f.After.Blob == "" {
			t.Fatalf("file %d: %+v", i, f)
		}
	}
}

// What GitHub cuts is read again, but not more of it than is kept: a batch of large
// files would be hundreds of megabytes that are thrown away.
func TestWhatIsPastTheBoundIsNotReadAgain(t *testing.T) {
	s := hubtest.NewStub(t)
	for i := range 5 {
		s.Head[fmt.Sprintf("f%d", i)] = hubtest.File{Mode: change.ModeFile, Text: strings.Repeat("line\n", 150000)}
	}
	s.Head["f5"] = hubtest.File{Mode: change.ModeFile, Text: "small\n"}
	h := s.Hub(func(c *api.Config) { c.MaxTexts = 1_600_000 })
	files := texts1(t, s, h, hubtest.Everything)
	for i := range 6 {
		f := files[fmt.Sprintf("f%d", i)]
		if want := map[bool]change.TextState{true: change.Loaded, false: change.Unreadable}[i < 2]; f.After.State != want || f.After.Blob == "" {
			t.Errorf("file %d: state %d %q, blob %q", i, f.After.State, f.After.Reason, f.After.Blob)
		}
	}
	if n := s.Count("blob"); n != 2 {
		t.Errorf("%d blobs are read of which two are kept", n)
	}
}

// GitHub gives up on a query after ten seconds, with a 502: smaller ones may do.
func TestBatchesAreHalved(t *testing.T) {
	for name, refuse := range map[string]func(http.ResponseWriter){
		"502": func(w http.ResponseWriter) { hubtest.Reply(w, 502, map[string]any{"message": "Something went wrong"}) },
		"too costly": func(w http.ResponseWriter) {
			hubtest.Reply(w, 200, map[string]any{"data": map[string]any{"repository": nil},
				"errors": []any{map[string]any{"type": "RESOURCE_LIMITS_EXCEEDED", "path": []any{"repository", "after", "f7"},
					"message": "Resource limits for this query exceeded."}}})
		},
		"timeout": func(w http.ResponseWriter) {
			hubtest.Reply(w, 200,
				map[string]any{"errors": []any{map[string]any{"message": "Something went wrong while executing your query. " +
					"This may be the result of a timeout, or it could be a GitHub bug."}}})
		},
		"too large": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", strconv.Itoa(50<<20)) // and it is not even begun to be read
			_, _ = w.Write([]byte(`{"data":"`))
		},
	} {
		t.Run(name, func(t *testing.T) { testHalving(t, refuse) })
	}
}

func testHalving(t *testing.T, refuse func(http.ResponseWriter)) {
	s := hubtest.NewStub(t)
	s.Fill(90)
	s.Head["poison"] = hubtest.File{Mode: change.ModeFile, Text: "poison"}
	s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if strings.Contains(string(body), "Side") &&
			(strings.Count(string(body), "file(path") > 60 || strings.Contains(string(body), `"poison"`)) {
			refuse(w)
			return true
		}
		return false
	}
	h := s.Hub()
	files := texts1(t, s, h, hubtest.Everything)
	for path, f := range files {
		if path == "poison" {
			if f.After.State != change.Unreadable {
				t.Errorf("poison: %+v", f)
			}
			continue
		}
		if f.Before.State != change.Loaded && f.Before.State != change.Absent ||
			f.After.State != change.Loaded && f.After.State != change.Absent {
			t.Fatalf("%s: %+v", path, f)
		}
	}
}

func TestTextsErrors(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(3)
	h := s.Hub()
	f := hubtest.Facts(t, h, s.Hint())
	for name, test := range map[string]struct{ answer, code string }{
		"one file failed": {`{"data":{"repository":{"baseCommit":{"oid":"x"},"headCommit":{"oid":"x"},` +
			`"after":{"f0":null}}},"errors":[{"path":["repository","after","f0"],"message":"boom"}]}`, "github_unavailable"},
		"one file forbidden": {`{"data":{"repository":{"baseCommit":{"oid":"x"},"headCommit":{"oid":"x"}}},` +
			`"errors":[{"type":"FORBIDDEN","path":["repository","after","f0"],"message":"no"}]}`, "no_permission"},
		"the head is missing": {`{"data":{"repository":{"baseCommit":{"oid":"x"},"headCommit":null}}}`, "github_unavailable"},
		"no repository":       {`{"data":{"repository":null}}`, "github_unavailable"},
		"repository not found": {`{"data":{"repository":null},"errors":[{"type":"NOT_FOUND","path":["repository"],` +
			`"message":"gone"}]}`, "not_found"},
	} {
		s.Set(func() {
			s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				_, _ = w.Write([]byte(test.answer))
				return true
			}
		})
		c := f.Change
		c.Files = append([]change.File(nil), c.Files...)
		err := h.Texts(t.Context(), hubtest.Pull, &c, hubtest.Everything)
		if e := hubtest.CodeOf(t, err); e.Code != test.code {
			t.Errorf("%s: %v", name, err)
		}
		for _, file := range c.Files {
			if file.After.State == change.Loaded || file.Before.State == change.Loaded {
				t.Errorf("%s: %+v", name, file)
			}
		}
	}
	// A file that is missing where it must be is not an empty one.
	s.Set(func() {
		s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			_, _ = w.Write([]byte(`{"data":{"repository":{"baseCommit":{"oid":"x"},"headCommit":{"oid":"x"},"before":{},"after":{}}}}`))
			return true
		}
	})
	if err := h.Texts(t.Context(), hubtest.Pull, &f.Change, hubtest.Everything); err != nil {
		t.Fatal(err)
	}
	for _, file := range f.Change.Files {
		if file.Status == change.Modified && (file.Before.State != change.Unreadable || file.After.State != change.Unreadable) {
			t.Errorf("%+v", file)
		}
	}
}

// A file is taken for what GitHub says of it; a copy is new where it is, and a
// word that GitHub may add one day is a modification.
func TestFilesAsListed(t *testing.T) {
	for _, test := range []struct {
		status        string
		want          change.Status
		before, after change.TextState
	}{
		{"added", change.Added, change.Absent, change.NotLoaded}, {"removed", change.Removed, change.NotLoaded, change.Absent},
		{"modified", change.Modified, change.NotLoaded, change.NotLoaded}, {"renamed", change.Renamed, change.NotLoaded, change.NotLoaded},
		{"copied", change.Copied, change.Absent, change.NotLoaded}, {"changed", change.Changed, change.NotLoaded, change.NotLoaded},
		{"transmogrified", change.Modified, change.NotLoaded, change.NotLoaded},
	} {
		a := wire.File{SHA: hubtest.SHA("x"), Filename: "a", Status: test.status}
		if f, ok := a.ChangeFile(); !ok || f.Status != test.want || f.Before.State != test.before || f.After.State != test.after {
			t.Errorf("%s: %+v", test.status, f)
		}
	}
	if _, ok := (&wire.File{Filename: "a", Status: "unchanged"}).ChangeFile(); ok {
		t.Error("an unchanged file is part of the change")
	}
}

// Who has no room for more is told before more is read: neither as one large
// answer, nor as the blobs of what GraphQL cuts, nor file by file.
func TestTextsWithin(t *testing.T) {
	for name, c := range map[string]struct {
		files, bytes int
		limit        int64
		past         bool
	}{
		"within":                     {10, 1000, 20_000, false},
		"one large file":             {1, 200_000, 100_000, true},
		"a large file that is cut":   {1, 750_000, 600_000, true},
		"many files of one query":    {90, 4000, 300_000, true},
		"an answer that is too long": {90, 40_000, 100_000, true},
		"many queries":               {350, 1000, 300_000, true},
		"no limit":                   {350, 1000, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := hubtest.NewStub(t)
			for i := range c.files {
				s.Head[fmt.Sprintf("f%03d.txt", i)] = hubtest.File{Mode: change.ModeFile, Text: strings.Repeat("a line of 20 bytes\n\n", c.bytes/20)}
			}
			h := s.Hub()
			f := hubtest.Facts(t, h, s.Hint())
			err := h.TextsWithin(t.Context(), hubtest.Pull, &f.Change, hubtest.Everything, c.limit)
			switch {
			case c.past && hubtest.CodeOf(t, err).Code != "texts_past_limit":
				t.Fatalf("the error is %v", err)
			case !c.past && err != nil:
				t.Fatal(err)
			case c.past && s.Count("blob") > 0:
				t.Errorf("%d blobs were read of what there is no room for", s.Count("blob"))
			}
		})
	}
}
