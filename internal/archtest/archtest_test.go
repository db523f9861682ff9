// Package archtest holds the house to its plan: which room may import which,
// what the pure rooms may not touch, how long a file may be, and how many a
// package may have.
package archtest

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

const module = "github.com/gatehold/gatehold/"

// floors gives each room the rooms of this module that it may import. A room
// includes its sub-folders unless they are listed themselves.
var floors = map[string][]string{
	"internal/gate":              {},
	"internal/gate/account":      {"internal/gate"},
	"internal/gate/branch":       {"internal/gate"},
	"internal/gate/check":        {"internal/gate"},
	"internal/gate/env":          {"internal/gate"},
	"internal/gate/repo":         {"internal/gate"},
	"internal/gate/credential":   {"internal/gate"},
	"internal/gate/tell":         {"internal/gate"},
	"internal/change":            {},
	"internal/ledger":            {},
	"internal/ledger/sqlite":     {"internal/ledger"},
	"internal/ledger/redis":      {"internal/ledger"},
	"internal/ledger/ledgertest": {"internal/ledger"},
	"internal/agent":             {"internal/change", "internal/gate"},
	"internal/detect":            {"internal/pattern", "internal/change"},
	"internal/detect/detecttest": {"internal/change", "internal/detect"},
	"internal/words":             {},
	"internal/markup":            {},
	"internal/markup/markuptest": {},
	"internal/pattern":           {},
	"internal/rulesfile": {"internal/agent", "internal/change", "internal/detect", "internal/gate", "internal/report",
		"internal/words", "rules"},
	"internal/rulesfile/rulestest": {"internal/change", "internal/detect", "internal/gate", "internal/rulesfile"},
	"internal/policy": {"internal/agent", "internal/change", "internal/detect", "internal/gate", "internal/report", "internal/rulesfile",
		"internal/words"},
	"internal/judge": {"internal/agent", "internal/change", "internal/detect", "internal/gate", "internal/policy", "internal/report",
		"internal/rulesfile", "internal/words"},
	"internal/judge/trial": {"internal/change", "internal/gate", "internal/judge", "internal/policy", "internal/report",
		"internal/rulesfile", "internal/words"},
	"internal/starter": {"internal/pattern", "internal/detect", "internal/rulesfile"},
	"internal/suggest": {"internal/change", "internal/detect", "internal/gate", "internal/judge", "internal/policy", "internal/report",
		"internal/rulesfile", "internal/words"},
	"internal/report": {"internal/change", "internal/gate", "internal/words"},
	"internal/engine": {"internal/gate", "internal/ledger"},
	"internal/usecase/orgs": {"internal/change", "internal/gate", "internal/policy", "internal/rulesfile", "internal/usecase/book",
		"internal/usecase/reading"},
	"internal/usecase/accounts": {"internal/engine", "internal/gate", "internal/gate/account", "internal/ledger", "internal/policy",
		"internal/rulesfile", "internal/usecase/book", "internal/usecase/orgs", "internal/words"},
	"internal/usecase/book": {"internal/engine", "internal/gate", "internal/gate/account", "internal/gate/branch", "internal/gate/check",
		"internal/gate/credential", "internal/gate/env", "internal/gate/repo", "internal/gate/tell", "internal/ledger"},
	"internal/usecase/people": {"internal/engine", "internal/gate", "internal/ledger", "internal/usecase/book"},
	"internal/usecase/reading": {"internal/change", "internal/engine", "internal/gate", "internal/judge", "internal/policy",
		"internal/usecase/book"},
	"internal/usecase/pushers": {"internal/change", "internal/engine", "internal/gate", "internal/gate/branch", "internal/ledger", "internal/usecase/book",
		"internal/usecase/reading"},
	"internal/usecase/brought": {"internal/change", "internal/engine", "internal/gate", "internal/gate/branch", "internal/judge",
		"internal/usecase/book"},
	"internal/usecase/lanes": {"internal/change", "internal/engine", "internal/gate", "internal/gate/check", "internal/gate/repo", "internal/ledger", "internal/policy",
		"internal/usecase/book", "internal/usecase/reading"},
	"internal/usecase/outgoing": {"internal/change", "internal/engine", "internal/gate", "internal/judge", "internal/policy",
		"internal/words", "internal/usecase/book", "internal/usecase/people", "internal/usecase/pushers", "internal/usecase/reading"},
	// The use cases: none knows another.
	"internal/usecase/answers": {"internal/engine", "internal/gate", "internal/ledger", "internal/report", "internal/usecase/book",
		"internal/usecase/people"},
	"internal/usecase/pulls": {"internal/change", "internal/engine", "internal/gate", "internal/judge", "internal/ledger",
		"internal/policy", "internal/usecase/book", "internal/usecase/brought", "internal/usecase/lanes", "internal/usecase/people",
		"internal/usecase/pushers", "internal/usecase/reading"},
	"internal/usecase/deploys": {"internal/change", "internal/engine", "internal/gate", "internal/gate/env", "internal/judge", "internal/ledger",
		"internal/policy", "internal/report", "internal/usecase/book", "internal/usecase/outgoing", "internal/usecase/people",
		"internal/usecase/reading"},
	"internal/usecase/runs": {"internal/change", "internal/engine", "internal/gate", "internal/judge", "internal/policy",
		"internal/rulesfile", "internal/usecase/book", "internal/usecase/outgoing", "internal/usecase/people", "internal/usecase/reading"},
	"internal/usecase/checks": {"internal/engine", "internal/gate", "internal/gate/check", "internal/report", "internal/usecase/book",
		"internal/usecase/lanes"},
	"internal/usecase/repos": {"internal/change", "internal/engine", "internal/gate", "internal/gate/repo", "internal/judge", "internal/ledger",
		"internal/policy", "internal/usecase/book", "internal/usecase/lanes", "internal/usecase/outgoing", "internal/usecase/reading"},
	"internal/usecase/credentials": {"internal/engine", "internal/gate", "internal/gate/credential", "internal/ledger", "internal/policy",
		"internal/rulesfile", "internal/usecase/book"},
	"internal/usecase/telling": {"internal/engine", "internal/gate", "internal/gate/tell", "internal/notify", "internal/report",
		"internal/usecase/book"},
	"internal/usecase/digests": {"internal/engine", "internal/gate", "internal/gate/account", "internal/gate/tell", "internal/notify",
		"internal/usecase/book", "internal/words"},
	"internal/usecase/notices": {"internal/engine", "internal/gate", "internal/gate/account", "internal/gate/tell", "internal/notify",
		"internal/report", "internal/usecase/book", "internal/usecase/orgs"},
	"internal/usecase/deliveries": {"internal/engine", "internal/gate", "internal/ledger", "internal/usecase/book"},
	"internal/keeper": {"internal/change", "internal/engine", "internal/gate", "internal/ledger", "internal/usecase/accounts",
		"internal/usecase/answers", "internal/usecase/book", "internal/usecase/brought", "internal/usecase/checks", "internal/usecase/credentials",
		"internal/usecase/deliveries", "internal/usecase/deploys", "internal/usecase/digests",
		"internal/usecase/lanes", "internal/usecase/notices", "internal/usecase/orgs", "internal/usecase/outgoing", "internal/usecase/people",
		"internal/usecase/pulls", "internal/usecase/pushers", "internal/usecase/reading", "internal/usecase/repos",
		"internal/usecase/runs", "internal/usecase/telling"},
	"internal/board": {"internal/pattern", "internal/gate", "internal/gate/env", "internal/gate/repo", "internal/gate/tell", "internal/ledger",
		"internal/report"},
	"internal/hub": {"internal/hub/admin", "internal/hub/api", "internal/hub/branches", "internal/hub/checks",
		"internal/hub/deploys", "internal/hub/files", "internal/hub/people", "internal/hub/pulls",
		"internal/hub/rules", "internal/hub/signin", "internal/hub/workflows"},
	"internal/hub/wire":   {"internal/change", "internal/gate"},
	"internal/hub/inbox":  {"internal/gate", "internal/hub/wire"},
	"internal/hub/lru":    {},
	"internal/hub/api":    {"internal/change", "internal/gate", "internal/hub/lru", "internal/hub/wire"},
	"internal/hub/files":  {"internal/change", "internal/gate", "internal/hub/api", "internal/hub/wire"},
	"internal/hub/ranges": {"internal/change", "internal/gate", "internal/hub/api", "internal/hub/wire"},
	"internal/hub/branches": {"internal/gate", "internal/hub/api", "internal/hub/lru", "internal/hub/wire",
		"internal/hub/ranges"},
	"internal/hub/rules": {"internal/change", "internal/gate", "internal/hub/api", "internal/hub/lru",
		"internal/hub/wire", "internal/hub/branches", "internal/hub/files"},
	"internal/hub/workflows": {"internal/change", "internal/gate", "internal/hub/api", "internal/hub/lru",
		"internal/hub/wire", "internal/hub/files", "internal/hub/rules"},
	"internal/hub/pulls": {"internal/change", "internal/gate", "internal/hub/api", "internal/hub/lru",
		"internal/hub/wire", "internal/hub/files", "internal/hub/ranges", "internal/hub/rules"},
	"internal/hub/deploys": {"internal/change", "internal/gate", "internal/hub/api", "internal/hub/lru",
		"internal/hub/wire", "internal/hub/ranges", "internal/hub/rules"},
	"internal/hub/checks": {"internal/change", "internal/report", "internal/gate", "internal/hub/api", "internal/hub/lru",
		"internal/hub/wire"},
	"internal/hub/people": {"internal/gate", "internal/hub/api", "internal/hub/lru", "internal/hub/wire"},
	"internal/hub/signin": {"internal/gate", "internal/hub/api", "internal/hub/people", "internal/hub/wire"},
	"internal/hub/mint":   {"internal/gate", "internal/hub/api", "internal/hub/wire"},
	"internal/hub/admin":  {"internal/gate", "internal/hub/api", "internal/hub/branches", "internal/hub/wire"},
	"internal/hub/hubtest": {"internal/change", "internal/fakehub", "internal/fakehub/contract", "internal/fakehub/site",
		"internal/gate", "internal/hub", "internal/hub/api", "internal/hub/inbox", "internal/hub/wire",
		"internal/report", "internal/testworld"},
	"internal/gitrange":     {"internal/change", "internal/gate"},
	"internal/passkey":      {"internal/gate", "internal/gate/account", "internal/ledger", "internal/words"},
	"internal/oidc":         {"internal/gate"},
	"internal/issuer":       {"internal/gate", "internal/ledger"},
	"internal/issuer/trust": {},
	// What people are told, and by which ways: none knows another.
	"internal/notify":            {"internal/gate"},
	"internal/notify/hook":       {"internal/gate", "internal/notify"},
	"internal/notify/mail":       {"internal/gate", "internal/notify"},
	"internal/notify/slack":      {"internal/gate", "internal/notify"},
	"internal/notify/teams":      {"internal/gate", "internal/notify"},
	"internal/notify/notifytest": {"internal/gate", "internal/notify"},
	"internal/rulesets":          {"internal/gate"},
	// A GitHub in memory: what knows nothing of it, its state, what is asked of it,
	// and the whole.
	"internal/fakehub/wire":     {},
	"internal/fakehub/random":   {},
	"internal/fakehub/objects":  {},
	"internal/fakehub/markdown": {},
	"internal/fakehub/journal":  {},
	"internal/fakehub/contract": {},
	"internal/fakehub/faults":   {"internal/fakehub/random"},
	"internal/fakehub/hooks":    {"internal/fakehub/faults", "internal/fakehub/random"},
	"internal/fakehub": {"internal/fakehub/hooks", "internal/fakehub/journal", "internal/fakehub/objects", "internal/fakehub/random",
		"internal/fakehub/wire"},
	"internal/fakehub/actions": {"internal/fakehub", "internal/fakehub/wire"},
	"internal/fakehub/access":  {"internal/fakehub"},
	"internal/fakehub/lag":     {"internal/fakehub"},
	"internal/fakehub/graph": {"internal/fakehub", "internal/fakehub/access", "internal/fakehub/actions", "internal/fakehub/lag",
		"internal/fakehub/objects", "internal/fakehub/wire"},
	"internal/fakehub/pages": {"internal/fakehub", "internal/fakehub/access", "internal/fakehub/actions", "internal/fakehub/markdown",
		"internal/fakehub/objects", "internal/markup", "internal/words"},
	"internal/fakehub/api": {"internal/fakehub", "internal/fakehub/access", "internal/fakehub/actions", "internal/fakehub/faults",
		"internal/fakehub/graph", "internal/fakehub/hooks", "internal/fakehub/journal", "internal/fakehub/lag",
		"internal/fakehub/objects", "internal/fakehub/wire"},
	"internal/fakehub/site": {"internal/fakehub", "internal/fakehub/access", "internal/fakehub/actions", "internal/fakehub/api",
		"internal/fakehub/faults", "internal/fakehub/graph", "internal/fakehub/hooks", "internal/fakehub/journal",
		"internal/fakehub/lag", "internal/fakehub/pages"},
	// The one acme/shop of the demo and of the tests.
	"internal/testworld": {"internal/fakehub", "internal/fakehub/site"},
	"internal/config":    {"internal/gate"},
	"internal/web": {"internal/board", "internal/change", "internal/detect", "internal/gate", "internal/gate/account", "internal/ledger",
		"internal/markup", "internal/notify", "internal/report", "internal/usecase/accounts", "internal/usecase/answers",
		"internal/usecase/credentials", "internal/web/hunk",
		"internal/web/source", "internal/words"},
	"internal/web/hunk":    {"internal/change", "internal/detect"},
	"internal/web/source":  {"internal/change", "internal/gate"},
	"internal/cli/command": {"internal/gate"},
	"internal/cli/service": {"internal/board", "internal/config", "internal/detect", "internal/engine", "internal/gate", "internal/hub",
		"internal/hub/api", "internal/hub/inbox", "internal/hub/mint", "internal/issuer", "internal/keeper", "internal/ledger", "internal/ledger/redis",
		"internal/ledger/sqlite", "internal/notify", "internal/notify/hook", "internal/notify/mail", "internal/notify/slack",
		"internal/notify/teams", "internal/oidc", "internal/passkey", "internal/rulesets", "internal/usecase/accounts", "internal/usecase/book",
		"internal/usecase/credentials", "internal/usecase/digests",
		"internal/usecase/notices", "internal/usecase/outgoing", "internal/usecase/telling", "internal/web", "internal/web/hunk",
		"internal/web/source"},
	"internal/cli/credential": {"internal/cli/command", "internal/cli/service", "internal/config", "internal/engine", "internal/gate",
		"internal/gate/credential", "internal/cli/rules", "internal/issuer", "internal/issuer/trust", "internal/ledger",
		"internal/policy", "internal/rulesfile", "internal/usecase/book"},
	"internal/cli/demo": {"internal/cli/command", "internal/cli/service", "internal/config", "internal/fakehub",
		"internal/fakehub/actions", "internal/fakehub/site", "internal/gate", "internal/testworld", "internal/words"},
	"internal/cli/doctor": {"internal/change", "internal/cli/command", "internal/cli/service", "internal/config",
		"internal/gate", "internal/hub", "internal/hub/admin", "internal/hub/api", "internal/hub/inbox", "internal/ledger/redis",
		"internal/engine", "internal/ledger", "internal/usecase/book", "internal/policy", "internal/rulesets", "internal/rulesfile",
		"internal/usecase/repos", "internal/usecase/telling", "internal/web"},
	"internal/cli/require": {"internal/cli/command", "internal/config", "internal/gate", "internal/rulesets"},
	"internal/cli/rules": {"internal/change", "internal/cli/command", "internal/cli/service", "internal/config", "internal/gate",
		"internal/gitrange", "internal/judge", "internal/judge/trial", "internal/ledger", "internal/policy", "internal/report",
		"internal/rulesfile", "internal/starter", "internal/suggest", "internal/words"},
	"internal/cli":      {"internal", "rules"},
	"internal/archtest": {},
	"rules":             {},
	// What stands in for parts of libraries that nobody here calls.
	"lean":         {},
	"cmd/gatehold": {"internal/cli", "internal/cli/command"},
}

