package shell

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// programs are what the texts run: functions that say their words, so that
// nothing is run.
const programs = " rm ls git cat curl tar "

// asBash are the words of the simple commands of texts as bash itself sees them,
// a text in each entry.
func asBash(texts []string) ([]string, error) {
	const prelude = `
say() { printf '%s' "$#"; printf ' [%s]' "$@"; printf '\n'; }
for name in rm ls git cat curl tar; do eval "$name() { say $name \"\$@\" >&3; }"; done
exec 3>&1 1>/dev/null 2>/dev/null </dev/null
PATH=/nonexistent
set -f
for text; do (eval "$text"); printf '%s\n' "== $?" >&3; done
`
	cmd := exec.Command("bash", append([]string{"--norc", "--noprofile", "-c", prelude, "bash"}, texts...)...)
	cmd.Env = []string{"HOME=/h", "LC_ALL=C.UTF-8"}
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	all := strings.Split(string(out), "== 0\n")
	if len(all) != len(texts)+1 {
		return nil, fmt.Errorf("bash could not run a text: %s", out)
	}
	return all[:len(texts)], nil
}

// asRead are the same as the reader gives them.
func asRead(text string) string {
	var b strings.Builder
	for _, c := range Read(text, 1).Commands {
		if !strings.Contains(programs, " "+c.Name()+" ") {
			continue
		}
		fmt.Fprint(&b, len(c.Words))
		for _, w := range c.Words {
			b.WriteString(" [" + w.Text + "]")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// pieces of words to which bash gives a meaning.
var pieces = []string{"a", "b", "''", "'a b'", "\"c  d\"", "\\ ", "\\a", "\\\\", "\\\n", "${v}", "\"$v\"", "'$v'", "\\$v", "${w}", "\"$w\"",
	"$'\\x61'", "$'\\t\\'q'", "$'\\101\\u00e9'", "${u:-e f}", "\"${u:-e f}\"", "${v:+g}", "${v#p}", "${v%q}", "-x", "--y=z", "=", ",",
	"{a,b}", "{a,{b,c}d}", "{a}", "{,x}", "\"{a,b}\"", "!", "%", "$(echo o)", "\"$(echo o  p)\"", "`echo q`", "/", ".", "é",
	"$(printf '%s-' r s)", "${IFS}", "\"${w:-z}\"", "\\'", "\"\\\"\"", "\"\\a\"", "$'\\\\'", "${w}x", "x${w}", "*", "[a]", "?"}

// Words are what bash makes of them, in texts that are put together at random.
func TestWordsAreThoseOfBash(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		text := "v=pvq\nw='x y'\n"
		if rapid.Bool().Draw(t, "plain") { // words without a meaning, which are read without the grammar
			word := rapid.StringMatching(`[a-z0-9_./:,+@%=-]{1,8}`)
			text = ""
			for range rapid.IntRange(0, 4).Draw(t, "lines") {
				text += rapid.SampledFrom([]string{"rm", " ls", "\tgit"}).Draw(t, "program") + " " +
					strings.Join(rapid.SliceOf(word).Draw(t, "words"), rapid.SampledFrom([]string{" ", "\t", "  "}).Draw(t, "blank")) + "\n"
			}
			return text
		}
		for range rapid.IntRange(1, 3).Draw(t, "commands") {
			text += rapid.SampledFrom([]string{"rm", "ls", "git", "\"cat\"", "cu'r'l", "t\\ar", "$'\\x72m'", "r''m"}).Draw(t, "program")
			for range rapid.IntRange(0, 4).Draw(t, "words") {
				text += " " + strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 3).Draw(t, "pieces"), "")
			}
			text += rapid.SampledFrom([]string{"; ", "\n", " && :\n", "\n# rm no\n", " #rm no\n", " >/dev/null\n", " <<E\nrm no\nE\n",
				"\n: | tar x\n", "\n{ git c; }\n", "\n(git d)\n", "\nif :; then git e; fi\n"}).Draw(t, "join")
		}
		return text + "\n:"
	})
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(text, 1, 6).Draw(t, "texts")
		want, err := asBash(texts)
		if err != nil {
			t.Fatal(err)
		}
		for i := range texts {
			if got := asRead(texts[i]); got != want[i] {
				t.Fatalf("%q\nbash\n%sread\n%s", texts[i], want[i], got)
			}
		}
	})
}
