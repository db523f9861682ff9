package compose

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// guards are what limits a service, so that its loss can be seen.
func guards(s *tree.Node) []issue {
	var out []issue
	for _, n := range s.Get("security_opt").Each() {
		if strings.Contains(n.Str(), "no-new-privileges") && !strings.HasSuffix(n.Str(), "false") {
			out = append(out, issue{kinds.hardening, "nnp", "no-new-privileges", n.At()})
		}
	}
	if n := s.Get("read_only"); n.True() {
		out = append(out, issue{kinds.hardening, "read_only", "read_only", n.At()})
	}
	for _, n := range s.Get("cap_drop").Each() {
		if strings.EqualFold(n.Str(), "all") {
			out = append(out, issue{kinds.hardening, "cap_drop", "cap_drop ALL", n.At()})
		}
	}
	if n := s.Get("user"); n.Str() != "" && n.Str() != "root" && n.Str() != "0" && !strings.HasPrefix(n.Str(), "0:") &&
		!strings.HasPrefix(n.Str(), "root:") {
		out = append(out, issue{kinds.root, "user", "user " + n.Str() + " removed", n.At()})
	}
	return out
}

// image reports a tag that goes or becomes "latest".
func image(name string, before, after *tree.Node, r *detect.Report) {
	from, to := before.Str(), after.Str()
	if from == "" || to == "" || from == to || strings.Contains(from+to, "$") {
		return
	}
	if pinning(to) < pinning(from) {
		r.Add(detect.Observation{Kind: kinds.image, Line: after.At(), Object: name, Detail: from + " to " + to})
	}
}

// pinning is 2 for a digest, 1 for a tag, 0 for neither or "latest".
func pinning(image string) int {
	if strings.Contains(image, "@sha256:") {
		return 2
	}
	i := strings.LastIndexByte(image, ':')
	if i < 0 || strings.Contains(image[i:], "/") || image[i:] == ":latest" {
		return 0
	}
	return 1
}

// lostMounts reports volumes that a service no longer mounts where it keeps
// its data: what it writes there is then gone with the container.
func lostMounts(name string, before, after *tree.Node, r *detect.Report) {
	still := map[string]bool{}
	for _, v := range after.Get("volumes").Each() {
		if source, target := mount(v); source != "" || v.Get("type").Str() != "tmpfs" {
			still[target] = true
		}
	}
	for _, v := range before.Get("volumes").Each() {
		source, target := mount(v)
		if source == "" || still[target] || strings.HasPrefix(source, "/") || configLike(target) ||
			strings.HasPrefix(source, ".") && !strings.Contains(target, "data") && !strings.Contains(target, "/var/lib") {
			continue
		}
		r.Add(detect.Observation{Kind: kinds.volume, Line: v.At(), Removed: true, Object: name, Detail: source + " at " + target})
	}
}

func configLike(target string) bool {
	for _, w := range []string{"node_modules", "/cache", ".cache", "/tmp", ".conf", ".yml", ".yaml", ".json", ".sock", "/etc/",
		".crt", ".pem", "__pycache__"} {
		if strings.Contains(target, w) {
			return true
		}
	}
	return false
}

func mount(v *tree.Node) (source, target string) {
	if v.IsMap() {
		return v.Get("source").Str(), v.Get("target").Str()
	}
	depth := 0 // of variables, whose defaults have colons too
	parts := strings.FieldsFunc(v.Str(), func(r rune) bool {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		}
		return r == ':' && depth <= 0
	})
	switch len(parts) {
	case 0:
		return "", ""
	case 1:
		return "", parts[0]
	}
	return parts[0], parts[1]
}

// goneServices reports services that kept data and are there no more.
func goneServices(before, after *tree.Node, r *detect.Report) {
	for _, e := range before.Get("services").Entries() {
		if after.Has("services", e.Key) || !e.Value.IsMap() {
			continue
		}
		for _, v := range e.Value.Get("volumes").Each() {
			source, target := mount(v)
			if source != "" && !strings.HasPrefix(source, ".") && !strings.HasPrefix(source, "/") && !configLike(target) &&
				!mountedElsewhere(after, source) {
				r.Add(detect.Observation{Kind: kinds.service, Line: e.Line, Removed: true, Object: e.Key,
					Detail: "it kept data in " + source})
				break
			}
		}
	}
}

func mountedElsewhere(p *tree.Node, volume string) bool {
	for _, e := range p.Get("services").Entries() {
		for _, v := range e.Value.Get("volumes").Each() {
			if source, _ := mount(v); source == volume {
				return true
			}
		}
	}
	return false
}

// goneVolumes reports named volumes that are declared no more, and those that
// now point elsewhere.
func goneVolumes(before, after *tree.Node, r *detect.Report) {
	for _, e := range before.Get("volumes").Entries() {
		if strings.Contains(e.Key, "cache") || strings.Contains(e.Key, "node_modules") {
			continue
		}
		if !after.Has("volumes", e.Key) {
			if !mountedElsewhere(after, e.Key) {
				r.Add(detect.Observation{Kind: kinds.volume, Line: e.Line, Removed: true, Object: e.Key,
					Detail: "the volume is declared no more"})
			}
			continue
		}
		now := after.Get("volumes", e.Key)
		for _, field := range []string{"name", "external", "driver", "driver_opts"} {
			if from, to := e.Value.Get(field), now.Get(field); !tree.Equal(from, to) &&
				(from != nil || field == "name" || field == "driver_opts") {
				r.Add(detect.Observation{Kind: kinds.volume, Line: now.At(), Object: e.Key,
					Detail: field + " changed: the data stays behind"})
				break
			}
		}
	}
}
