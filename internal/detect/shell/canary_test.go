package shell

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// canaries are commands that must not be overlooked. What rm is here only writes
// down what it was told.
var canaries = []string{"rm -rf /srv/canary_@", "rm -rf /srv/canary_@\n", "\nrm -rf /srv/canary_@\n", "rm -rf /srv/canary_@;", "; rm -rf /srv/canary_@ ;",
	"rm -rf '/srv/canary_@'\n", "r\"\"m -rf /srv/canary_@\n", "rm \\\n-rf /srv/canary_@\n", "(rm -rf /srv/canary_@)", "{ rm -rf /srv/canary_@; }", "$(rm -rf /srv/canary_@)",
	"`rm -rf /srv/canary_@`", "rm -rf \"/srv/canary_@\" "}

// shells are pieces that shells take as something else than words.
var shells = []string{"'", "'", "''", "\"", "\"", "\"\"", "`", "\\", "\\\\", "\\\n", "\\'", "\\\"", "$'", "$'\\''", "$'a\\'", "$\"", "$", "$$", "$#", "${#", "$((", "))", "$(", ")", "(", "((", "{",
	"}", "{ ", " }", "; }", "${", "${a:-", "${a:+", "${a-", "${a#", "${a%", "${a/", "${a:", "${!a}", "${!", "${a[", "]}", "[", "]", "[[ ", " ]]", "[ ", " ]", "#", " #", "\n#", "# a\n", "<<E\n",
	"\nE\n", "<<'E'\n", "<<-E\n", "\tE\n", "<<\\E\n", "<<\"E\"\n", "E\n", "cat <<E\n", "sh <<E\n", "bash <<'E'\n", "<<<", "<<< a\n", "<(", ">(", "cat <(", "&", "&&", "||", "|", "|&", ";", ";;", ";&", ";;&", "!",
	"! ", "\n", "\n", "\r", "\r\n", "\t", " ", "\u00a0", "\ufeff", "\x01", "\x0b", "a", "a=", "a=1 ", "a=1\n", "a='", "a=(", "a+=(", "a[0]=", "a=rm\n", "b=a\n", "$a ", "\"$a\" ", "${a} ", "if :; then ", "if ! :; then ",
	"then ", "else ", "elif :; then ", "fi\n", "; fi\n", "for a in 1; do ", "for a in rm; do ", "for ((;0;)); do ", "while :; do ", "until :; do ", "done\n", "; done\n", "; break; done\n", "do ", "case a in ", "a) ", "(a) ", "*) ", "a|b) ", "esac\n", ";; esac\n",
	"case a in a) ", "f() { ", "f() ", "f() (", "function f { ", "function f() {\n", "f\n", "f ", "; f\n", "time ", "coproc ", "coproc f { ", "eval ", "eval '", "eval \"", "exec ", "command ", "builtin ", "trap '", "' EXIT\n", "trap ", " EXIT\n",
	"echo ", "echo '", "printf '%s\\n' ", ": ", ":\n", "true", "false ", "false || ", "true && ", "| sh\n", "| bash\n", "|sh", "| xargs ", "xargs ", "find . -maxdepth 0 -exec ", " \\;\n", " {} +\n", "env ", "env a=b ", "nohup ", "nice ", "timeout 5 ", "sh -c '", "bash -c \"",
	"sh -c ", "bash -c ", "alias a=", "alias a='", "shopt -s expand_aliases\n", "shopt -s extglob\n", "set -- ", "set -e\n", "\"$@\"", "$1 ", "shift\n", "let ", "let 'a=", "declare ", "declare a=", "export a=", "local a=", "readonly b=", "unset a\n", "read a <<<", "(( ", " ))", "((a=1))", "$((1+", "$((a[", "$[",
	"]\n", "@(", "!(a)", "*(", "?(", "+(", "*", "?", "~", "=", ",", "{a,b}", "{rm,-rf,", "{1..2}", "-", "--", "\\;", "2>&1 ", ">a ", ">>a ", "<a ", ">&", "&>a ", ">|a ", "2>", "3<&0 ", "{a}>b ", "exit\n", "exit;", "return\n", "break\n", "continue\n", "in ", "select a in 1; do ", "!(", "$'\\n'",
	"$'\\x27'", "a\\\nb", "-rf", "rm ", "rm", "exec <<E\n", "source /dev/stdin <<E\n", ". /dev/stdin <<'E'\n", "#!/bin/sh\n", "${a:-$(", ")}", "\"$(", ")\"", "\"`", "`\"", "\"${a:-", "}\"", "${a:-'", "'}", "${a:-\"", "\"}", "${a//", "${a^^}", "${a@Q}", "${a:=", "%", "^", "&>", "1>&2\n"}

