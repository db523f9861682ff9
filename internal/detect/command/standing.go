package command

import (
	"strings"
)

// standing is what the commands of a text were, and where they stood.
type standing struct {
	texts map[string]bool // of whole pieces
	at    map[string]int  // commands with what they stand on, and how many ways out stand before each
	like  map[string]int  // how many of each there are, whatever stands for a variable
	lines []string
}

// stands reads the commands of a text.
func (s *state) stands(body string) *standing {
	out := &standing{texts: map[string]bool{}, at: map[string]int{}, like: map[string]int{}, lines: strings.Split(body, "\n")}
	for _, p := range s.cut.pieces(s.form, s.name, body) {
		out.texts[p.text] = true
		cmds := commandsOf(s.reader().Read(p.text, p.line), p)
		around := surroundings(cmds)
		for i := range cmds {
			c := &cmds[i]
			if c.around = around[i]; len(c.words) == 0 && len(c.vars) == 0 {
				continue
			}
			key := out.under(c)
			out.at[key] = max(out.at[key], c.around.exits)
			out.like[out.key(c)]++
		}
	}
	return out
}

// where is a command with the folder that it runs in, and with what was chosen
// before it.
func (c *command) where() string {
	return c.Dir + "\x00" + c.around.folder + "\x00" + c.around.chosen + "\x00" + strings.Join(c.vars, " ") + "\x00" + c.Join()
}

// key is a command without words that are variables and nothing else, under the
// line that it belongs to.
func (st *standing) key(c *command) string {
	var b strings.Builder
	b.WriteString(st.anchor(c.line))
	b.WriteString("\x00" + c.Dir + "\x00" + c.around.chosen + "\x00" + strings.Join(c.vars, " "))
	if c.Maybe {
		b.WriteString("?")
	}
	for _, w := range c.words {
		if variable(w.Text) {
			continue
		}
		b.WriteString(" " + w.Text)
	}
	return b.String()
}

