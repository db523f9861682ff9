package detecttest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Numbers are the canaries of one text that were run, or were seen.
type Numbers map[int]bool

// Unread is what a reader has seen that says it could not read a text, or not all of
// it: nobody takes that for harmless.
const Unread = -1

// Soup makes texts at random of pieces that programs may read otherwise than a
// reader of ours. A @ in a piece becomes the number of a canary, a command that
// can be told from all others: what a program ran of them is held against what
// the reader shows.
type Soup struct {
	Pieces   []string // what readers may stumble over
	Canaries []string // what they must not overlook
	Joins    []string // what stands between two pieces
	Most     int      // pieces of one text at most; 0: 10
}

// Tried is what a comparison came to.
type Tried struct {
	Texts   int
	Ran     int // canaries that were run
	Unseen  int // of those, the ones that the reader does not show
	Unasked int // canaries that the reader shows and that were not run
}

func (t Tried) String() string {
	return fmt.Sprintf("%d texts, %d canaries run, %d of them unseen, %d seen and not run", t.Texts, t.Ran, t.Unseen, t.Unasked)
}

// Against runs texts through a program and a reader, and fails where a canary was
// run that the reader does not show. What fails is made as short as it goes. The
// texts are the same for one seed; TEXTS and SEED in the environment say how many
// and which instead.
func (s Soup) Against(t *testing.T, seed uint64, texts int, run func([]string) ([]Numbers, error), seen func(string) Numbers) Tried {
	t.Helper()
	texts, seed = fromEnv("TEXTS", texts), uint64(fromEnv("SEED", int(seed)))
	const batch, enough = 100, 12
	random := rand.New(rand.NewPCG(seed, 1))
	var out Tried
	failed := map[string]bool{}
	for out.Texts < texts && len(failed) < enough {
		var soups [][]string
		for range min(batch, texts-out.Texts) {
			soups = append(soups, s.one(random))
		}
		ran := mustRun(t, soups, run)
		for i, soup := range soups {
			shown := seen(written(soup))
			out.Texts++
			out.Ran += len(ran[i])
			missing := without(ran[i], shown)
			out.Unseen += len(missing)
			out.Unasked += len(without(shown, ran[i]))
			if len(missing) > 0 && len(failed) < enough {
				short := shorter(t, soup, run, seen)
				if text := written(short); !failed[text] {
					failed[text] = true
					t.Errorf("%q is run and not shown", text)
				}
			}
		}
	}
	t.Log(out)
	return out
}

func fromEnv(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

func mustRun(t *testing.T, soups [][]string, run func([]string) ([]Numbers, error)) []Numbers {
	t.Helper()
	texts := make([]string, len(soups))
	for i := range soups {
		texts[i] = written(soups[i])
	}
	ran, err := run(texts)
	if err != nil {
		t.Fatal(err)
	}
	if len(ran) != len(texts) {
		t.Fatalf("%d texts were run to %d results", len(texts), len(ran))
	}
	return ran
}

// one is the pieces of a text.
func (s Soup) one(random *rand.Rand) []string {
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	most := s.Most
	if most == 0 {
		most = 10
	}
	var out []string
	for range 2 + random.IntN(most-1) {
		piece := pick(s.Pieces)
		if random.IntN(3) == 0 {
			piece = pick(s.Canaries)
		}
		if len(s.Joins) > 0 && random.IntN(2) == 0 {
			piece += pick(s.Joins)
		}
		out = append(out, piece)
	}
	return append(out, pick(s.Canaries))
}

// written is the text of pieces, with numbers for canaries.
func written(pieces []string) string {
	var b strings.Builder
	n := 0
	for _, p := range pieces {
		for {
			before, after, found := strings.Cut(p, "@")
			b.WriteString(before)
			if !found {
				break
			}
			n++
			b.WriteString(strconv.Itoa(n))
			p = after
		}
	}
	return b.String()
}

func without(a, b Numbers) []int {
	if b[Unread] {
		return nil
	}
	var out []int
	for _, n := range slices.Sorted(maps.Keys(a)) {
		if !b[n] {
			out = append(out, n)
		}
	}
	return out
}

// shorter leaves pieces out for as long as something is run that is not shown.
func shorter(t *testing.T, pieces []string, run func([]string) ([]Numbers, error), seen func(string) Numbers) []string {
	t.Helper()
	for {
		var tries [][]string
		for i := range pieces {
			tries = append(tries, slices.Delete(slices.Clone(pieces), i, i+1))
			if p := pieces[i]; len(p) > 1 && !strings.Contains(p, "@") {
				for _, rest := range []string{p[:len(p)-1], p[1:]} {
					with := slices.Clone(pieces)
					with[i] = rest
					tries = append(tries, with)
				}
			}
		}
		ran := mustRun(t, tries, run)
		at := -1
		for i := range tries {
			if len(without(ran[i], seen(written(tries[i])))) > 0 {
				at = i
				break
			}
		}
		if at < 0 {
			return pieces
		}
		pieces = tries[at]
	}
}

// Replay holds a reader to what programs ran before: the lines of a file are a program,
// a quoted text and the last canary that was run of it, with tabs between.
func Replay(t *testing.T, path string, seen func(program, text string) Numbers) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(strings.TrimSpace(line), "\t")
		if len(parts) != 3 {
			t.Fatalf("%q is not a program, a text and a number", line)
		}
		text, err := strconv.Unquote(parts[1])
		n, also := strconv.Atoi(parts[2])
		if err != nil || also != nil {
			t.Fatalf("%q: %v %v", line, err, also)
		}
		if cases++; len(without(Numbers{n: true}, seen(parts[0], text))) > 0 {
			t.Errorf("%s runs canary %d of %q, which is not shown", parts[0], n, text)
		}
	}
	if cases == 0 {
		t.Fatalf("%s has no cases", path)
	}
}