// recorder runs texts in a shell and says which canaries were run. Nothing else can
// be: the programs that are found are few, the folder is empty, and root becomes
// somebody who owns nothing and may start few processes.
func recorder(t *testing.T, shell string) func([]string) ([]detecttest.Numbers, error) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "gh") // what is below t.TempDir not everybody may reach
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bash", "cat", "env", "find", "nice", "nohup", "timeout", "xargs"} {
		link(t, name, filepath.Join(bin, name))
	}
	link(t, "dash", filepath.Join(bin, "sh"))
	rm := "#!/bin/sh\nfor one; do printf '%s\\n' \"$one\"; done >>\"$CANARIES\"\n"
	if err := os.WriteFile(filepath.Join(bin, "rm"), []byte(rm), 0o755); err != nil {
		t.Fatal(err)
	}
	limits, as := "ulimit -t 2 -v 2000000 -f 1000 -c 0\n", &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		limits += "ulimit -p 60\n"
		as.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return func(texts []string) ([]detecttest.Numbers, error) {
		here, err := os.MkdirTemp(dir, "run")
		if err != nil {
			return nil, err
		}
		if err := os.Chmod(here, 0o777); err != nil {
			return nil, err
		}
		var script strings.Builder
		script.WriteString(limits + "FUNCNEST=40\nexport FUNCNEST CANARIES\ncd '" + here + "'\n")
		for i, text := range texts {
			name := filepath.Join(here, "t"+strconv.Itoa(i))
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				return nil, err
			}
			fmt.Fprintf(&script, "CANARIES=%s.ran timeout -s KILL 5 %s %s </dev/null >/dev/null 2>&1\n", name, shell, name)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "/bin/sh")
		cmd.SysProcAttr, cmd.Env = as, []string{"PATH=" + bin, "HOME=" + here, "LC_ALL=C.UTF-8"}
		cmd.Stdin = strings.NewReader(script.String() + "exit 0\n")
		if said, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w: %s", err, said)
		}
		out := make([]detecttest.Numbers, len(texts))
		for i := range texts {
			said, _ := os.ReadFile(filepath.Join(here, "t"+strconv.Itoa(i)+".ran"))
			out[i] = detecttest.Numbers{}
			for _, m := range canary.FindAllSubmatch(said, -1) {
				n, _ := strconv.Atoi(string(m[1]))
				out[i][n] = true
			}
		}
		return out, os.RemoveAll(here)
	}
}

var canary = regexp.MustCompile(`(?m)^/srv/canary_(\d+)$`)

func link(t *testing.T, program, as string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, as); err != nil {
		t.Fatal(err)
	}
}

var numbered = regexp.MustCompile(`/srv/canary_(\d+)`)

// seen are the canaries that the reader shows: as an rm of them, or as a command
// whose name it does not know.
func seen(text string) detecttest.Numbers {
	script := Read(text, 1)
	out := detecttest.Numbers{}
	if script.Unread != "" {
		out[detecttest.Unread] = true
	}
	for _, c := range script.Commands {
		if c.Name() != "rm" && (len(c.Words) == 0 || c.Words[0].Known) {
			continue
		}
		for _, w := range c.Words {
			for _, m := range numbered.FindAllStringSubmatch(w.Text, -1) {
				n, _ := strconv.Atoi(m[1])
				out[n] = true
			}
		}
	}
	return out
}

// What shells once ran and this reader did not show is shown.
func TestWhatWasOnceUnseenIsSeen(t *testing.T) {
	detecttest.Replay(t, "../../../testdata/detect/real/shell.txt", func(_, text string) detecttest.Numbers { return seen(text) })
}

// What bash runs is seen.
func TestWhatBashRunsIsSeen(t *testing.T) {
	soup := detecttest.Soup{Canaries: canaries, Pieces: shells, Joins: []string{" ", "\n", ";", " "}, Most: 8}
	soup.Against(t, 1, 120, recorder(t, "bash"), seen)
}

// What dash runs, which is Debian's sh, is seen.
func TestWhatShRunsIsSeen(t *testing.T) {
	soup := detecttest.Soup{Canaries: canaries, Pieces: shells, Joins: []string{" ", "\n", ";", " "}, Most: 8}
	soup.Against(t, 2, 120, recorder(t, "sh"), seen)
}