// libraries lists, for a library whose types must not leave it, its rooms.
var libraries = map[string][]string{
	"github.com/google/go-github/":            {"internal/hub/api"},
	"github.com/bradleyfalzon/ghinstallation": {"internal/hub/api"},
	"github.com/gin-gonic/gin":                {"internal/web"},
	"github.com/redis/go-redis/":              {"internal/ledger/redis"},
	"modernc.org/sqlite":                      {"internal/ledger/sqlite"},
	"cel.dev/":                                {"internal/rulesfile"},
	"github.com/hashicorp/hcl/":               {"internal/detect"},
	"github.com/rhysd/actionlint":             {"internal/detect"},
	"github.com/prometheus/":                  {"internal/web"},
	"github.com/slack-go/slack":               {"internal/notify/slack"},
	"github.com/wneessen/go-mail":             {"internal/notify/mail"},
	"github.com/spf13/cobra":                  {"internal/cli"},
	"github.com/go-webauthn/":                 {"internal/passkey"},
	"github.com/go-jose/":                     {"internal/oidc"},
	"github.com/coreos/go-oidc/":              {},
	"github.com/lestrrat-go/":                 {},
	"github.com/alecthomas/chroma/":           {"internal/web/hunk"},
	"maragu.dev/gomponents":                   {"internal/markup", "internal/web/page", "internal/fakehub/pages"},
}