// variable tells whether a word is a variable and nothing else.
func variable(word string) bool {
	name := strings.Trim(strings.TrimSpace(word), "{}()\"")
	return strings.HasPrefix(word, "$") && strings.IndexFunc(name, func(r rune) bool {
		return !strings.ContainsRune("${}()@*_", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

// anchor is the nearest line above one that is less indented: a target, a key, a
// condition.
func (st *standing) anchor(line int) string {
	if line < 1 || line > len(st.lines) {
		return ""
	}
	indent := indentation(st.lines[line-1])
	for i := line - 2; i >= max(0, line-2-maxAbove); i-- {
		if l := st.lines[i]; strings.TrimSpace(l) != "" && indentation(l) < indent {
			return strings.TrimSpace(l)
		}
	}
	return ""
}

// maxAbove is how many lines above a command its anchor is looked for.
const maxAbove = 200

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// holds tells whether the text holds a command as often as another one does: its
// line was touched, and it does what it did.
func (st *standing) holds(c *command, now *standing) bool {
	key := now.key(c)
	return st.like[key] > 0 && now.like[key] <= st.like[key] && st.at[now.under(c)] <= c.around.exits
}

// under is a command with what it stands on and the question above it.
func (st *standing) under(c *command) string {
	if line := st.anchor(c.line); asks(line) {
		return line + "\x00" + c.where()
	}
	return c.where()
}

// becomes tells whether a command of which no line was added is another one now: a
// variable, a function, a folder or what was chosen before it has changed, or a
// way out before it has gone.
func (st *standing) becomes(c *command, now *standing) bool {
	exits, was := st.at[now.under(c)]
	return !was || exits > c.around.exits
}

// asks tells whether a line asks something before what stands under it.
func asks(line string) bool {
	for _, word := range [...]string{"if ", "elif ", "while ", "until ", "[ ", "[[ ", "test "} {
		if strings.HasPrefix(line, word) {
			return true
		}
	}
	return false
}

// around is what stands before a command.
type around struct {
	chosen string            // what was chosen for the commands that follow
	names  map[string]string // the same, by what was chosen
	folder string            // where it went
	exits  int               // ways out, and questions to whoever runs it
}

// surroundings are what stands before each of some commands.
func surroundings(cmds []command) []around {
	out := make([]around, len(cmds))
	var now around
	unset := false // the last question was whether something was given at all
	for i := range cmds {
		out[i] = now
		c := &cmds[i]
		switch {
		case c.name == "[" || c.name == "test":
			unset = c.flag("-z") || strings.Contains(c.Join(), "$#")
		case c.name == "exit" || c.name == "return":
			if !unset {
				now.exits++
			}
			unset = false
		case c.name == "read" || c.name == "select":
			now.exits++
		case !speaks[c.name]:
			unset = false
		}
		if (c.name == "cd" || c.name == "pushd") && len(c.words) > 1 {
			now.folder = c.words[1].Text
		}
		if what, name := c.chooses(); what != "" && len(now.names) < 50 {
			names := map[string]string{what: name}
			for k, v := range now.names {
				if k != what {
					names[k] = v
				}
			}
			now.names, now.chosen = names, chosen(names)
		}
	}
	return out
}

func chosen(names map[string]string) string {
	var b strings.Builder
	for _, k := range [...]string{"workspace", "stack", "cluster", "project", "account", "environment"} {
		if names[k] != "" {
			b.WriteString(k + "=" + names[k] + ";")
		}
	}
	return b.String()
}

// chosers are commands after which others mean something else, by their first
// words.
var choosers = []struct{ command, what string }{
	{"terraform workspace select", "workspace"}, {"terraform workspace new", "workspace"}, {"tofu workspace select", "workspace"},
	{"tofu workspace new", "workspace"}, {"terragrunt workspace select", "workspace"}, {"pulumi stack select", "stack"},
	{"pulumi stack init", "stack"}, {"kubectl config use-context", "cluster"}, {"kubectx", "cluster"},
	{"kubens", "project"}, {"oc project", "project"}, {"gcloud config set", "project"}, {"gcloud config configurations activate", "account"},
	{"az account set", "account"}, {"railway link", "project"}, {"railway environment", "environment"}, {"firebase use", "project"},
	{"supabase link", "project"}, {"heroku git:remote", "project"}, {"docker context use", "cluster"},
	{"aws eks update-kubeconfig", "cluster"},
	{"gcloud container clusters get-credentials", "cluster"}, {"az aks get-credentials", "cluster"}, {"doctl auth switch", "account"},
	{"terraform init", "environment"}, {"vercel link", "project"}, {"fly config", "project"}, {"copilot env", "environment"}}

// selectors are endings of names of variables after which commands mean something
// else.
var selectors = []string{"workspace", "_profile", "kubeconfig", "_url", "pghost", "pgdatabase", "_env", "_host", "_context", "_stack",
	"_project", "_database", "_cluster", "_account", "_namespace", "_dry_run", "_dryrun", "_confirm", "_confirmed"}

// chooses is what a command chooses for those that follow, and which.
func (c *command) chooses() (what, name string) {
	if len(c.words) == 0 || c.name == "export" || c.name == "declare" {
		return c.sets()
	}
	var words []string
	for _, w := range c.words {
		words = append(words, w.Text)
	}
	words[0] = c.name
	var verbs []string
	for _, w := range words {
		if !strings.HasPrefix(w, "-") {
			verbs = append(verbs, w)
		}
	}
	line := strings.Join(verbs, " ")
	for _, one := range choosers {
		if after, ok := strings.CutPrefix(line, one.command); ok && (after == "" || after[0] == ' ') {
			if after = strings.TrimSpace(after); after == "" || one.what == "environment" || one.what == "project" {
				after = strings.Join(words[1:], " ")
			}
			return one.what, after
		}
	}
	return "", ""
}

// sets is what a variable chooses that is given a value for all that follows.
func (c *command) sets() (what, name string) {
	pairs := c.vars
	for _, w := range c.Args() {
		pairs = append(pairs, w.Text)
	}
	for _, p := range pairs {
		key, value, ok := strings.Cut(p, "=")
		if !ok {
			continue
		}
		for _, end := range selectors {
			if strings.HasSuffix("_"+strings.ToLower(key), end) {
				if end == "workspace" {
					return "workspace", value
				}
				return "environment", value
			}
		}
	}
	return "", ""
}
