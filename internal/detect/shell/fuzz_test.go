package shell_test

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/shell"
)

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"rm -rf / # x", "a=b; $a \"$(c 'd')\" | sh -c 'e f' <<E\ng\nE\n", "if x; then y; fi; f() { z $1; }; f a",
		"echo ${{ github.ref }} {a,b} $'\\x41' ${x:-y}", "sudo env A=b xargs -n 1 ssh h 'i j' && k || true &", "((", "cat > a.sh <<'E'\nx\nE"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, windows := range []bool{false, true} {
			read := (&shell.Reader{Windows: windows, Programs: func(name string) bool { return name == "rm" }}).Read(text, 1)
			for i, c := range read.Commands {
				if c.Line < 1 || c.By >= i || c.In.To > i || c.Subst.To > i || len(c.Text) > 3*400+len(text) {
					t.Fatalf("command %d of %q: %+v", i, text, c)
				}
			}
			if !windows && !strings.ContainsAny(text, "\x00\x01") {
				again := shell.Read(text, 8)
				plain := shell.Read(text, 1)
				if len(plain.Commands) != len(again.Commands) || len(plain.Commands) > 0 && again.Commands[0].Line != plain.Commands[0].Line+7 {
					t.Fatalf("%q: the first line changes what is read", text)
				}
			}
		}
	})
}
