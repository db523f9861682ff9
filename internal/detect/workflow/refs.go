package workflow

import (
	"strings"
)

type refKind uint8

const (
	none refKind = iota
	local
	docker
	remote
)

// ref is what a step or job uses.
type ref struct {
	kind  refKind
	name  string // "owner/repo/path" in lower case, or the image
	owner string
	at    string // the git ref or image tag, as written
}

// parseRef reads a uses value. https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses
func parseRef(uses string) ref {
	s := strings.TrimSpace(uses)
	if strings.HasPrefix(s, "$/") { // the repository itself, at the run's own commit
		s = "." + s[1:]
	}
	switch {
	case s == "" || strings.Contains(s, "${{"):
		return ref{}
	case strings.HasPrefix(s, "./") || strings.HasPrefix(s, ".\\") || strings.HasPrefix(s, "../"):
		return ref{kind: local, name: s}
	case strings.HasPrefix(s, "docker://"):
		return ref{kind: docker, name: s[len("docker://"):]}
	}
	name, at, _ := strings.Cut(s, "@")
	owner, _, ok := strings.Cut(name, "/")
	if !ok {
		return ref{kind: local, name: s} // "Dockerfile" of an action.yml
	}
	name = strings.ToLower(name)
	return ref{kind: remote, name: cleanPath(name), owner: strings.ToLower(owner), at: at}
}

// cleanPath takes empty and dot components out, so that they hide nothing.
func cleanPath(name string) string {
	parts := strings.Split(name, "/")
	out := parts[:0]
	for _, p := range parts {
		if p != "" && p != "." {
			out = append(out, p)
		}
	}
	return strings.Join(out, "/")
}

