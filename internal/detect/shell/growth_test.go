//go:build linux && !race

package shell_test

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
	"github.com/gatehold/gatehold/internal/detect/shell"
)

// What a text costs grows with it alone, whatever it is made of.
func TestReadingIsLinear(t *testing.T) {
	for _, unit := range []string{
		"rm -rf x\n", "a=$b; ", "$(", "`", "((", "{ ", "( ", "if ", "case x in ", "'", "\"", "\"$(", "$((-", "${a:-", "${{ ", "a | ", "a && ", "a | b |\n", "true && a\n",
		"a; (", "<(", "<<E\n", "cat <<E\nx\nE\n", "f() { f a; }\n", "f() { g a; g a; }; g() { f a; f a; }\nf a\n", "x=$x$x; ", "echo $x | sh\n",
		"sh -c 'sh -c \"sh -c x\"'\n", "sudo ", "xargs ", "eval ", "env a=b ", "{a,b}", "for i in a b; do x=$x$i; done\n", "\\\n", "\\", "# x\n",
		"[[ ! ", "!", "a=(", "time ", "&", ";", "\r", "echo 'rm x' | bash\n", "if x; then a=$a$b; b=$a; fi; rm $a $b\n", "{1..100}",
		"a() { ", "${a[", "$'", "<<<'x' sh; ", "while ", "ssh h \"", "trap 'a b' X\n", "\x00", "\x01${{ a }}", "alias a='b a'\na x\n",
		"x=$(echo $x$x)\n", "cat > a.sh <<E\nrm\nE\n", "function ", "find / -exec sh -c 'x y' \\;\n", "a 2>&1 >b <c\n", "] }\n", ") rm\n"} {
		detecttest.Linear(t, unit, 4<<10, func(size int) func() {
			text := strings.Repeat(unit, max(1, size/len(unit))) + "a"
			return func() { _ = bound.Catch(func() { shell.Read(text, 1) }) }
		})
	}
}
