package docker

import (
	"encoding/json"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/shell"
)

// runs are the commands of a RUN, in any of its forms.
// https://docs.docker.com/reference/dockerfile/#run
func runs(i instruction) *shell.Script {
	if i.name != "RUN" {
		return &shell.Script{}
	}
	args := strings.TrimSpace(i.args)
	for strings.HasPrefix(args, "--") {
		_, args, _ = strings.Cut(args, " ")
		args = strings.TrimSpace(args)
	}
	if strings.HasPrefix(args, "[") {
		var words []string
		if json.Unmarshal([]byte(args), &words) == nil {
			args = ""
			for _, w := range words {
				args += " '" + strings.ReplaceAll(w, "'", `'\''`) + "'"
			}
		}
	}
	if strings.HasPrefix(args, "<<") { // what stands in it is the script
		_, args, _ = strings.Cut(args, "\n")
		if n := strings.LastIndexByte(args, '\n'); n >= 0 {
			args = args[:n]
		}
	}
	return shell.Read(args, i.line)
}

// said is a command as it is compared: one that was there is not new.
func said(c *shell.Command) string {
	var b strings.Builder
	b.WriteString("RUN ")
	for _, a := range c.Assigns {
		b.WriteString(a.Name + "=" + a.Value.Text + " ")
	}
	b.WriteString(c.Join())
	for _, r := range c.Redirects {
		b.WriteString(" " + r.Op + " " + r.Target.Text)
	}
	return b.String()
}

// readCommand looks at one command of a RUN.
func readCommand(s *shell.Script, n int, add func(*detect.Kind, string)) {
	c := &s.Commands[n]
	if c.Opened {
		return
	}
	low := strings.ToLower(c.Join())
	if pipesToShell(s, n, low) {
		add(kinds.pipe, "what is fetched is run unseen")
	}
	if what := unverified(c, low); what != "" {
		add(kinds.unverified, what)
	}
	for name, value := range settings(c) {
		if what := unverifiedSetting(strings.ToLower(name), strings.ToLower(value)); what != "" {
			add(kinds.unverified, what)
		}
	}
	loosens(c, low, add)
}

// settings are the variables that a command sets or is run with.
func settings(c *shell.Command) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for _, a := range c.Assigns {
			if !yield(a.Name, a.Value.Text) {
				return
			}
		}
		for _, w := range c.Words {
			if name, value, ok := strings.Cut(w.Text, "="); ok && !yield(name, strings.Trim(value, `"'`)) {
				return
			}
		}
	}
}

// loosens looks for rights that everybody gets, and passwords that are set.
func loosens(c *shell.Command, low string, add func(*detect.Kind, string)) {
	stdin := ""
	if c.Stdin != nil {
		stdin = strings.ToLower(*c.Stdin)
	}
	switch name := c.Name(); {
	case name == "chmod":
		for _, w := range c.Args() {
			switch mode := strings.TrimLeft(strings.ToLower(w.Text), "0"); {
			case mode == "777" || mode == "1777" || strings.Contains(mode, "a+rwx") || strings.Contains(mode, "o+w") ||
				strings.Contains(mode, "a+w") || strings.Contains(mode, "o=rwx"):
				add(kinds.writable, "chmod")
				return
			case mode == "4755" || mode == "4777" || mode == "6755" || strings.HasSuffix(mode, "+s") && !strings.HasPrefix(w.Text, "/"):
				add(kinds.writable, "setuid")
				return
			}
		}
	case strings.Contains(low, "nopasswd") || strings.Contains(stdin, "nopasswd"):
		add(kinds.writable, "sudo without a password")
	case name == "chpasswd":
		add(kinds.secret, "a password set in the image")
	}
}

// interpreters run what they are given as code.
var interpreters = map[string]bool{"sh": true, "bash": true, "zsh": true, "ash": true, "dash": true, "python": true,
	"python3": true, "perl": true, "ruby": true, "node": true, "php": true, "eval": true, "source": true, ".": true}

// pipesToShell finds what is fetched from the network and run at once.
func pipesToShell(s *shell.Script, n int, low string) bool {
	c := &s.Commands[n]
	if strings.Contains(low, "iex") && (strings.Contains(low, "downloadstring") || strings.Contains(low, "iwr")) {
		return true
	}
	if !interpreters[c.Name()] {
		return false
	}
	fetched := false
	s.Upstream(n, func(up *shell.Command) bool {
		fetched = fetches(up)
		return !fetched
	})
	for k := c.Subst.From; k < c.Subst.To && !fetched; k++ {
		fetched = fetches(&s.Commands[k])
	}
	return fetched
}

func fetches(c *shell.Command) bool { return c.Name() == "curl" || c.Name() == "wget" }

// uncheckedFlags switch off the check of what is fetched, whatever is told so.
var uncheckedFlags = map[string]bool{"--allow-unauthenticated": true, "--force-yes": true, "--nogpgcheck": true,
	"--no-gpg-check": true, "--allow-untrusted": true, "--trusted-host": true, "--no-check-certificate": true,
	"--nosignature": true, "--nodigest": true, "--no-verify-ssl": true, "--disable-content-trust": true}

// uncheckedTexts are settings that do, as they stand in a command.
var uncheckedTexts = []string{"--allow-downgrades --allow-remove-essential", "strict-ssl false", "strict-ssl=false",
	"http.sslverify false", "http.sslverify=false", "sslverify=0", "sslverify=false", "acquire::https::verify-peer=false",
	"[trusted=yes]", "allowinsecurerepositories=true", "allow-insecure=yes"}

// unverified says with what a command switches off the check of what it
// fetches, or nothing.
func unverified(c *shell.Command, low string) string {
	for _, w := range c.Args() {
		flag, _, _ := strings.Cut(strings.ToLower(w.Text), "=")
		switch {
		case uncheckedFlags[flag]:
			return flag
		case c.Name() == "curl" && (flag == "--insecure" || curlFlag(w.Text, 'k')):
			return "curl " + w.Text
		}
	}
	for _, text := range uncheckedTexts {
		if strings.Contains(low, text) {
			return text
		}
	}
	return ""
}

// curlFlag tells whether a bundle of curl's short flags holds one. A flag that
// takes a value takes the rest of the bundle.
func curlFlag(word string, flag byte) bool {
	if len(word) < 2 || word[0] != '-' || word[1] == '-' {
		return false
	}
	for i := 1; i < len(word); i++ {
		if word[i] == flag {
			return true
		}
		if strings.IndexByte("AbcCdDeEFhHKmoPQrtTuUwxXyYz", word[i]) >= 0 {
			return false
		}
	}
	return false
}
