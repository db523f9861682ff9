package kubernetes

import (
	"net/url"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// appSpec is what an Argo CD application, or one made from a set, is told.
func appSpec(o *object) *tree.Node {
	if o.kind == "ApplicationSet" {
		return o.body.Get("spec", "template", "spec")
	}
	return o.body.Get("spec")
}

// isFlux tells Flux's Kustomization, which a controller applies, from the file
// of kustomize that has the same kind.
func isFlux(o *object) bool { return strings.HasSuffix(o.group, ".toolkit.fluxcd.io") }

// finalizer begins the names by which an application takes all that it made
// along when it is deleted.
const finalizer = "resources-finalizer.argocd.argoproj.io"

func finalizerOf(o *object) *tree.Node {
	for _, f := range o.body.Get("metadata", "finalizers").Each() {
		if strings.HasPrefix(f.Str(), finalizer) {
			return f
		}
	}
	return nil
}

// cascades says that what an object of GitOps made goes with it.
func cascades(o *object) bool {
	switch o.kind {
	case "Application":
		return finalizerOf(o) != nil
	case "ApplicationSet":
		return o.group == "argoproj.io" && !o.body.Get("spec", "syncPolicy", "preserveResourcesOnDeletion").True()
	case "Kustomization":
		policy := o.body.Get("spec", "deletionPolicy").Str()
		return isFlux(o) && policy != "Orphan" && (o.body.Get("spec", "prune").True() || policy == "Delete")
	}
	return isFlux(o)
}

// argoIssues are of applications that were there before: a new one has made
// nothing yet that it could delete.
func argoIssues(o *object) []issue {
	var out []issue
	add := func(kind *detect.Kind, key string, at *tree.Node, detail string) {
		out = append(out, issue{kind: kind, key: key, detail: detail, line: at.At(), changed: true})
	}
	spec := appSpec(o)
	if n := spec.Get("syncPolicy", "automated", "prune"); n.True() {
		add(kinds.prune, "prune", n, "syncPolicy.automated.prune")
	}
	if n := spec.Get("syncPolicy", "automated", "allowEmpty"); n.True() {
		add(kinds.prune, "allowEmpty", n, "allowEmpty")
	}
	if n := o.body.Get("spec", "syncPolicy", "preserveResourcesOnDeletion"); o.kind == "ApplicationSet" && !n.True() {
		add(kinds.prune, "preserve", o.body, "what it made is not preserved")
	}
	if n := finalizerOf(o); n != nil {
		add(kinds.prune, "finalizer", n, finalizer)
	}
	return out
}

func projectIssues(o *object) []issue {
	var out []issue
	spec := o.body.Get("spec")
	for _, field := range []string{"sourceRepos", "clusterResourceWhitelist", "destinations"} {
		for _, n := range spec.Get(field).Each() {
			if n.Str() == "*" || n.Get("server").Str() == "*" || n.Get("kind").Str() == "*" && n.Get("group").Str() == "*" {
				out = append(out, issue{kind: kinds.powers, key: "project:" + field, detail: field + " *", line: n.At()})
			}
		}
	}
	return out
}

// fluxIssues are of what Flux applied before: a new object has nothing to delete
// or to leave.
func fluxIssues(o *object) []issue {
	if !isFlux(o) {
		return nil
	}
	var out []issue
	spec := o.body.Get("spec")
	if n := spec.Get("prune"); n.True() {
		out = append(out, issue{kind: kinds.prune, key: "prune", detail: "prune", line: n.At(), changed: true})
	}
	if n := spec.Get("suspend"); n.True() {
		out = append(out, issue{kind: kinds.suspended, key: "suspend", detail: "suspend", line: n.At(), changed: true})
	}
	for _, at := range [][]string{{"force"}, {"upgrade", "force"}} {
		if n := spec.Get(at...); n.True() {
			out = append(out, issue{kind: kinds.replaced, key: "force", detail: strings.Join(at, "."), line: n.At(), changed: true})
		}
	}
	return out
}

// forcedIssues are the options by which Argo CD deletes an object and makes it
// anew where it cannot be changed in place.
func forcedIssues(o *object) []issue {
	options := appSpec(o).Get("syncPolicy", "syncOptions")
	if o.group != "argoproj.io" {
		options = o.body.Get("metadata", "annotations", "argocd.argoproj.io/sync-options")
	}
	all := strings.ReplaceAll(strings.Join(options.Strings(), ","), " ", "")
	if options.IsMap() || !strings.Contains(","+all+",", ",Replace=true,") || !strings.Contains(","+all+",", ",Force=true,") {
		return nil
	}
	return []issue{{kind: kinds.replaced, key: "replace", detail: "Replace=true, Force=true", line: options.At(), changed: true}}
}

// redirected reports an object of GitOps that takes what it applies from
// elsewhere, or brings it elsewhere: what it had brought is left or deleted.
func redirected(before, after *object, r reporter) {
	switch after.kind {
	case "Application", "ApplicationSet":
		b, a := appSpec(before), appSpec(after)
		sources(b.Get("source"), a.Get("source"), "repoURL", a.Get("syncPolicy", "automated", "prune").True(), after, r)
		for i, s := range a.Get("sources").Each() {
			if list := b.Get("sources").Each(); i < len(list) {
				sources(list[i], s, "repoURL", a.Get("syncPolicy", "automated", "prune").True(), after, r)
			}
		}
		placed(b.Get("destination"), a.Get("destination"), after, r, "namespace", "server", "name")
		if after.kind == "ApplicationSet" {
			dropped(before, after, r)
		}
	case "GitRepository", "OCIRepository", "HelmRepository", "Bucket":
		if isFlux(after) {
			sources(before.body.Get("spec"), after.body.Get("spec"), "url", false, after, r)
			if n := before.body.Get("spec", "verify"); n.IsMap() && !after.body.Has("spec", "verify") {
				r.Add(detect.Observation{Kind: kinds.admission, Line: n.At(), Removed: true, Object: after.label(),
					Detail: "signatures are verified no more"})
			}
		}
	case "HelmRelease":
		placed(before.body.Get("spec"), after.body.Get("spec"), after, r, "targetNamespace", "storageNamespace", "releaseName")
	case "Kustomization", "Component":
		if !isFlux(after) {
			placed(before.body, after.body, after, r, "namespace", "namePrefix", "nameSuffix")
			return
		}
		b, a := before.body.Get("spec"), after.body.Get("spec")
		placed(b, a, after, r, "targetNamespace")
		sources(b, a, "", a.Get("prune").True(), after, r)
	}
}

// sources compares where the text comes from. Another path matters where what
// is missing in it is deleted.
func sources(before, after *tree.Node, field string, prunes bool, o *object, r reporter) {
	from, n := before.Get(field).Str(), after.Get(field)
	if to := n.Str(); from != "" && to != "" && !filledIn(from) && !filledIn(to) && normalURL(from) != normalURL(to) {
		kind := kinds.sourceMoved
		if owner(from) != owner(to) {
			kind = kinds.sourceChanged
		}
		r.Add(detect.Observation{Kind: kind, Line: n.At(), Object: o.label(), Detail: from + " to " + to})
	}
	from, n = before.Get("path").Str(), after.Get("path")
	if to := n.Str(); prunes && from != "" && clean(from) != clean(to) && !filledIn(from) && !filledIn(to) {
		r.Add(detect.Observation{Kind: kinds.sourceMoved, Line: max(n.At(), after.At()), Object: o.label(),
			Detail: "path " + from + " to " + to})
	}
}

func clean(p string) string { return strings.Trim(strings.TrimPrefix(p, "./"), "/") }

// normalURL writes the spellings of one repository's address in one way.
func normalURL(s string) string {
	s = strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(s, "/"), ".git"))
	if rest, ok := strings.CutPrefix(s, "git@"); ok {
		s = "ssh://" + strings.Replace(rest, ":", "/", 1)
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return s
	}
	return u.Hostname() + u.Path
}

