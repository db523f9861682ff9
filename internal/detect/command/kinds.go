package command

import (
	"embed"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("command", files)

// The kinds that are not the table's alone.
var (
	kindPipeToShell    = shipped.Of("pipe-to-shell")
	kindKnownInstaller = shipped.Of("pipe-known-installer")
	kindReverseShell   = shipped.Of("reverse-shell")
	kindExfiltrate     = shipped.Of("exfiltrate")
	kindLoginKey       = shipped.Of("login-key")
	kindInTest         = shipped.Of("in-test")
	kindUnreadable     = shipped.Of("unreadable")
	kindUnseen         = shipped.Of("unseen-statements")
)

// named are all kinds by the names that rows of the table give them.
var named = func() map[string]*kind {
	out := map[string]*kind{}
	for _, name := range Names() {
		out[name] = shipped.Of(name)
	}
	return out
}()

// Names are the names of the kinds that a row of the table may give.
func Names() []string {
	entries, err := files.ReadDir("kinds")
	if err != nil {
		panic("command: " + err.Error()) // they are part of the build
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".txtar"))
	}
	return out
}
