package command

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/shell"
	"github.com/gatehold/gatehold/internal/detect/tool"
)

// follow keeps what a command leaves behind for those that come after it.
func (s *state) follow(c *command) {
	switch c.name {
	case "terraform", "tofu", "terragrunt":
		if plain, _ := c.args(); len(plain) > 0 && plain[0] == "plan" && c.flag("-destroy", "--destroy") {
			if s.plans == nil {
				s.plans = map[string]bool{}
			}
			s.plans[c.after("-out", "--out")] = true
		}
	case "curl", "wget":
		if to := c.downloads(); to != "" && len(s.loads) < 200 {
			if s.loads == nil {
				s.loads = map[string]string{}
			}
			s.loads[path.Clean(to)] = c.text
		}
	case "sha256sum", "shasum", "sha512sum", "md5sum", "gpg", "cosign", "minisign", "openssl", "slsa-verifier":
		s.loads = nil // what was loaded is looked at
	}
}

// after is the value of a flag.
func (c *command) after(names ...string) string {
	words := c.Args()
	for i, w := range words {
		for _, n := range names {
			if value, ok := strings.CutPrefix(w.Text, n+"="); ok {
				return value
			}
			if w.Text == n && i+1 < len(words) {
				return words[i+1].Text
			}
		}
	}
	return ""
}

// downloads is the file that a command loads from the network.
func (c *command) downloads() string {
	to := c.after("-o", "--output", "-O", "--output-document")
	if c.name == "curl" {
		to = c.after("-o", "--output")
	}
	named := c.name == "wget"
	for _, w := range c.Args() { // flags in a bundle: -fsSLo FILE
		n := len(w.Text)
		if w.Text == "--remote-name" {
			named = true
		}
		if n < 2 || n > 8 || w.Text[0] != '-' || w.Text[1] == '-' {
			continue
		}
		if end := w.Text[n-1]; n > 2 && (end == 'o' || c.name == "wget" && end == 'O') {
			to = c.after(w.Text)
		}
		named = named || strings.Contains(w.Text, "O")
	}
	return c.loadsInto(to, named)
}

// loadsInto is the file, where a flag named one, or has it be called as it is there.
func (c *command) loadsInto(to string, named bool) string {
	if writes := c.Writes(); to == "" && len(writes) == 1 {
		to = writes[0]
	}
	if (to == "" || to[0] == '-' || strings.Contains(to, "://")) && named {
		to = c.remoteName()
	}
	if strings.HasPrefix(to, "/dev/") || strings.HasPrefix(to, "-") {
		return ""
	}
	return to
}

// remoteName is the last part of the address that is loaded.
func (c *command) remoteName() string {
	for _, w := range c.Args() {
		if strings.Contains(w.Text, "://") {
			name, _, _ := strings.Cut(w.Text, "?")
			return path.Base(name)
		}
	}
	return ""
}

// scripts are endings of files that an interpreter runs.
var scriptEnds = map[string]bool{".sh": true, ".bash": true, ".py": true, ".pl": true, ".rb": true, ".js": true, ".ps1": true,
	".php": true}

// loaded finds a script that was loaded from the network and is run.
func (s *state) loaded(c *command) []finding {
	if len(s.loads) == 0 {
		return nil
	}
	file := c.words[0].Text
	runs := scriptEnds[path.Ext(file)]
	if shells[c.name] {
		runs = true
		plain, _ := c.args()
		if len(plain) == 0 || c.flag("-c") {
			return nil
		}
		file = plain[0]
	}
	if text, known := s.loads[path.Clean(file)]; known && runs && fetches(text) {
		return pipeKind(text)
	}
	return nil
}

// confirmed tells whether whatever a command asks is answered with yes.
func confirmed(cmds []command, i int) bool {
	for k := range upstream(cmds, i) {
		if c := &cmds[k]; c.name == "yes" {
			return len(c.words) == 1 || strings.HasPrefix(strings.ToLower(c.words[1].Text), "y")
		}
	}
	if in := cmds[i].Stdin; in != nil {
		first, _, _ := strings.Cut(strings.ToLower(*in), "\n")
		return first == "y" || first == "yes"
	}
	return false
}