// pure rooms read no clock, do no I/O and know no network.
var pure = []string{"internal/pattern", "internal/gate", "internal/gate/account", "internal/gate/branch", "internal/gate/check", "internal/gate/env",
	"internal/gate/repo", "internal/gate/tell", "internal/change", "internal/agent", "internal/detect",
	"internal/rulesfile", "internal/policy",
	"internal/judge", "internal/starter", "internal/suggest", "internal/report", "internal/words"}

var impure = []string{"os", "os/exec", "net", "net/http", "database/sql", "log", "log/slog", "math/rand", "math/rand/v2",
	"crypto/rand", "syscall"}

// standardOnly rooms import nothing but the standard library.
var standardOnly = []string{"internal/gate", "internal/change", "internal/ledger"}

const longestFile = 420

// widest is how many characters a line of the product may have, a tab being one.
const widest = 140

// mostPaths is the cyclomatic complexity that a function may have: a condition more
// than that is a table, or a step with a name.
const mostPaths = 20

// mostFiles is how many files without tests a package may have: one with more
// holds two things.
const mostFiles = 25

func TestNoPackageIsAHeap(t *testing.T) {
	files := map[string]int{}
	eachFile(t, func(_ *testing.T, f source) {
		if !f.test {
			files[f.dir]++
		}
	})
	for dir, n := range files {
		if n > mostFiles {
			t.Errorf("%s has %d files, and may have %d: which nouns does it hold?", dir, n, mostFiles)
		}
	}
}

