// Package markuptest draws pages of hostile words, and holds that they stay words.
package markuptest

import (
	"bytes"
	"fmt"
	"html"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	g "maragu.dev/gomponents"
	"pgregory.net/rapid"
)

// Hostile are texts that run something, lead elsewhere or end an element or an
// attribute where nobody takes care, alone and as parts of others.
func Hostile() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"javascript:", "JavaScript:alert(1)", "data:text/html,", "vbscript:", "https://", "http://", "//",
		"/", `\`, "evil.example", "user@", ":443", "?", "#", "&", "&#106;", "&lt;script&gt;", "%", "%6", "%2e%2e", "%00", "..", ".", `"`, "'",
		"<", ">", "`", " ", "\t", "\n", "\r", "\x00", "\x7f", "\u0085", "\u2028", "\u202e", "é", "\xff", "\xc3", "onclick=x", "[", "]",
		"<script>alert(1)</script>", "</style>", "</title>", "</p>", "<img src=x onerror=x>", "-->", "<!--", "]]>", "{{.}}", "${x}"})
	return rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 12), func(b []byte) string { return string(b) }),
		rapid.Map(rapid.SliceOfN(piece, 1, 6), func(pieces []string) string { return strings.Join(pieces, "") }),
	)
}

// Check draws pages twice, of views that are the same but for their words: hostile
// ones once, and harmless ones. Both have to be made of the same elements and
// attributes, which lead to https:// or nowhere else. draw makes a page of views that
// it lets fill, which sets what they export. known are words that mean something to
// the page: they are the same in both.
func Check(t *testing.T, known []string, draw func(fill func(view any)) g.Node) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		hostile, harmless := append([]string{""}, known...), append([]string{""}, known...)
		// A word that is a number may be one of the page's own, which means something there.
		word := Hostile().Filter(func(s string) bool { return strings.Trim(s, "0123456789") != "" && !strings.HasPrefix(s, "https://") })
		for i, s := range rapid.SliceOfNDistinct(word, 6, 6, rapid.ID[string]).Draw(t, "words") {
			hostile, harmless = append(hostile, s), append(harmless, fmt.Sprint("word", i))
		}
		seed := rapid.Uint64().Draw(t, "seed")
		page, twin := drawn(t, seed, hostile, draw), drawn(t, seed, harmless, draw)
		if bones, want := skeleton(page), skeleton(twin); bones != want {
			at := 0
			for at < min(len(bones), len(want)) && bones[at] == want[at] {
				at++
			}
			at = max(0, at-200)
			t.Fatalf("hostile words change the page to\n%.400s\nfrom\n%.400s", bones[at:], want[at:])
		}
		for _, found := range leading.FindAllStringSubmatch(page, -1) {
			if to := html.UnescapeString(found[1]); !inside.MatchString(to) && to != "data:," {
				t.Errorf("the page leads to %q", to)
			}
		}
	})
}

var (
	tag     = regexp.MustCompile(`<[^>]*>`)
	value   = regexp.MustCompile(`="[^"]*"`)
	leading = regexp.MustCompile(` (?:href|action|src|formaction)="([^"]*)"`)
	inside  = regexp.MustCompile(`^(?:https://|/[^/\\]|/$|\?|#[a-z])[!#-;=?-~]*$`)
)

// skeleton is what a browser makes of a page, without the texts.
func skeleton(page string) string {
	var bones []string
	for _, t := range tag.FindAllString(page, -1) {
		bones = append(bones, value.ReplaceAllString(t, "="))
	}
	return strings.Join(bones, "\n")
}

func drawn(t *rapid.T, seed uint64, words []string, draw func(func(any)) g.Node) string {
	f := filler{rand.New(rand.NewPCG(seed, 0)), words}
	var page bytes.Buffer
	if err := draw(func(view any) { f.fill(reflect.ValueOf(view).Elem(), 0) }).Render(&page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// filler sets the same numbers for the same seed, and words at the same places.
type filler struct {
	*rand.Rand
	words []string
}

// deepest is how far views nest before they end.
const deepest = 8

func (f filler) fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.words[f.IntN(len(f.words))])
	case reflect.Int, reflect.Int64:
		v.SetInt(f.Int64N(4))
	case reflect.Uint64:
		v.SetUint(f.Uint64N(4))
	case reflect.Bool:
		v.SetBool(f.IntN(2) == 0)
	case reflect.Pointer:
		if f.IntN(4) > 0 && depth < deepest {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		n := f.IntN(3)
		if depth > deepest {
			n = 0
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			f.fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range f.IntN(4) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key, depth+1)
			f.fill(value, depth+1)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		f.fillStruct(v, depth)
	}
}

func (f filler) fillStruct(v reflect.Value, depth int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		if f.IntN(3) > 0 {
			v.Set(reflect.ValueOf(time.Unix(1_790_000_000+f.Int64N(1000), 0)))
		}
		return
	}
	for i := range v.NumField() {
		if v.Field(i).CanSet() {
			f.fill(v.Field(i), depth+1)
		}
	}
}
