package fakehub

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestStringsAreJSON reads back what the encoder of this package writes.
func TestStringsAreJSON(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(rt, "bytes")) + rapid.String().Draw(rt, "text")
		var got, want string
		if err := json.Unmarshal(encode(in), &got); err != nil {
			rt.Fatalf("%q is encoded as %s: %v", in, encode(in), err)
		}
		std, err := json.Marshal(in)
		if err != nil {
			rt.Fatal(err)
		}
		if err := json.Unmarshal(std, &want); err != nil {
			rt.Fatal(err)
		}
		if got != want {
			rt.Fatalf("%q comes back as %q, want %q", in, got, want)
		}
	})
}

func TestValuesAreJSON(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	got := string(encode(obj{"a", nil, "b", true, "c", int64(7), "d", list{1, "x", obj{}}, "e", at, "f", time.Time{}, "g", raw(`{"h":1}`),
		"i", []string{}, "j", json.Number("1.5"), "k", orNull("")}))
	want := `{"a":null,"b":true,"c":7,"d":[1,"x",{}],"e":"2026-01-02T03:04:05Z","f":null,"g":{"h":1},"i":[],"j":1.5,"k":null}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPatternsMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"GET /a", "GET /a", true}, {"GET /a", "GET /ab", false}, {"GET *", "GET /ab", true}, {"*/b", "GET /a/b", true},
		{"*b*c", "abbc", true},
		{"a*a", "a", false}, {"*", "", true}, {"a*b*c", "a-c-b", false}, {"a**c", "abc", true},
	} {
		if got := matches(c.pattern, c.text); got != c.want {
			t.Errorf("matches(%q, %q) is %v", c.pattern, c.text, got)
		}
	}
}