func TestImportsPointDown(t *testing.T) {
	eachFile(t, func(t *testing.T, f source) {
		for _, path := range f.imports {
			if inner, ok := strings.CutPrefix(path, module); ok && !mayImport(f, inner) {
				t.Errorf("%s imports %s, which its room may not", f.path, inner)
			}
			for library, rooms := range libraries {
				if strings.HasPrefix(path, library) && !inOneOf(f.dir, rooms) && !f.test {
					t.Errorf("%s imports %s, which must not leave %v", f.path, path, rooms)
				}
			}
		}
	})
}

// Nothing that decides looks at the read model: only the doors show it, and the
// wiring makes it.
func TestNothingThatDecidesImportsTheBoard(t *testing.T) {
	may := []string{"internal/board", "internal/web", "internal/cli"}
	eachFile(t, func(t *testing.T, f source) {
		for _, path := range f.imports {
			if path == module+"internal/board" && !f.test && !inOneOf(f.dir, may) {
				t.Errorf("%s imports the board: a decision is made from streams", f.path)
			}
		}
	})
}

// The engine takes of the law what a stream is, and nothing that is the business of
// a subject.
func TestTheEngineKnowsNoSubject(t *testing.T) {
	may := []string{"Kind", "StreamKind", "KnownStream", "Unknown", "UnknownRecord", "Event", "Entry", "Encode", "Decode", "Step",
		"Nothing", "StepTime", "Failed", "Error", "AsError"}
	eachFile(t, func(t *testing.T, f source) {
		for _, call := range f.calls {
			if word, is := strings.CutPrefix(call, "gate."); is && f.dir == "internal/engine" && !f.test && !slices.Contains(may, word) {
				t.Errorf("%s uses gate.%s, which is more than what a stream is", f.path, word)
			}
		}
	})
}