// owner is the host of a repository's address and the first part of its path.
func owner(s string) string {
	host, rest, _ := strings.Cut(normalURL(s), "/")
	first, _, _ := strings.Cut(rest, "/")
	return host + "/" + first
}

// placed reports an object that puts all that it makes under other names.
func placed(before, after *tree.Node, o *object, r reporter, fields ...string) {
	for _, f := range fields {
		from, n := before.Get(f).Str(), after.Get(f)
		renames := f == "namePrefix" || f == "nameSuffix"
		if (from != "" || renames) && from != n.Str() && !filledIn(from) && !filledIn(n.Str()) && !passing(o) {
			r.Add(detect.Observation{Kind: kinds.placed, Line: max(n.At(), after.At()), Object: o.label(),
				Detail: f + " " + from + " to " + n.Str()})
		}
	}
}

// dropped reports applications that a set makes no more. They are told apart
// by what their name is made of.
func dropped(before, after *object, r reporter) {
	if passing(after) || !cascades(after) {
		return
	}
	still := map[string]bool{}
	fields := nameFields(after.body.Get("spec", "template", "metadata", "name").Str())
	old, now := elements(before.body.Get("spec", "generators"), 0), elements(after.body.Get("spec", "generators"), 0)
	for _, e := range now {
		still[elementName(e, fields)] = true
	}
	told := len(now) >= len(old)
	report := func(at int, detail string) {
		told = true
		r.Add(detect.Observation{Kind: kinds.appRemoved, Line: at, Removed: true, Object: after.label(), Detail: detail})
	}
	for _, e := range old {
		if key := elementName(e, fields); key != "" && !still[key] {
			still[key] = true
			report(e.At(), "element "+key)
		}
	}
	if !told {
		report(before.body.Get("spec", "generators").At(), "fewer elements")
	}
}

// nameFields are the parameters in a name that is a template.
func nameFields(name string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(name, "TPL", " "), func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func elementName(element *tree.Node, fields []string) string {
	if s := element.Str(); s != "" {
		return s
	}
	var parts []string
	for _, f := range fields {
		if v := element.Get(f).Str(); v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, " ")
}

// elements are what generators make applications for: elements of a list, and
// folders and files of a repository.
func elements(generators *tree.Node, depth int) []*tree.Node {
	if depth > 4 {
		return nil
	}
	var out []*tree.Node
	for _, g := range generators.Each() {
		out = append(out, g.Get("list", "elements").Each()...)
		for _, field := range []string{"directories", "files"} {
			for _, d := range g.Get("git", field).Each() {
				if !d.Get("exclude").True() && d.Get("path") != nil {
					out = append(out, d.Get("path"))
				}
			}
		}
		for _, inner := range []string{"matrix", "merge"} {
			out = append(out, elements(g.Get(inner, "generators"), depth+1)...)
		}
	}
	return out
}
