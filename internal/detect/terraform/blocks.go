package terraform

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// resource reports what Terraform itself adds to a resource: where a module is
// from, and commands that run when it is applied.
func resource(before, after *cloud.Resource, r *detect.Report) {
	if before != nil && after.Type == "module" {
		sourceChanged(before, after, r)
	}
	var old *tree.Node
	if before != nil {
		old = before.Body
	}
	for _, name := range []string{"desired_count", "desired_capacity", "replicas", "min_size", "max_size", "max_capacity",
		"node_count", "number_of_nodes", "instance_count"} {
		if before != nil {
			scaled(name, old.Get(name), after.Body.Get(name), after.Address, r)
		}
	}
	repointed(before, after, r)
	commands(old, after, r)
}

func sourceChanged(before, after *cloud.Resource, r *detect.Report) {
	from, to := before.Body.Get("source").Str(), after.Body.Get("source").Str()
	if from == "" || to == "" || from == to {
		return
	}
	place := func(s string) string {
		s, _, _ = strings.Cut(s, "?")
		return strings.TrimPrefix(s, "git::")
	}
	pinned := func(s string) bool { return strings.Contains(s, "ref=") }
	if place(from) != place(to) || pinned(from) && !pinned(to) {
		kind := kinds.moduleSource
		if place(from) != place(to) && remote(to) && !pinned(to) && !after.Body.Has("version") {
			kind = kinds.moduleUnpinned
		}
		r.Add(detect.Observation{Kind: kind, Line: after.Body.Get("source").At(), Object: after.Address,
			Detail: from + " to " + to})
	}
}

// remote says whether a module is fetched from somewhere.
func remote(source string) bool {
	return !strings.HasPrefix(source, "./") && !strings.HasPrefix(source, "../") && !strings.Contains(source, "${")
}

// scaled reports a number of instances that falls to zero.
func scaled(name string, before, after *tree.Node, object string, r *detect.Report) {
	low := strings.ToLower(name)
	for _, w := range []string{"replica", "desired", "node_count", "min_size", "max_size", "instance_count", "instances",
		"max_capacity", "number_of_nodes", "min_capacity"} {
		if !strings.Contains(low, w) {
			continue
		}
		from, okB := before.Number()
		to, okA := after.Number()
		if okB && okA && from > 0 && to == 0 {
			r.Add(detect.Observation{Kind: kinds.scaledToZero, Line: after.Line, Object: object,
				Detail: name + " " + before.Str() + " to 0"})
		}
		return
	}
}

// blocks compares state backends, providers and where providers come from.
func blocks(before, after *file, r *detect.Report) {
	for _, name := range blockNames(before, after) {
		b, a := before.blocks[name], after.blocks[name]
		if a == nil {
			continue
		}
		if a.kind == "data" && a.name == "external" {
			program(b, a, name, r)
		}
		if b != nil {
			blockChanged(b, a, r)
		}
	}
	if v := before.values.Get("prevent_destroy"); v.True() && !after.values.Get("prevent_destroy").True() {
		r.Add(detect.Observation{Kind: kinds.class[cloud.DeletionUnguarded], Line: v.Line, Removed: true,
			Object: "prevent_destroy", Detail: "removed or switched off"})
	}
}

// blockChanged compares two blocks of one name.
func blockChanged(b, a *block, r *detect.Report) {
	if tree.Equal(b.body, a.body) {
		return
	}
	switch a.kind {
	case "provider":
		providerChanged(b, a, r)
	case "terraform", "remote_state":
		backendChanged(b, a, r)
		providersChanged(b, a, r)
	}
}

// providerIdentity are the settings that say which account, place or server a
// provider works on.
var providerIdentity = []string{"region", "project", "account_id", "allowed_account_ids", "forbidden_account_ids", "profile",
	"assume_role", "subscription_id", "tenant_id", "client_id",
	"host", "address", "endpoints", "endpoint", "organization", "owner", "config_context", "config_path",
	"cluster_ca_certificate", "billing_project", "zone", "impersonate_service_account", "base_url", "api_url", "site", "account"}

func providerChanged(b, a *block, r *detect.Report) {
	for _, key := range providerIdentity {
		from, to := b.body.Get(key), a.body.Get(key)
		if tree.Equal(from, to) || from == nil && key != "assume_role" && key != "endpoints" {
			continue
		}
		line := to.At()
		if line == 0 {
			line = a.line
		}
		kind := kinds.provider
		if written(from) && written(to) {
			kind = kinds.providerRepointed
		}
		r.Add(detect.Observation{Kind: kind, Line: line, Object: "provider." + a.name, Detail: key + " changed"})
		return
	}
	for _, feature := range a.body.Get("features").Each() {
		report(cloud.Compare(&cloud.Resource{Address: "provider." + a.name, Type: "provider",
			Body: first(b.body.Get("features"))}, &cloud.Resource{Address: "provider." + a.name, Type: "provider", Body: feature}), r)
	}
}

// written says whether all of a value is written out, and no name or reference.
func written(n *tree.Node) bool {
	ok := n != nil
	tree.Walk(n, func(_ []string, n *tree.Node) bool {
		ok = ok && n.Tag == "" && !strings.Contains(n.Text, "${")
		return ok
	})
	return ok
}

func first(n *tree.Node) *tree.Node {
	if each := n.Each(); len(each) > 0 {
		return each[0]
	}
	return nil
}

// stateOf lists the state backends that a block declares.
func stateOf(b *block) []string {
	switch b.kind {
	case "remote_state":
		return []string{"remote_state"}
	case "terraform":
		var out []string
		for _, key := range []string{"backend", "cloud"} {
			if b.body.Has(key) {
				out = append(out, strings.TrimSpace(key+" "+first(b.body.Get(key)).Get("_label").Str()))
			}
		}
		return out
	}
	return nil
}

func backendChanged(b, a *block, r *detect.Report) {
	if len(stateOf(b)) == 0 {
		return
	}
	detail, line := "", a.line
	switch {
	case len(stateOf(a)) == 0:
		detail = "removed"
	case stateOf(a)[0] != stateOf(b)[0]:
		detail = stateOf(b)[0] + " to " + stateOf(a)[0]
	default:
		for _, key := range []string{"backend", "cloud", "config"} {
			from, to := first(b.body.Get(key)), first(a.body.Get(key))
			for _, e := range from.Entries() {
				if other := to.Get(e.Key); !tree.Equal(e.Value, other) && e.Key != "required_version" {
					detail = e.Key + " changed"
					if other != nil {
						line = other.Line
					}
				}
			}
		}
	}
	if detail != "" {
		r.Add(detect.Observation{Kind: kinds.stateBackend, Line: line, Object: stateOf(b)[0], Detail: detail})
	}
}

// providersChanged compares required_providers: another source is other code
// with the same credentials.
func providersChanged(b, a *block, r *detect.Report) {
	from, to := first(b.body.Get("required_providers")), first(a.body.Get("required_providers"))
	for _, e := range to.Entries() {
		was, is := from.Get(e.Key).Get("source").Str(), e.Value.Get("source").Str()
		if was != "" && is != "" && !strings.EqualFold(was, is) {
			r.Add(detect.Observation{Kind: kinds.providerSource, Line: e.Line, Object: e.Key, Detail: was + " to " + is})
		}
	}
}