// unescaped are the words of gomponents by which something gets onto a page that is
// not escaped as text, or means more to a browser than text: an address, a style, a
// script. A dot hides where a word is from.
var unescaped = map[string][]string{
	"maragu.dev/gomponents": {"Raw", "Rawf", "NodeFunc", "El", "Attr", "."},
	"maragu.dev/gomponents/html": {"Href", "Action", "FormAction", "Src", "SrcSet", "Poster", "CiteAttr", "Style", "StyleAttr", "StyleEl",
		"Script", "Link", "Base", "Meta", "IFrame", "Object", "Embed", "SVG", "."},
}

// What is not escaped gets onto a page through internal/markup only, and through a
// rendering of Markdown, which its own tests hold.
func TestPagesAreEscaped(t *testing.T) {
	pages := 0
	eachFile(t, func(t *testing.T, f source) {
		for _, library := range []string{"html/template", "text/template"} {
			if slices.Contains(f.imports, library) && !f.test {
				t.Errorf("%s imports %s: pages are drawn by gomponents", f.path, library)
			}
		}
		if f.test || f.dir == "internal/markup" || !inOneOf(f.dir, libraries["maragu.dev/gomponents"]) {
			return
		}
		pages++
		for library, words := range unescaped {
			for _, word := range words {
				if f.uses(library, word) {
					t.Errorf("%s uses %s of %s: internal/markup has what pages need of it", f.path, word, library)
				}
			}
		}
		if _, own := f.paths["a method Render"]; own {
			t.Errorf("%s writes to a page by itself", f.path)
		}
	})
	if pages == 0 {
		t.Error("no page was found")
	}
}

