package kubernetes

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// jsonPatch is the kind given to a list of JSON patch operations, which names
// none itself. https://www.rfc-editor.org/rfc/rfc6902
const jsonPatch = "JSON patch"

// maxOps bounds how many operations of a patch are read.
const maxOps = 500

// mayPatch says whether a text may hold operations at all.
func mayPatch(text string) bool {
	return tree.MayHaveKey(text, "op") && tree.MayHaveKey(text, "path") && (strings.Contains(text, "/spec") ||
		strings.Contains(text, "/metadata") || strings.Contains(text, "/rules") || strings.Contains(text, "/subjects") ||
		strings.Contains(text, "/webhooks") || strings.Contains(text, "/roleRef") || strings.Contains(text, "/reclaimPolicy"))
}

func isPatch(doc *tree.Node) bool {
	if !doc.IsList() || len(doc.Items) == 0 {
		return false
	}
	first := doc.Items[0]
	return first.Get("op").Str() != "" && strings.HasPrefix(first.Get("path").Str(), "/")
}

// opsIssues reads operations: what they put in is judged at its place in an
// object of the kind, or of any where none is known.
func opsIssues(ops *tree.Node, kind string, k *object) []issue {
	made := build(ops.At())
	var lost []issue
	for i, op := range ops.Each() {
		if i == maxOps {
			lost = append(lost, issue{kind: kinds.unreadable, key: "ops", line: op.At(), detail: "more operations than " + strconv.Itoa(maxOps)})
			break
		}
		path := pointer(op.Get("path").Str())
		switch op.Get("op").Str() {
		case "add", "replace":
			made.put(path, op.Get("value"), op.At(), i)
		case "remove":
			if found := lostBy(path); found != nil {
				lost = append(lost, issue{kind: found, key: "remove:" + strings.Join(path, "/"), line: op.At(),
					detail: strings.Join(path, ".") + " taken out"})
			}
		}
	}
	body := listed(made.root)
	var out []issue
	for _, as := range patched(kind, body) {
		o := &object{kind: as, name: k.name, namespace: k.namespace, body: body, path: k.path}
		out = append(out, within(o, "")...)
	}
	out = append(out, lost...)
	for i := range out {
		out[i].key = kind + ":" + out[i].key
	}
	return out
}

// patched are the kinds as which what a patch makes is read.
func patched(kind string, body *tree.Node) []string {
	if kind != "" {
		return []string{kind}
	}
	out := []string{""}
	if body.Has("rules") {
		out = append(out, "ClusterRole")
	}
	spec := body.Get("spec")
	for _, guess := range []struct{ field, kind string }{{"type", "Service"}, {"externalIPs", "Service"}, {"ingress", "NetworkPolicy"},
		{"persistentVolumeReclaimPolicy", "PersistentVolume"}, {"persistentVolumeClaimRetentionPolicy", "StatefulSet"},
		{"validationFailureAction", "ClusterPolicy"}, {"failurePolicy", "ValidatingAdmissionPolicy"}, {"syncPolicy", "Application"}} {
		if spec.Has(guess.field) {
			out = append(out, guess.kind)
		}
	}
	if body.Has("webhooks") {
		out = append(out, "ValidatingWebhookConfiguration")
	}
	return out
}

// pointer cuts a JSON pointer into its parts.
func pointer(s string) []string {
	parts := strings.Split(strings.TrimPrefix(s, "/"), "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
	}
	return parts
}

// built is an object as a patch makes it. What will be a list is a map by index
// until all is in.
type built struct {
	root *tree.Node
	own  map[*tree.Node]bool // those that are not the patch's own text, which stays as it is
}

func build(line int) built {
	root := &tree.Node{Kind: tree.Map, Line: line}
	return built{root, map[*tree.Node]bool{root: true}}
}

// put writes a value at a place and makes what is on the way.
func (b built) put(path []string, value *tree.Node, line, op int) {
	if value == nil || len(path) > 20 {
		return
	}
	n := b.root
	for i, key := range path {
		if key == "-" {
			key = "-" + strconv.Itoa(op)
		}
		if i == len(path)-1 {
			n.Fields = append(n.Fields, tree.Field{Key: key, Line: line, Value: value})
			return
		}
		next := n.Get(key)
		if !b.own[next] {
			made := &tree.Node{Kind: tree.Map, Line: line}
			if next.IsMap() {
				made.Fields = append(made.Fields, next.Fields...)
			}
			b.own[made] = true
			n.Fields = append(n.Fields, tree.Field{Key: key, Line: line, Value: made})
			next = made
		}
		n = next
	}
}

// listed makes lists of the maps that stand for them. Values of operations are
// left as they are.
func listed(n *tree.Node) *tree.Node {
	if !n.IsMap() || len(n.Fields) == 0 {
		return n
	}
	out := &tree.Node{Kind: n.Kind, Line: n.Line}
	for _, f := range n.Fields {
		if !index(f.Key) {
			for _, f := range n.Fields {
				out.Fields = append(out.Fields, tree.Field{Key: f.Key, Line: f.Line, Value: listed(f.Value)})
			}
			return out
		}
		out.Items = append(out.Items, listed(f.Value))
	}
	out.Kind, out.Fields = tree.List, nil
	return out
}

func index(key string) bool {
	_, err := strconv.Atoi(strings.TrimPrefix(key, "-"))
	return err == nil
}

// lostBy is what an object loses with the field at a path, nil where that is
// ordinary.
func lostBy(path []string) *detect.Kind {
	for _, p := range path {
		if p == "volumeClaimTemplates" {
			return kinds.stateful
		}
	}
	for i := len(path) - 1; i >= 0 && i >= len(path)-2; i-- {
		if kind := lostFields[path[i]]; kind != nil {
			return kind
		}
	}
	return nil
}

// lostFields are fields that protect, by their names.
var lostFields = map[string]*detect.Kind{
	"securityContext": kinds.hardening, "readOnlyRootFilesystem": kinds.hardening, "seccompProfile": kinds.unconfined,
	"capabilities": kinds.capability, "drop": kinds.capability, "runAsNonRoot": kinds.root, "runAsUser": kinds.root,
	"allowPrivilegeEscalation": kinds.escalation, "automountServiceAccountToken": kinds.token,
	"tls": kinds.ingressTLS, "policyTypes": kinds.netpol, "loadBalancerSourceRanges": kinds.service, "finalizers": kinds.reclaim,
	"helm.sh/resource-policy": kinds.reclaim, "argocd.argoproj.io/sync-options": kinds.reclaim,
	"persistentVolumeClaimRetentionPolicy": kinds.reclaim, "reclaimPolicy": kinds.reclaim, "persistentVolumeReclaimPolicy": kinds.reclaim,
	"pod-security.kubernetes.io/enforce": kinds.admission, "webhooks": kinds.admission, "validationFailureAction": kinds.admission,
	"validationActions": kinds.admission, "failurePolicy": kinds.admission,
}
