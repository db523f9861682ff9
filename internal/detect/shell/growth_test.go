//go:build linux && !race

package shell_test

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
	"github.com/gatehold/gatehold/internal/detect/shell"
)

// A text cannot make the reader hold much more than it is itself.
func TestReadingHoldsLittle(t *testing.T) {
	long := "x=" + strings.Repeat("a", 4000) + "\n"
	for name, text := range map[string]string{
		"values":    long + strings.Repeat("rm "+strings.Repeat("$x ", 1000)+"\n", 20),
		"quoted":    long + strings.Repeat("rm \"$x$x$x$x\"\n", 4000),
		"said":      long + strings.Repeat("echo $x | cat | cat | rm\n", 2000),
		"braces":    strings.Repeat("rm {a,b}{c,d}{e,f}{g,h}{i,j}{k,l}{m,n}"+strings.Repeat("z", 500)+"\n", 100),
		"arguments": "f() { rm \"$@\" \"$@\"; }\n" + strings.Repeat("f "+strings.Repeat("a ", 500)+"\n", 50),
		"nested":    "f() { g \"$@\" \"$@\"; }\ng() { h \"$@\" \"$@\"; }\nh() { f \"$@\" \"$@\"; }\nf aaaaaaaaaa b\n",
		"assigned":  "a=aaaaaaaaaa\n" + strings.Repeat("a=$a$a\nrm $a\n", 2000),
		"lexed":     "a=aaaaaaaaaa\n)\n" + strings.Repeat("a=$a$a; rm $a )\n", 3000),
		"unclosed":  strings.Repeat("{", 20000) + "\n" + strings.Repeat("{a,", 20000),
		"windows":   strings.Repeat("echo x | xargs rm\n", 3000),
	} {
		held := 0
		for _, c := range shell.Read(text, 1).Commands {
			held += len(c.Text)
			for _, w := range c.Words {
				held += len(w.Text) + 32
			}
		}
		if most := 40*len(text) + 4<<20; held > most {
			t.Errorf("%s: %d bytes are read to %d", name, len(text), held)
		}
	}
}

// What a text costs grows with it alone, whatever it is made of.
func TestReadingIsLinear(t *testing.T) {
	for n, unit := range []string{
		"rm -rf x\n", "a=$b; ", "$(", "`", "((", "{ ", "( ", "if ", "case x in ", "'", "\"", "\"$(", "$((-", "${a:-", "${{ ",
		"a | ", "a && ", "a | b |\n", "true && a\n",
		"a; (", "<(", "<<E\n", "cat <<E\nx\nE\n", "f() { f a; }\n", "f() { g a; g a; }; g() { f a; f a; }\nf a\n", "x=$x$x; ",
		"echo $x | sh\n",
		"sh -c 'sh -c \"sh -c x\"'\n", "sudo ", "xargs ", "eval ", "env a=b ", "{a,b}", "for i in a b; do x=$x$i; done\n",
		"\\\n", "\\", "# x\n",
		"[[ ! ", "!", "a=(", "time ", "&", ";", "\r", "echo 'rm x' | bash\n", "if x; then a=$a$b; b=$a; fi; rm $a $b\n", "{1..100}",
		"{", "{a,", "{a,b}{", "{{{{{{{{{{{{{{{{{{{{{{{{ ",
		"a() { ", "${a[", "$'", "<<<'x' sh; ", "while ", "ssh h \"", "trap 'a b' X\n", "\x00", "\x01${{ a }}", "alias a='b a'\na x\n",
		"x=$(echo $x$x)\n", "cat > a.sh <<E\nrm\nE\n", "function ", "find / -exec sh -c 'x y' \\;\n", "a 2>&1 >b <c\n", "] }\n", ") rm\n"} {
		if testing.Short() && n%4 != 0 {
			continue
		}
		detecttest.Linear(t, unit, 4<<10, func(size int) func() {
			text := strings.Repeat(unit, max(1, size/len(unit))) + "a"
			return func() { _ = bound.Catch(func() { shell.Read(text, 1) }) }
		})
	}
}