func TestPureRoomsStayPure(t *testing.T) {
	eachFile(t, func(t *testing.T, f source) {
		if f.test || !exactlyIn(roomOf(f.dir), pure) {
			return
		}
		for _, path := range f.imports {
			for _, bad := range impure {
				if path == bad {
					t.Errorf("%s is in a pure room and imports %q", f.path, path)
				}
			}
		}
		for _, call := range f.calls {
			if call == "time.Now" || call == "time.Since" || call == "time.Sleep" || call == "time.After" {
				t.Errorf("%s is in a pure room and calls %s", f.path, call)
			}
		}
	})
}

func TestTheLawNeedsOnlyTheStandardLibrary(t *testing.T) {
	eachFile(t, func(t *testing.T, f source) {
		if f.test || !exactlyIn(f.dir, standardOnly) {
			return
		}
		for _, path := range f.imports {
			if strings.Contains(path, ".") {
				t.Errorf("%s imports %s, and may use the standard library only", f.path, path)
			}
		}
	})
}

func TestHabits(t *testing.T) {
	eachFile(t, func(t *testing.T, f source) {
		if f.lines > longestFile && !f.test {
			t.Errorf("%s has %d lines: which two things does it hold?", f.path, f.lines)
		}
		if f.wide > 0 && !f.test {
			t.Errorf("%s:%d has more than %d columns", f.path, f.wide, widest)
		}
		for name, paths := range f.paths {
			if paths > mostPaths && !f.test {
				t.Errorf("%s: %s has a cyclomatic complexity of %d, and may have %d", f.path, name, paths, mostPaths)
			}
		}
		for _, call := range f.calls {
			switch {
			case call == "http.DefaultClient" || call == "http.Get" || call == "http.Post":
				t.Errorf("%s uses %s: clients are injected", f.path, call)
			case f.test && call == "time.Sleep":
				t.Errorf("%s sleeps: wait for a condition", f.path)
			case f.test && (call == "t.Skip" || call == "t.Skipf" || call == "t.SkipNow"):
				t.Errorf("%s skips: a test that needs a service has the build tag services", f.path)
			}
		}
	})
}

