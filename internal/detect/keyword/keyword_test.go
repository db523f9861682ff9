package keyword

import (
	"sort"
	"strings"
	"testing"
)

func finds(keywords []string, text string) []string {
	var out []string
	New(keywords).Find(text, func(k int32, end int) {
		if !strings.EqualFold(text[end-len(keywords[k]):end], keywords[k]) {
			panic("the end is not where the keyword ends")
		}
		out = append(out, keywords[k])
	})
	sort.Strings(out)
	return out
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		keywords   []string
		text, want string
	}{
		{[]string{"he", "she", "hers", "his"}, "uSHErs", "he hers she"},
		{[]string{"key", "apikey", "api_key"}, "API_KEY apikey", "api_key apikey key key"},
		{[]string{"aa"}, "aaaa", "aa aa aa"},
		{[]string{"://"}, "https://x", "://"},
		{[]string{"x"}, "", ""},
		{nil, "anything", ""},
	} {
		if got := strings.Join(finds(c.keywords, c.text), " "); got != c.want {
			t.Errorf("%v in %q: %q, want %q", c.keywords, c.text, got, c.want)
		}
	}
}

// The automaton finds exactly what a plain search finds.
func FuzzFind(f *testing.F) {
	f.Add("key", "apikey", "my_apikey = 1")
	f.Add("ab", "bab", "abababbab")
	f.Fuzz(func(t *testing.T, a, b, text string) {
		a, b = ascii(a), ascii(b)
		if a == "" || b == "" || a == b {
			return
		}
		low := ascii(text)
		want := 0
		for i := range low {
			if strings.HasPrefix(low[i:], a) {
				want++
			}
			if strings.HasPrefix(low[i:], b) {
				want++
			}
		}
		if got := len(finds([]string{a, b}, low)); got != want {
			t.Fatalf("%q and %q in %q: %d, want %d", a, b, low, got, want)
		}
	})
}

func ascii(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		b.WriteByte(s[i] & 0x7f)
	}
	return strings.ToLower(b.String())
}

func BenchmarkFind(b *testing.B) {
	m := New([]string{"password", "secret", "token", "apikey", "akia", "ghp_", "-----begin"})
	text := strings.Repeat("if err := s.store.Append(ctx, stream, records); err != nil { return err }\n", 10_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		m.Find(text, func(int32, int) {})
	}
}
