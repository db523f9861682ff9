package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/ledger"
)

// list is a source of records as they are.
type list []ledger.Record

func (l list) Walk(_ context.Context, record func(ledger.Record) error, _ func(ledger.Broken) error) error {
	for _, r := range l {
		if err := record(r); err != nil {
			return err
		}
	}
	return nil
}

// three is a ledger of three streams, in the order of a Source.
func three() list {
	var out list
	at := time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC)
	streams := []string{"pr/1/1", "pr/1/2", "check/1/ab"}
	slices.SortFunc(streams, ledger.Before)
	for _, s := range streams {
		out = append(out, ledger.Seal(s, ledger.Head{}, at,
			ledger.Draft{Kind: "seen", Key: s + " a", Body: []byte(`{"a":"<é>"}`)},
			ledger.Draft{Kind: "judged", Body: []byte{0, 0xff}},
			ledger.Draft{Kind: "told", Key: "b", Body: []byte("")},
			ledger.Draft{Kind: "closed"})...)
	}
	return out
}

func told(t testing.TB, from ledger.Source, pinned []byte) []string {
	t.Helper()
	var out []string
	var kept *bytes.Reader
	tell := func(b ledger.Broken) error { out = append(out, b.Error()); return nil }
	var a *ledger.Audit
	var err error
	if pinned != nil {
		kept = bytes.NewReader(pinned)
		a, err = ledger.AuditOf(t.Context(), from, kept, tell)
	} else {
		a, err = ledger.AuditOf(t.Context(), from, nil, tell)
	}
	if err != nil {
		t.Fatal(err)
	}
	if int(a.Broken) < len(out) {
		t.Errorf("%d are counted, %d were told", a.Broken, len(out))
	}
	return out
}

