package markup

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Script is the script of a page: a part of the program, as its sheet is.
type Script struct{ code string }

// NewScript takes a file that was built into the program. It panics where there is
// none of that name, or where it would end its own element.
func NewScript(files embed.FS, name constant) Script {
	code, err := files.ReadFile(string(name))
	if err != nil {
		panic("markup: " + err.Error()) // it is part of the build
	}
	if strings.Contains(strings.ToLower(string(code)), "</script") || strings.Contains(string(code), "<!--") {
		panic("markup: the script " + string(name) + " ends its element")
	}
	return Script{string(code)}
}

// Source names the script in a Content-Security-Policy.
func (s Script) Source() string {
	sum := sha256.Sum256([]byte(s.code))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Node is the script, at the end of what it works on.
func (s Script) Node() g.Node { return h.Script(g.Raw(s.code)) }

// Live names, on a page's body, where news of it come from.
func Live(from Address) g.Node { return h.Data("live", from.url) }