type source struct {
	path, dir string
	test      bool
	imports   []string
	names     map[string]string // of imports, where the file gives one
	calls     []string          // selectors on a plain name: "time.Now"
	lines     int
	wide      int            // the first line with too many columns, from 1; 0 for none
	paths     map[string]int // cyclomatic complexity by function
}

func eachFile(t *testing.T, check func(*testing.T, source)) {
	t.Helper()
	files, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		check(t, f)
	}
}

// sources are all Go files below the module's root, read once for all tests.
var sources = sync.OnceValues(func() ([]source, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	var files []source
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "node_modules" || name == "testdata" || (strings.HasPrefix(name, ".") && path != root)) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := read(root, path)
		files = append(files, f)
		return err
	})
	if err == nil && len(files) < 20 {
		err = fmt.Errorf("only %d Go files were found below %s", len(files), root)
	}
	return files, err
})

func read(root, path string) (source, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return source{}, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return source{}, err
	}
	f := source{
		path: filepath.ToSlash(rel), dir: filepath.ToSlash(filepath.Dir(rel)),
		test:  strings.HasSuffix(path, "_test.go"),
		lines: strings.Count(string(text), "\n"),
		paths: pathsThrough(parsed), names: map[string]string{},
	}
	for i, line := range strings.Split(string(text), "\n") {
		if f.wide == 0 && utf8.RuneCountInString(line) > widest {
			f.wide = i + 1
		}
	}
	for _, spec := range parsed.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		f.imports = append(f.imports, p)
		if spec.Name != nil {
			f.names[p] = spec.Name.Name
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				f.calls = append(f.calls, x.Name+"."+sel.Sel.Name)
			}
		}
		return true
	})
	return f, nil
}

// uses reports whether a file uses a word of a library, or with "." all of them as
// its own.
func (f source) uses(library, word string) bool {
	name := cmp.Or(f.names[library], path.Base(library))
	if word == "." {
		return name == "."
	}
	return slices.Contains(f.imports, library) && slices.Contains(f.calls, name+"."+word)
}

// pathsThrough counts for each function one, and one for each condition, case and
// operand that decides.
func pathsThrough(file *ast.File) map[string]int {
	out := map[string]int{}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		n := 1
		ast.Inspect(f.Body, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
				n++
			case *ast.CaseClause:
				if node.List != nil {
					n++
				}
			case *ast.CommClause:
				if node.Comm != nil {
					n++
				}
			case *ast.BinaryExpr:
				if node.Op == token.LAND || node.Op == token.LOR {
					n++
				}
			}
			return true
		})
		name := f.Name.Name
		if f.Recv != nil {
			name = "a method " + name
		}
		out[name] = max(out[name], n)
	}
	return out
}

func mayImport(f source, inner string) bool {
	room := roomOf(f.dir)
	if roomOf(inner) == room {
		return true
	}
	if f.test { // a test may use any room below, and the fakes beside its own
		return true
	}
	for _, allowed := range floors[room] {
		if within(inner, allowed) && (allowed == "internal" || roomOf(inner) == allowed) {
			return true
		}
	}
	return false
}

// roomOf is the most specific listed room that holds a folder.
func roomOf(dir string) string {
	best := ""
	for room := range floors {
		if within(dir, room) && len(room) > len(best) {
			best = room
		}
	}
	return best
}

func within(dir, room string) bool { return dir == room || strings.HasPrefix(dir, room+"/") }

func inOneOf(dir string, rooms []string) bool {
	for _, room := range rooms {
		if within(dir, room) {
			return true
		}
	}
	return false
}

func exactlyIn(dir string, rooms []string) bool {
	for _, room := range rooms {
		if dir == room {
			return true
		}
	}
	return false
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = parent
	}
}