func exportOf(t testing.TB, from ledger.Source) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := ledger.Export(context.Background(), from, &out, func(ledger.Broken) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func headsOf(t testing.TB, from ledger.Source) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := ledger.HeadsOf(context.Background(), from, &out, func(ledger.Broken) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAWholeLedgerIsWhole(t *testing.T) {
	for name, l := range map[string]list{"none": nil, "three": three()} {
		export := exportOf(t, l)
		if found := told(t, l, headsOf(t, l)); found != nil {
			t.Errorf("%s: %v", name, found)
		}
		if found := told(t, ledger.Exported(strings.NewReader(export)), headsOf(t, l)); found != nil {
			t.Errorf("the export of %s: %v", name, found)
		}
		if again := exportOf(t, ledger.Exported(strings.NewReader(export))); again != export {
			t.Errorf("the export of %s is exported as\n%s\nwas\n%s", name, again, export)
		}
	}
}

// TestWhatWasDoneToALedgerIsFound names, for each kind of tampering, what is
// said of it, on the records and on an export.
func TestWhatWasDoneToALedgerIsFound(t *testing.T) {
	stream := three()[0].Stream
	cases := map[string]struct {
		tamper func(list) list
		want   string
	}{
		"a changed body": {func(l list) list { l[1].Body = []byte("no"); return l }, "version 2: its content has hash"},
		"a changed kind": {func(l list) list { l[1].Kind = "seen"; return l }, "version 2: its content has hash"},
		"a changed key":  {func(l list) list { l[2].Key = "c"; return l }, "version 3: its content has hash"},
		"a changed time": {func(l list) list { l[2].At = l[2].At.Add(-time.Hour); return l }, "version 3: its content has hash"},
		"a changed body, sealed anew": {func(l list) list {
			l[1].Body = []byte("no")
			l[1].Hash = ledger.HashOf(l[1])
			return l
		}, "version 3: it was sealed on hash"},
		"a removed record": {func(l list) list { return slices.Delete(l, 1, 2) },
			"version 3: the record is missing, the next is version 3"},
		"a first one removed": {func(l list) list { return slices.Delete(l, 0, 1) }, "the record is missing, the next is version 2"},
		"two swapped":         {func(l list) list { l[1], l[2] = l[2], l[1]; return l }, "is broken at version 3: the record is missing"},
		"two swapped, their versions too": {func(l list) list {
			l[1], l[2] = l[2], l[1]
			l[1].Version, l[2].Version = 2, 3
			return l
		}, "version 2: it was sealed on hash"},
		"an inserted record": {func(l list) list {
			more := l[1]
			more.Body = []byte("more")
			more.Hash = ledger.HashOf(more)
			return slices.Insert(l, 2, more)
		}, "version 2 follows version 2"},
		"a record of another stream": {func(l list) list { l[1].Stream = l[4].Stream; return l }, "is broken"},
		"streams in another order":   {func(l list) list { return slices.Concat(l[4:8], l[0:4], l[8:]) }, "before which it belongs"},
		"a stream put there as well": {func(l list) list { return append(l, l[:4]...) }, "before which it belongs"},
		"a key that was used already": {func(l list) list { return slices.Concat(twice(stream), l[4:]) },
			"its key \"a\" is that of version 1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := c.tamper(three())
			for from, found := range map[string][]string{
				"records": told(t, l, nil), "export": told(t, ledger.Exported(strings.NewReader(exportOf(t, l))), nil),
			} {
				if len(found) == 0 || !strings.Contains(strings.Join(found, "\n"), c.want) {
					t.Errorf("%s: found %q, want %q", from, found, c.want)
				}
			}
		})
	}
}

func twice(stream string) list {
	return ledger.Seal(stream, ledger.Head{}, time.Now(), ledger.Draft{Kind: "seen", Key: "a"}, ledger.Draft{Kind: "seen", Key: "a"})
}

// What the chains cannot show is shown by heads that were kept.
func TestKeptHeadsShowWhatWasCutOffOrWrittenAnew(t *testing.T) {
	pinned := headsOf(t, three())
	anew := func(l list, from, to int) list {
		first := ledger.Seal(l[from].Stream, ledger.Head{}, l[from].At, ledger.Draft{Kind: "seen", Body: []byte("never happened")},
			ledger.Draft{Kind: "judged"}, ledger.Draft{Kind: "told"}, ledger.Draft{Kind: "closed"})
		return slices.Concat(l[:from], first, l[to:])
	}
	cases := map[string]struct {
		tamper func(list) list
		want   string
	}{
		"cut off":                {func(l list) list { return slices.Delete(l, 2, 4) }, "ends at version 2, and had version 4"},
		"the last one cut off":   {func(l list) list { return l[:len(l)-1] }, "ends at version 3, and had version 4"},
		"written anew":           {func(l list) list { return anew(l, 4, 8) }, "was written anew"},
		"a stream gone, first":   {func(l list) list { return l[4:] }, "the stream is gone"},
		"a stream gone, between": {func(l list) list { return slices.Delete(l, 4, 8) }, "the stream is gone"},
		"a stream gone, last":    {func(l list) list { return l[:8] }, "the stream is gone"},
		"all gone":               {func(l list) list { return nil }, "the stream is gone"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := c.tamper(three())
			if found := told(t, l, nil); found != nil {
				t.Errorf("without the heads: %q, which this test takes to be hidden", found)
			}
			if found := told(t, l, pinned); len(found) == 0 || !strings.Contains(strings.Join(found, "\n"), c.want) {
				t.Errorf("found %q, want %q", found, c.want)
			}
		})
	}
	grown := three()
	last := grown[len(grown)-1]
	grown = append(grown, ledger.Seal(last.Stream, ledger.Head{Version: last.Version, Hash: last.Hash}, last.At,
		ledger.Draft{Kind: "more"})...)
	if found := told(t, grown, pinned); found != nil {
		t.Errorf("a ledger that went on: %q", found)
	}
}

