package cloud

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// What values say by themselves, of settings that nobody here knows: one that kept
// something among few and now says that everybody may.
var (
	among = set(`private internal restricted authenticated members organization org project team vpc closed confidential secure
		protected denied deny none`)
	everybody = set(`public publicread publicreadwrite everyone everybody anyone world internet anonymous allusers unauthenticated
		unrestricted`)
	readers = set("viewer reader read readonly guest member user none developer contributor browser view limited monitor monitoring")
	masters = set("owner admin administrator root superuser superadmin sysadmin fullaccess fullcontrol orgadmin accountadmin rootadmin")
	// grantKeys are words of a setting that says what somebody may.
	grantKeys = set("role roles permission permissions privilege privileges access level scope scopes grant authority")
	// addressed are words of types whose settings say "public" of a place in a network.
	addressed = set("subnet subnets route nat network vpc vnet gateway zone dns address tag label ip")
)

// opened compares two values of a setting whose name says nothing.
func (c *comparison) opened(path []string, b, a *tree.Node) {
	was, is := bare(b.Text), bare(a.Text)
	grants := false
	for w := range strings.SplitSeq(leafOf(path), "_") {
		grants = grants || grantKeys[w]
	}
	for w := range strings.SplitSeq(normalType(c.after.Type), "_") {
		if addressed[w] {
			return
		}
	}
	switch {
	case among[was] && everybody[is]:
		c.report(Exposed, path, a.Line, false, "%s %s", name(path), change(b.Text, a.Text))
	case grants && readers[was] && masters[is]:
		c.report(PolicyAdmin, path, a.Line, false, "%s %s", name(path), change(b.Text, a.Text))
	case grants && a.Text == "*" && b.Text != "" && !strings.Contains(b.Text, "*"):
		c.report(PolicyWildcard, path, a.Line, false, "%s %s", name(path), change(b.Text, a.Text))
	}
}

// bare is a value in lower case, without signs.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(s[:min(len(s), 60)]))
}