// pinned tells whether a ref is a full commit SHA, which nobody can move.
func pinned(at string) bool {
	if len(at) != 40 && len(at) != 64 {
		return false
	}
	for i := 0; i < len(at); i++ {
		c := at[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// versionTag tells whether a ref reads as a release tag: v4, 1.2.3, v2-beta, or
// as the branch of one: release/v1.
func versionTag(at string) bool {
	at = at[strings.LastIndexByte(at, '/')+1:]
	s := strings.TrimPrefix(strings.TrimPrefix(at, "v"), "V")
	return s != "" && s[0] >= '0' && s[0] <= '9'
}

// firstParty are GitHub's own organisations: the platform itself, which runs
// the job anyway.
func firstParty(owner string) bool { return owner == "actions" || owner == "github" }

// imageState tells how far an image reference can move: 0 a digest, 1 a
// version, 2 latest or no tag at all. An image that an expression names is 0.
func imageState(ref string) int {
	ref = strings.TrimPrefix(strings.TrimSpace(ref), "docker://")
	if ref == "" || strings.Contains(ref, "${{") || strings.Contains(ref, "@sha256:") {
		return 0
	}
	tag := ref[strings.LastIndexByte(ref, '/')+1:]
	_, tag, ok := strings.Cut(tag, ":")
	if !ok || tag == "latest" || tag == "" {
		return 2
	}
	return 1
}

// stepImage says how far the image of a step can move; nil: not at all, or it is
// a version of Docker's own library.
func stepImage(ref string) *kind {
	name := imageName(ref)
	official := !strings.Contains(strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/"), "/")
	switch state := imageState(ref); {
	case state == 2 && official:
		return kindUnpinnedStepImage
	case state == 2:
		return kindForeignStepImage
	case state == 1 && !official:
		return kindTaggedStepImage
	}
	return nil
}

// imageName is an image without its tag or digest.
func imageName(ref string) string {
	ref = strings.TrimPrefix(strings.TrimSpace(ref), "docker://")
	ref, _, _ = strings.Cut(ref, "@")
	slash := strings.LastIndexByte(ref, '/')
	if colon := strings.IndexByte(ref[slash+1:], ':'); colon >= 0 {
		ref = ref[:slash+1+colon]
	}
	return ref
}

// auditUses looks at one uses value: a step's, or a job's reusable workflow.
func auditUses(f *file, uses text, where string) []hit {
	r := parseRef(uses.s)
	line := uses.line
	var out []hit
	if why := obfuscated(uses.s); why != "" {
		out = append(out, hit{kind: kindObfuscatedUses, key: r.name, line: line, object: r.name, detail: why})
	}
	switch r.kind {
	case docker:
		if k := stepImage(r.name); k != nil {
			out = append(out, hit{kind: k, key: imageName(r.name), line: line, object: r.name})
		}
		return out
	case remote:
	default:
		return out
	}
	if like := lookalike(r.owner); like != "" {
		out = append(out, hit{kind: kindTyposquat, key: r.name, line: line, object: r.name,
			detail: "the owner " + r.owner + " reads like " + like})
	}
	if archived[ownerRepo(r.name)] {
		out = append(out, hit{kind: kindArchived, key: r.name, line: line, object: r.name})
	}
	if why := vulnerable(r); why != "" {
		out = append(out, hit{kind: kindVulnerable, key: r.name + "@" + r.at, line: line, object: r.name + "@" + r.at, detail: why})
	}
	if !pinned(r.at) {
		out = append(out, unpinned(r, line, where == "workflow")...)
	}
	return out
}

func unpinned(r ref, line int, reusable bool) []hit {
	h := hit{key: r.name, line: line, object: r.name + "@" + r.at}
	switch tagged := versionTag(r.at); {
	case firstParty(r.owner) && tagged:
		h.kind = kindTagFirstParty
	case firstParty(r.owner):
		h.kind = kindBranchFirstParty
	case reusable:
		h.kind = kindUnpinnedReusable
	case tagged || tagsAreNames[ownerRepo(r.name)] && !mainBranch(r.at):
		h.kind = kindUnpinned
	default:
		h.kind = kindBranchRef
	}
	if r.at == "" {
		h.object = r.name
	}
	return []hit{h}
}

// tagsAreNames are actions whose releases are named after what they install.
var tagsAreNames = map[string]bool{"dtolnay/rust-toolchain": true, "taiki-e/install-action": true, "dart-lang/setup-dart": true,
	"nixbuild/nix-quick-install-action": true, "goto-bus-stop/setup-zig": true}

func mainBranch(at string) bool {
	return at == "main" || at == "HEAD" || at == "" || at == "develop"
}

// obfuscated says what about a uses value seems made to be misread: forms that
// GitHub takes and that tools which look line by line do not.
func obfuscated(uses string) string {
	s := strings.TrimSpace(uses)
	name, _, _ := strings.Cut(s, "@")
	if strings.HasPrefix(s, "docker://") || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") {
		return ""
	}
	switch {
	case strings.Contains(uses, "\n"):
		return "written as a block, so that tools which read line by line do not see its ref"
	case strings.Contains(name, "/./") || strings.Contains(name, "/../") || strings.HasSuffix(name, "/.") || strings.HasSuffix(name, "/.."):
		return "its path has dot components"
	case strings.Contains(name, "//") || strings.HasSuffix(name, "/"):
		return "its path has empty components"
	}
	return ""
}

func ownerRepo(name string) string {
	if i := strings.IndexByte(name, '/'); i >= 0 {
		if k := strings.IndexByte(name[i+1:], '/'); k >= 0 {
			return name[:i+1+k]
		}
	}
	return name
}

// lookalike returns the well-known owner that an owner is one keystroke from.
func lookalike(owner string) string {
	for _, known := range [...]string{"actions", "github", "docker", "google-github-actions", "aws-actions",
		"azure", "hashicorp", "softprops", "codecov", "aquasecurity", "peter-evans", "pypa", "sigstore", "goreleaser"} {
		if owner == known {
			return ""
		}
		if oneEdit(owner, known) && len(owner) > 4 {
			return known
		}
	}
	return ""
}

// oneEdit tells whether one insertion, removal, exchange or swap of
// neighbours makes a of b.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