func TestHeadsThatAreNoneAreAnError(t *testing.T) {
	good := string(headsOf(t, three()))
	lines := strings.SplitAfter(good, "\n")
	for name, text := range map[string]string{
		"no heads": "hello\n", "no hash": "1 - \"pr/1/1\"\n", "order": lines[1] + lines[0], "twice": lines[0] + lines[0],
		"version": strings.Replace(good, "4 ", "x ", 1), "long": strings.Repeat("x", 1<<20),
	} {
		_, err := ledger.AuditOf(t.Context(), three(), strings.NewReader(text), func(ledger.Broken) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "kept heads") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnExportThatIsCutOffOrNone(t *testing.T) {
	whole := exportOf(t, three())
	lines := strings.SplitAfter(strings.TrimSuffix(whole, "\n"), "\n")
	head := len(lines[0])
	for cut := head; cut < len(whole)-1; cut += 7 { // without the last line feed it is whole
		if found := told(t, ledger.Exported(strings.NewReader(whole[:cut])), nil); len(found) == 0 {
			t.Fatalf("cut off after %d of %d bytes: nothing found", cut, len(whole))
		}
	}
	for name, text := range map[string]string{
		"a line taken out":   strings.Join(slices.Delete(slices.Clone(lines), 3, 4), ""),
		"a stream taken out": lines[0] + strings.Join(lines[5:], ""),
		"more after its end": whole + lines[1],
		"two ends":           whole + lines[len(lines)-1],
		"an unknown field":   strings.Replace(whole, `"version":1`, `"version":1,"also":1`, 1),
	} {
		if found := told(t, ledger.Exported(strings.NewReader(text)), nil); len(found) == 0 {
			t.Errorf("%s: nothing found", name)
		}
	}
	for name, text := range map[string]string{"nothing": "", "something else": "{}\n", "no JSON": "SQLite",
		"another format": `{"format":"gatehold-ledger/2"}`} {
		_, err := ledger.AuditOf(t.Context(), ledger.Exported(strings.NewReader(text)), nil, func(ledger.Broken) error { return nil })
		if !errors.Is(err, ledger.ErrNoExport) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAnyByteOfAnExportCounts: another byte anywhere is found, or is none of
// what the records say.
func TestAnyByteOfAnExportCounts(t *testing.T) {
	whole := exportOf(t, three())
	head := strings.Index(whole, "\n") + 1
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(head, len(whole)-1).Draw(t, "at")
		text := []byte(whole)
		text[at] = rapid.Byte().Draw(t, "byte")
		var found int
		var got []ledger.Record
		from := ledger.Exported(bytes.NewReader(text))
		_, err := ledger.AuditOf(context.Background(), spying{from, &got}, nil, func(ledger.Broken) error { found++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		if found == 0 && !sameRecords(got, three()) {
			t.Fatalf("byte %d is %q: nothing found, and the records are %v", at, text[at], got)
		}
	})
}

// spying keeps what a source gives.
type spying struct {
	ledger.Source
	got *[]ledger.Record
}

func (s spying) Walk(ctx context.Context, record func(ledger.Record) error, broken func(ledger.Broken) error) error {
	return s.Source.Walk(ctx, func(r ledger.Record) error {
		*s.got = append(*s.got, r)
		return record(r)
	}, broken)
}

func sameRecords(a, b []ledger.Record) bool {
	return slices.EqualFunc(a, b, func(x, y ledger.Record) bool {
		x.Body, y.Body = append([]byte{}, x.Body...), append([]byte{}, y.Body...)
		return reflect.DeepEqual(x, y)
	})
}

func TestTellingStopsWithoutEnd(t *testing.T) {
	var l list
	for v := range 1000 {
		l = append(l, ledger.Record{Stream: "s", Version: uint64(v) + 1, Hash: fmt.Sprint(v)})
	}
	n := 0
	a, err := ledger.AuditOf(t.Context(), l, nil, func(ledger.Broken) error { n++; return nil })
	if err != nil || n > 25 || a.Broken != 1000 {
		t.Errorf("told %d, counted %d: %v", n, a.Broken, err)
	}
	full := errors.New("the disk is full")
	if _, err := ledger.AuditOf(t.Context(), l, nil, func(ledger.Broken) error { return full }); !errors.Is(err, full) {
		t.Errorf("an error of telling is lost: %v", err)
	}
}

// FuzzExported reads anything as an export, and as kept heads.
func FuzzExported(f *testing.F) {
	f.Add(exportOf(f, three()), string(headsOf(f, three())))
	f.Add("{\"format\":\"gatehold-ledger/1\"}\n{\"stream\":\"a\",\"base64\":[\"body\"],\"body\":\"!\"}\n", "1 - \"a\"")
	f.Fuzz(func(t *testing.T, export, heads string) {
		_, err := ledger.AuditOf(context.Background(), ledger.Exported(strings.NewReader(export)), strings.NewReader(heads),
			func(ledger.Broken) error { return nil })
		if err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Error("an error that says nothing")
		}
	})
}