// forced is a command with the flags that answer its questions beforehand.
func (c *command) forced() *command {
	more := *c.Command
	more.Words = append([]shell.Word(nil), c.words...)
	for _, flag := range [...]string{"--yes", "--force", "--accept-data-loss", "--auto-approve"} {
		more.Words = append(more.Words, shell.Word{Text: flag, Known: true})
	}
	out := *c
	out.Command, out.words = &more, more.Words
	return &out
}

// planned finds that a plan is carried out which destroys.
func (s *state) planned(c *command) []finding {
	if len(s.plans) == 0 || c.name != "terraform" && c.name != "tofu" && c.name != "terragrunt" {
		return nil
	}
	plain, _ := c.args()
	if len(plain) < 2 || plain[0] != "apply" || !s.plans[plain[len(plain)-1]] {
		return nil
	}
	return found(named["destroy-infrastructure"], c.name, "apply of a plan that destroys")
}

// spared tells whether what is destroyed is said to be a preview or for tests: by
// what was chosen before, or by the command itself.
func spared(c *command) bool {
	for _, what := range [...]string{"workspace", "stack"} {
		if name := c.around.names[what]; name != "" && tool.Spare(name) {
			return true
		}
	}
	words := c.Args()
	for i, w := range words {
		flag, value, glued := strings.Cut(w.Text, "=")
		if !strings.HasPrefix(flag, "-") {
			continue
		}
		if !glued && i+1 < len(words) {
			value = words[i+1].Text
		}
		switch strings.TrimLeft(flag, "-") {
		case "stack", "s", "stage", "workspace":
			if tool.Spare(value) {
				return true
			}
		case "var":
			if _, v, ok := strings.Cut(value, "="); ok && tool.Preview(v) {
				return true
			}
		}
	}
	for _, v := range c.vars {
		if name, value, _ := strings.Cut(v, "="); (name == "TF_WORKSPACE" || name == "PULUMI_STACK") && tool.Spare(value) {
			return true
		}
	}
	return false
}

// readers are clients that run the statements which they are given as their input.
var readers = setOf(`psql mysql mariadb sqlite3 mongosh mongo redis-cli cqlsh clickhouse-client sqlcmd sqlplus cockroach duckdb
	cypher-shell usql influx snowsql`)

// readable are endings of files that are looked at as what such a client reads, or
// that hold a whole database.
var readable = setOf(`.sql .psql .pgsql .ddl .dump .gz .zst .bz2 .xz .bak .js .cypher .cql .rdb .csv .tsv .db .ndjson .json .mysql
	.resp`)

// texts are endings of files that nobody runs and nothing reads as what is run.
var texts = setOf(".txt .md .log .dat .bak .tmp .rst .html .csv .png .jpg .pdf .out .text .markdown .old")

// unseen finds what a client or a shell takes from a file that is not read as such.
func unseen(cmds []command, i int) []finding {
	c := &cmds[i]
	if !readers[c.name] && !shells[c.name] {
		return nil
	}
	file := c.after("-f", "--file")
	for _, r := range c.Redirects {
		if r.Op == "<" {
			file = r.Target.Text
		}
	}
	for k := range upstream(cmds, i) {
		if up := &cmds[k]; up.name == "cat" && len(up.words) == 2 {
			file = up.words[1].Text
		}
	}
	ends := strings.ToLower(path.Ext(file))
	if shells[c.name] {
		if plain, _ := c.args(); file == "" && len(plain) > 0 && !c.flag("-c", "-e", "-m") {
			file = plain[0]
		}
		if ends = strings.ToLower(path.Ext(file)); !texts[ends] {
			return nil
		}
	}
	if file == "" || strings.ContainsAny(file, "$*?{`() ") || strings.HasPrefix(file, "/dev/") || strings.HasPrefix(file, "/tmp/") ||
		strings.HasPrefix(file, "-") || strings.Contains(file, "://") || readable[ends] {
		return nil
	}
	return found(kindUnseen, shell.Base(file), c.name+" runs what stands in it")
}
