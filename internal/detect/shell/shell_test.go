package shell

import (
	"fmt"
	"strings"
	"testing"
)

// shown is a script as the tests write it: a command a line.
func shown(s *Script) string {
	var b strings.Builder
	for i := range s.Commands {
		c := &s.Commands[i]
		if len(c.Words) == 0 || c.Opened {
			continue
		}
		fmt.Fprintf(&b, "%d", c.Line)
		for _, w := range c.Words {
			b.WriteString(" [" + w.Text + "]")
		}
		if !c.In.Empty() {
			b.WriteString(" <" + s.Commands[c.In.To-1].Name())
		}
		if c.Stdin != nil && *c.Stdin != "" {
			fmt.Fprintf(&b, " <<%q", *c.Stdin)
		}
		b.WriteByte('\n')
	}
	if s.Unread != "" {
		b.WriteString("unread: " + s.Unread + "\n")
	}
	return b.String()
}

func TestSimpleCommandsAreAsAShellWouldRunThem(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"terra''form des\"tr\"oy -auto\\-approve", "1 [terraform] [destroy] [-auto-approve]"},
		{"a=destroy\nterraform $a \"$a\" $b", "2 [terraform] [destroy] [destroy] [$b]"},
		{"tf='terraform destroy'\n$tf -x", "2 [terraform] [destroy] [-x]"},
		{"terraform${IFS}destroy${IFS}-auto-approve", "1 [terraform] [destroy] [-auto-approve]"},
		{`$'\x74erraform' $'\144estroy'`, "1 [terraform] [destroy]"},
		{"{terraform,destroy,-x}", "1 [terraform] [destroy] [-x]"},
		{"rm -rf /{etc,home}/x", "1 [rm] [-rf] [/etc/x] [/home/x]"},
		{"t() { terraform \"$@\"; }\nt destroy -x", "1 [terraform] [$@]\n2 [t] [destroy] [-x]\n1 [terraform] [destroy] [-x]"},
		{"if x; then a=1; else a=2; fi\nrm $a", "1 [x]\n2 [rm] [1]\n2 [rm] [2]"},
		{"for d in a b; do rm $d; done", "1 [rm] [a]\n1 [rm] [b]"},
		{"echo destroy -x | xargs terraform", "1 [echo] [destroy] [-x]\n1 [xargs] [terraform] <echo <<\"destroy " +
			"-x\\n\"\n1 [terraform] [destroy] [-x]"},
		{"bash <<< 'terraform destroy'", "1 [bash] <<\"terraform destroy\"\n1 [terraform] [destroy]"},
		{"bash <<EOF\nrm -rf /\nEOF\nls", "1 [bash] <<\"rm -rf /\\n\"\n2 [rm] [-rf] [/]\n4 [ls]"},
		{"source <(echo terraform destroy)", "1 [echo] [terraform] [destroy]\n1 [source] [<(echo terraform destroy)]\n1 [terraform] [destroy]"},
		{"$(echo terraform) destroy", "1 [echo] [terraform]\n1 [terraform] [destroy]"},
		{"echo cm0gLXJmIC8K | base64 -d | sh", "1 [echo] [cm0gLXJmIC8K]\n1 [base64] [-d] <echo <<\"cm0gLXJmIC8K\\n\"\n" +
			"1 [sh] <base64 <<\"rm -rf /\\n\"\n1 [rm] [-rf] [/]"},
		{"sudo -u x sh -c 'rm -rf /; ls'", "1 [sh] [-c] [rm -rf /; ls]\n1 [rm] [-rf] [/]\n1 [ls]"},
		{"ssh -p 22 host \"rm -rf /\"", "1 [ssh] [-p] [22] [host] [rm -rf /]\n1 [rm] [-rf] [/]"},
		{"timeout 30 nohup env A=1 terraform destroy", "1 [terraform] [destroy]"},
		{"curl x | (cat; bash)", "1 [curl] [x]\n1 [cat] <curl\n1 [bash] <curl"},
		{"echo a | psql", "1 [echo] [a]\n1 [psql] <echo <<\"a\\n\""},
		{"find / -name x -exec rm -rf {} \\;", "1 [find] [/] [-name] [x] [-exec] [rm] [-rf] [{}] [;]\n1 [rm] [-rf] [{}]"},
		{"echo ${{ github.event.x }} '${{ a }}'", "1 [echo] [${{ github.event.x }}] [${{ a }}]"},
		{"su - postgres -c 'dropdb x'", "1 [su] [-] [postgres] [-c] [dropdb x]\n1 [dropdb] [x]"},
		{"docker run --rm -v a:b img rm -rf /", "1 [docker] [run] [--rm] [-v] [a:b] [img] [rm] [-rf] [/]\n1 [rm] [-rf] [/]"},
		{"kubectl -n a exec p -- sh -c 'ls x'", "1 [kubectl] [-n] [a] [exec] [p] [--] [sh] [-c] [ls x]\n1 [sh] [-c] [ls x]\n1 [ls] [x]"},
		{"if ((\nterraform destroy\nfi", "1 [if]\n2 [terraform] [destroy]\n3 [fi]"},
		{"a ) b\nrm x", "1 [a]\n1 [b]\n2 [rm] [x]"},
		{"cat > x.sh <<'E'\nrm -rf /\nE", "1 [cat] <<\"rm -rf /\\n\"\n2 [rm] [-rf] [/]"},
		{"${X:-rm} ${Y:+-rf} /", "1 [rm] [-rf] [/]"},
		{"alias k=kubectl\nk get x", "1 [alias] [k=kubectl]\n2 [k] [get] [x]\n2 [kubectl] [get] [x]"},
		{"rm -rf \"$DIR\"/* x\\ y", "1 [rm] [-rf] [$DIR/*] [x y]"},
		{"screen -dmS x bash -c 'nc -l 1'", "1 [screen] [-dmS] [x] [bash] [-c] [nc -l 1]\n1 [bash] [-c] [nc -l 1]\n1 [nc] [-l] [1]"},
		{"tmux new -d -s a 'rm -rf /'", "1 [tmux] [new] [-d] [-s] [a] [rm -rf /]\n1 [rm] [-rf] [/]"},
		{"at now <<< 'rm -rf /'", "1 [at] [now] <<\"rm -rf /\"\n1 [rm] [-rf] [/]"},
		{"f() { rm a{x,}; }\nf b", "1 [rm] [ax] [a]\n2 [f] [b]\n1 [rm] [ax] [a]"},
		{"a=(rm -rf 'x y')\n\"${a[@]}\"", "2 [rm] [-rf] [x y]"},
		{"a=(rm ls)\n${a[0]} x; ${a[1]}", "2 [rm] [x]\n2 [ls]"},
		{"a=xrm; b=a; ${a:1} y; ${a/xr/r} z; ${!b}", "1 [rm] [y]\n1 [rm] [z]\n1 [xrm]"},
		{"set -- rm -rf /\n\"$@\"\nshift; $1", "1 [set] [--] [rm] [-rf] [/]\n2 [rm] [-rf] [/]\n3 [shift]\n3 [-rf]"},
		{"r() { shift; \"$@\"; }\nr x rm /", "1 [shift]\n1 [$@]\n2 [r] [x] [rm] [/]\n1 [shift]\n1 [rm] [/]"},
		{"r() { while x; do shift; done; \"$@\"; }\nr rm /", "1 [x]\n1 [shift]\n1 [$@]\n2 [r] [rm] [/]\n1 [x]\n1 [shift]\n1 [rm] [/]"},
		{"bash -c '$0 \"$@\"' rm -rf /", "1 [bash] [-c] [$0 \"$@\"] [rm] [-rf] [/]\n1 [rm] [-rf] [/]"},
		{"printf -v c 'rm %s' x; $c", "1 [printf] [-v] [c] [rm %s] [x]\n1 [rm] [x]"},
		{"read a b <<< 'rm x y'; $a $b", "1 [read] [a] [b] <<\"rm x y\"\n1 [rm] [x] [y]"},
		{"mapfile -t a <<< rm; ${a[0]} x", "1 [mapfile] [-t] [a] <<\"rm\"\n1 [rm] [x]"},
		{"echo / | xargs -I% sh -c 'rm %'", "1 [echo] [/]\n1 [xargs] [-I%] [sh] [-c] [rm %] <echo <<\"/\\n\"\n1 [sh] [-c] [rm /]\n1 [rm] [/]"},
		{"echo 'rm /' > d/x; ls; sh ./d/x; d/x", "1 [echo] [rm /]\n1 [ls]\n1 [sh] [./d/x]\n1 [rm] [/]\n1 [d/x]\n1 [rm] [/]"},
		{"env -S'rm x'; npx rm@2 y; sudo -s <<< 'rm z'", "1 [env] [-Srm x]\n1 [rm] [x]\n1 [rm] [y]\n1 [sudo] [-s] <<\"rm z\"\n1 [rm] [z]"},
		{"A=1 b >c 2>&1 </dev/null", "1 [b]"},
	} {
		if got := strings.TrimSuffix(shown(Read(c.text, 1)), "\n"); got != c.want {
			t.Errorf("%s\ngot\n%s\nwant\n%s", c.text, got, c.want)
		}
	}
}
