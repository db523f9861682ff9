package shell

import (
	"path"
	"strings"
)

// maxDir is how long the name of a folder may become, in bytes.
const maxDir = 1000

// goes follows cd. A folder below one that is not known is not known.
func (p *pass) goes(c *Command) {
	switch c.Name() {
	case "cd", "pushd", "Set-Location", "chdir":
	default:
		return
	}
	to := "~"
	for _, w := range c.Args() {
		if len(w.Text) > 1 && w.Text[0] == '-' {
			continue
		}
		to = w.Text
		break
	}
	if p.dir = From(p.dir, to); to == "-" || len(p.dir) > maxDir {
		p.dir = ""
	}
}

// From is a path as it is from the root, where it is said from a folder; empty
// where that is not known.
func From(dir, to string) string {
	switch {
	case to == "":
		return dir
	case strings.IndexByte("/~$", to[0]) >= 0:
		return to
	case dir == "":
		return ""
	}
	return path.Join(dir, to)
}

// apart has what a shell of its own does leave this one where it is.
func (p *pass) apart(do func()) {
	dir := p.dir
	do()
	p.dir = dir
}
