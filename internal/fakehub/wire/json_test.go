package wire

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
		if err := json.Unmarshal(Encode(in), &got); err != nil {
			rt.Fatalf("%q is encoded as %s: %v", in, Encode(in), err)
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
	got := string(Encode(Object{"a", nil, "b", true, "c", int64(7), "d", List{1, "x", Object{}}, "e", at, "f", time.Time{}, "g", Raw(`{"h":1}`),
		"i", []string{}, "j", json.Number("1.5"), "k", OrNull("")}))
	want := `{"a":null,"b":true,"c":7,"d":[1,"x",{}],"e":"2026-01-02T03:04:05Z","f":null,"g":{"h":1},"i":[],"j":1.5,"k":null}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
