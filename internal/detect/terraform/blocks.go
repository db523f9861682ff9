package terraform

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// resource reports what Terraform itself adds to a resource: how many there
// are of it, and commands that run when it is applied.
func resource(before, after *cloud.Resource, r *detect.Report) {
	if before != nil && (none(after.Body.Get("count")) && !none(before.Body.Get("count")) ||
		none(after.Body.Get("for_each")) && !none(before.Body.Get("for_each"))) {
		switch {
		case cloud.Stateful(after.Type) || after.Type == "module" && keepsState(after):
			r.Add(detect.Observation{Kind: kinds.class[cloud.StatefulDeleted], Line: after.Line, Object: after.Address,
				Detail: "count is 0"})
		case after.Type == "module":
			r.Add(detect.Observation{Kind: kinds.moduleRemoved, Line: after.Line, Object: after.Address, Detail: "count is 0"})
		}
	}
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
	commands(old, after, r)
}

// none says that a count or for_each makes no instance.
func none(n *tree.Node) bool {
	if n == nil {
		return false
	}
	return n.Kind == tree.Scalar && n.Text == "0" && n.Tag == "" || n.Kind == tree.List && len(n.Items) == 0 ||
		n.Kind == tree.Map && len(n.Fields) == 0
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
		r.Add(detect.Observation{Kind: kinds.moduleSource, Line: after.Body.Get("source").At(), Object: after.Address,
			Detail: from + " to " + to})
	}
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

// commands reports what a provisioner or external program newly runs.
func commands(before *tree.Node, after *cloud.Resource, r *detect.Report) {
	had := map[string]bool{}
	for _, p := range before.Get("provisioner").Each() {
		had[commandOf(p)] = true
	}
	for _, p := range after.Body.Get("provisioner").Each() {
		command := commandOf(p)
		if had[command] || p.Get("_label").Str() == "file" {
			continue
		}
		kind, detail := kinds.runsCommand, p.Get("_label").Str()
		if what := destroys(command); what != "" {
			kind, detail = kinds.destroysByCommand, what
		}
		r.Add(detect.Observation{Kind: kind, Line: p.Line, Object: after.Address, Detail: detail})
	}
}

func commandOf(p *tree.Node) string {
	return p.Get("command").Str() + "\n" + strings.Join(p.Get("inline").Strings(), "\n")
}

// destroys names the first command in a script that deletes what is remote or
// all that is local.
func destroys(script string) string {
	s := strings.ToLower(strings.Join(strings.Fields(script), " "))
	for _, w := range []string{"terraform destroy", "tofu destroy", "-destroy", "kubectl delete", "helm uninstall",
		"helm delete", "aws s3 rb", "dropdb", "drop database", "drop table", "drop schema",
		"truncate table", "az group delete", "gcloud projects delete", "rm -rf /", "rm -rf ~", "rm -rf $", "mkfs",
		"vault delete", "etcdctl del", "docker volume rm", "zfs destroy", "shred "} {
		if strings.Contains(s, w) {
			return w
		}
	}
	for _, pair := range [][2]string{{"aws s3 rm", "--recursive"}, {"aws ", " delete-"}, {"aws ", " terminate-"},
		{"gcloud ", " delete"}, {"az ", " delete"}, {"gsutil ", "rm -r"}, {"redis-cli", "flushall"}, {"curl ", "-x delete"},
		{"aws s3 sync", "--delete"}} {
		if i := strings.Index(s, pair[0]); i >= 0 && strings.Contains(s[i:], pair[1]) {
			return strings.TrimSpace(pair[0]) + " " + strings.TrimSpace(pair[1])
		}
	}
	return ""
}

// blocks compares state backends, providers and where providers come from.
func blocks(before, after *file, r *detect.Report) {
	for _, name := range blockNames(before, after) {
		b, a := before.blocks[name], after.blocks[name]
		if a == nil {
			continue
		}
		if a.kind == "data" && a.name == "external" && (b == nil || !tree.Equal(b.body.Get("program"), a.body.Get("program"))) {
			r.Add(detect.Observation{Kind: kinds.runsCommand, Line: a.line, Object: name, Detail: "external program"})
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
		r.Add(detect.Observation{Kind: kinds.provider, Line: line, Object: "provider." + a.name, Detail: key + " changed"})
		return
	}
	for _, feature := range a.body.Get("features").Each() {
		report(cloud.Compare(&cloud.Resource{Address: "provider." + a.name, Type: "provider",
			Body: first(b.body.Get("features"))}, &cloud.Resource{Address: "provider." + a.name, Type: "provider", Body: feature}), r)
	}
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
