package kubernetes

import (
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/place"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// unlisted finds what kustomizations take in no more: whatever applies them
// with pruning deletes it. Of a file that the change holds, its objects are lost
// as if it were gone; of another one only the name is known.
func unlisted(c *change.Change, gone map[string][]held, r *detect.Report) {
	var lists []*change.File
	for i := range c.Files {
		if f := &c.Files[i]; isKustomization(previous(f)) && f.Before.State == change.Loaded && f.Status != change.Copied &&
			f.After.State != change.Unreadable && (f.Before.Body != f.After.Body || !stillLists(f)) {
			lists = append(lists, f)
		}
	}
	if len(lists) == 0 {
		return
	}
	files := map[string]*change.File{} // where they were
	for i := range c.Files {
		files[previous(&c.Files[i])] = &c.Files[i]
	}
	seen := map[*change.File]bool{}
	for _, f := range lists {
		for _, e := range entriesGone(f) {
			target := path.Join(path.Dir(previous(f)), e.Text)
			held := files[target]
			switch {
			case held == nil:
				byName(f, e, files, r)
			case !seen[held]:
				seen[held] = true
				loseAll(gone, held)
			}
		}
	}
}

// stillLists says that a file is a kustomization of the folder of which it was
// one.
func stillLists(f *change.File) bool {
	return f.After.State == change.Loaded && isKustomization(f.Path) && path.Dir(f.Path) == path.Dir(previous(f))
}

// entriesGone are the entries of a kustomization that are not in it any more.
func entriesGone(f *change.File) []*tree.Node {
	now := map[string]bool{}
	if stillLists(f) {
		after, err := objects(f.Path, documents(f.Path, f.After.Body))
		if err != nil {
			return nil // an unreadable file is reported by Detect
		}
		for _, e := range entriesOf(after) {
			now[withoutVersion(e.Text)] = true
		}
	}
	before, err := objects(previous(f), documents(previous(f), f.Before.Body))
	if err != nil {
		return nil
	}
	var out []*tree.Node
	for _, e := range entriesOf(before) {
		if key := withoutVersion(e.Text); !now[key] {
			now[key] = true
			out = append(out, e)
		}
	}
	return out
}

func entriesOf(list []*object) []*tree.Node {
	var out []*tree.Node
	for _, o := range list {
		if o.kind != "Kustomization" && o.kind != "Component" || isFlux(o) {
			continue
		}
		for _, field := range []string{"resources", "bases", "components"} {
			for _, n := range o.body.Get(field).Each() {
				if n.Str() != "" {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// withoutVersion is an entry as a path, or a repository's address without what
// says which version of it.
func withoutVersion(entry string) string {
	if !remote(entry) {
		return path.Clean(entry)
	}
	entry, _, _ = strings.Cut(entry, "?")
	if before, after, ok := strings.Cut(entry, "/releases/download/"); ok { // the file of a release
		return before + "/" + path.Base(after)
	}
	return entry
}

func remote(entry string) bool {
	return strings.Contains(entry, "://") || strings.Contains(entry, "?ref=") || strings.HasPrefix(entry, "github.com/")
}

// loseAll files the objects of a file that stands where it was and is applied no
// more. One that is itself gone or renamed has lost them already.
func loseAll(gone map[string][]held, f *change.File) {
	if f.After.State != change.Loaded || f.PreviousPath != "" && f.PreviousPath != f.Path || f.Before.State != change.Loaded {
		return
	}
	before, err := objects(f.Path, documents(f.Path, f.Before.Body))
	if err != nil {
		return
	}
	had := map[string]bool{} // what of the file is lost already, by identity
	for _, o := range before {
		id := o.identity()
		if _, looked := had[id]; !looked {
			had[id] = slices.ContainsFunc(gone[id], func(h held) bool { return h.file == f })
		}
		if !inert(o) && o.kind != jsonPatch && !had[id] && (o.kind != "Kustomization" || isFlux(o)) {
			gone[o.identity()] = append(gone[o.identity()], held{object: o, file: f, from: f.Path, env: place.Key(f.Path),
				within: enclosuresOf(f.Before.Body).around(o)})
		}
	}
}

// byName judges an entry by its name alone. A folder whose own kustomization the
// change takes away has its entries judged there.
func byName(f *change.File, entry *tree.Node, files map[string]*change.File, r *detect.Report) {
	target := path.Join(path.Dir(previous(f)), entry.Text)
	for _, own := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		if k := files[path.Join(target, own)]; k != nil && (k.After.State == change.Absent || k.Path != previous(k)) {
			return
		}
	}
	if passing(&object{path: target}) {
		return
	}
	kind, tried := kinds.entryGone, trial(&object{path: previous(f)})
	between := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	for _, w := range strings.FieldsFunc(strings.ToLower(entry.Text), between) {
		if tried {
			break
		}
		if keeping[w] || statefulKind(w) {
			kind = kinds.dataUnlisted
			break
		}
		if guarding[w] {
			kind = kinds.guardDeleted
		}
	}
	r.Add(detect.Observation{Kind: kind, Path: f.Path, Line: entry.At(), Removed: true, Object: entry.Text})
}

// keeping are words by which people name files of what keeps data, guarding
// those of what guards others.
var (
	keeping = words("pg db dbs pvc pvcs pv pvs persistentvolumeclaim volumeclaim claims storage statefulset statefulsets sts " +
		"namespace namespaces ns crd crds mongo minio zookeeper nats qdrant weaviate velero backup backups cockroachdb timescaledb " +
		"influxdb prometheus loki clickhouse neo4j elastic eck cnpg valkey memcached etcd")
	guarding = words("networkpolicy networkpolicies netpol netpols policy policies pdb pdbs poddisruptionbudget quota quotas " +
		"resourcequota limitrange limits kyverno gatekeeper opa admission")
)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}
