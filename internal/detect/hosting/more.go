package hosting

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// yamlModel reads the first document of a YAML text.
func yamlModel(read func(m model, root *tree.Node)) func(string) (model, error) {
	return func(text string) (model, error) {
		m := newModel()
		docs, err := tree.ParseYAML(text)
		if err == nil && len(docs) > 0 {
			read(m, docs[0])
		}
		return m, err
	}
}

// jsonModel reads a JSON text.
func jsonModel(read func(m model, root *tree.Node)) func(string) (model, error) {
	return func(text string) (model, error) {
		m := newModel()
		root, err := tree.ParseJSON(text)
		if err == nil {
			read(m, root)
		}
		return m, err
	}
}

// loosely reads files whose name others have too: what cannot be read is none of
// this host's.
func loosely(read func(string) (model, error)) func(string) (model, error) {
	return func(text string) (model, error) {
		m, err := read(text)
		if err != nil {
			m = newModel()
		}
		return m, nil
	}
}

// mounts are where the disks of what keeps data are mounted, in the files of any
// runner of containers: the folders that databases write to are known.
func mounts(text string) (model, error) {
	m := newModel()
	n := 0
	for line := range strings.Lines(text) {
		n++
		t := strings.TrimSpace(line)
		if t == "" || t[0] == '#' || t[0] == ';' || strings.HasPrefix(t, "//") || len(t) > 1000 {
			continue
		}
		for _, folder := range dataFolders {
			if at := strings.Index(t, folder); at >= 0 && m.volumes[folder].line == 0 {
				m.volumes[folder] = thing{line: n, id: folder}
			}
		}
	}
	return m, nil
}

// dataFolders are where databases keep their files in the images that are published
// for them.
var dataFolders = []string{"/var/lib/postgresql", "/var/lib/mysql", "/var/lib/mongodb", "/data/db", "/var/lib/redis", "/var/lib/etcd",
	"/var/lib/cassandra", "/var/lib/kafka", "/var/lib/clickhouse", "/var/lib/rabbitmq", "/var/lib/elasticsearch",
	"/usr/share/elasticsearch/data",
	"/var/lib/neo4j", "/var/lib/influxdb", "/var/lib/grafana", "/var/lib/minio", "/var/opt/mssql", "/bitnami/",
	"/meili_data", "/qdrant/storage"}

// mounted are endings of files of runners of containers that no reader of their own
// is for: quadlets, Nomad.
var mounted = map[string]bool{".container": true, ".pod": true, ".nomad": true}

// named are the readers of files by their whole name.
var named = map[string]func(string) (model, error){
	"appwrite.json": jsonModel(appwrite), "appwrite.config.json": jsonModel(appwrite), "vercel.json": jsonModel(vercel),
	"firebase.json": jsonModel(firebase), "cdk.json": loosely(jsonModel(cdk)), "netlify.toml": netlify,
	"cron.yaml": loosely(yamlModel(exports)), "cron.yml": loosely(yamlModel(exports)), "app.yaml": loosely(yamlModel(appEngine)),
	"app.yml":      loosely(yamlModel(appEngine)),
	"service.yaml": loosely(yamlModel(cloudRun)), "service.yml": loosely(yamlModel(cloudRun)), "kamal.yml": yamlModel(kamal),
	"kamal.yaml":  yamlModel(kamal),
	"zeabur.yaml": yamlModel(zeabur), "zeabur.yml": yamlModel(zeabur),
	"_redirects": redirects, "tables.yaml": loosely(yamlModel(hasura)),
}

// more is the reader of hosts whose files are few lines.
func more(p string) func(string) (model, error) {
	b := path.Base(p)
	if mounted[path.Ext(b)] || strings.HasSuffix(b, ".nomad.hcl") {
		return mounts
	}
	switch folder := path.Base(path.Dir(p)); {
	case folder == "config" && strings.HasPrefix(b, "deploy.") && (path.Ext(b) == ".yml" || path.Ext(b) == ".yaml"):
		return loosely(yamlModel(kamal))
	case folder == ".ebextensions" && path.Ext(b) == ".config":
		return loosely(yamlModel(beanstalk))
	}
	if strings.HasPrefix(p, "copilot/") || strings.Contains(p, "/copilot/") {
		return loosely(yamlModel(copilot))
	}
	return named[b]
}

// copilot reads the volumes of a service of AWS Copilot.
// https://aws.github.io/copilot-cli/docs/developing/storage/
func copilot(m model, root *tree.Node) {
	for _, v := range root.Get("storage", "volumes").Entries() {
		m.volumes[v.Key+":"+v.Value.Get("path").Str()] = thing{v.Line, v.Value.Get("efs", "id").Str()}
	}
}

// kamal reads the accessories of a deployment: they keep data in folders and
// volumes of their host.
// https://kamal-deploy.org/docs/configuration/accessories/
func kamal(m model, root *tree.Node) {
	for _, a := range root.Get("accessories").Entries() {
		m.stores[a.Key] = thing{line: a.Line}
		image := a.Value.Get("image")
		m.images[a.Key] = thing{image.At(), image.Str()}
		for _, kind := range [...]string{"directories", "volumes"} {
			for _, v := range a.Value.Get(kind).Each() {
				from, to, _ := strings.Cut(v.Str(), ":")
				m.volumes[a.Key+":"+to] = thing{v.At(), from}
			}
		}
		if port := a.Value.Get("port"); strings.HasPrefix(port.Str(), "0.0.0.0:") || strings.Count(port.Str(), ":") == 1 {
			m.shown[a.Key+"'s port "+port.Str()] = thing{line: port.At()}
		}
		if host := a.Value.Get("host"); host != nil {
			m.bindings[a.Key+"'s host"] = thing{host.At(), host.Str()}
		}
	}
	for _, v := range root.Get("volumes").Each() {
		from, to, _ := strings.Cut(v.Str(), ":")
		m.volumes[to] = thing{v.At(), from}
	}
	if s := root.Get("service"); s.Str() != "" && len(root.Get("accessories").Entries()) > 0 {
		m.bindings["service"] = thing{s.At(), s.Str()}
	}
}

// zeabur reads a template.
// https://zeabur.com/docs/en-US/template/template-in-code
func zeabur(m model, root *tree.Node) {
	for _, s := range root.Get("spec", "services").Each() {
		name := s.Get("name").Str()
		volumes := s.Get("spec", "volumes").Each()
		if len(volumes) > 0 {
			m.stores[name] = thing{line: s.At()}
		}
		for _, v := range volumes {
			m.volumes[name+":"+v.Get("dir").Str()] = thing{v.At(), v.Get("id").Str()}
		}
	}
}

// beanstalk reads what becomes of the database of an environment.
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html#command-options-general-rdsdbinstance
func beanstalk(m model, root *tree.Node) {
	var database *tree.Node
	for _, e := range root.Get("option_settings").Entries() {
		if e.Key == "aws:rds:dbinstance" {
			database = e.Value
		}
	}
	setting := func(name string) *tree.Node {
		if n := database.Get(name); n != nil {
			return n
		}
		for _, o := range root.Get("option_settings").Each() {
			if o.Get("namespace").Str() == "aws:rds:dbinstance" && o.Get("option_name").Str() == name {
				return o.Get("value")
			}
		}
		return nil
	}
	if p := setting("DBDeletionPolicy"); strings.EqualFold(p.Str(), "Delete") {
		m.deleted["the database with its environment"] = thing{line: p.At()}
	}
	if c := setting("HasCoupledDatabase"); c.True() {
		m.stores["the environment's database"] = thing{line: c.At()}
	}
}

// appwrite reads the collections, tables and buckets that are pushed.
// https://appwrite.io/docs/tooling/command-line/collections
func appwrite(m model, root *tree.Node) {
	for _, kind := range [...]string{"collections", "tables", "databases", "tablesDB", "buckets"} {
		for _, c := range root.Get(kind).Each() {
			id := c.Get("$id").Str()
			m.stores[kind+"/"+id] = thing{line: c.At()}
			for _, a := range c.Get("attributes").Each() {
				m.stores[kind+"/"+id+"."+a.Get("key").Str()] = thing{a.At(), a.Get("type").Str()}
			}
		}
	}
}

// exports reads the jobs of App Engine that make copies.
// https://cloud.google.com/datastore/docs/schedule-export
func exports(m model, root *tree.Node) {
	for _, j := range root.Get("cron").Each() {
		says := strings.ToLower(j.Get("url").Str() + " " + j.Get("description").Str())
		if strings.Contains(says, "export") || strings.Contains(says, "backup") || strings.Contains(says, "snapshot") {
			m.copies[j.Get("url").Str()] = thing{line: j.At()}
		}
	}
}

// netlify reads which folder is shown to the world.
// https://docs.netlify.com/configure-builds/file-based-configuration/
func netlify(text string) (model, error) {
	m := newModel()
	for _, t := range tables(text) {
		if whole(t.get("publish")) && (t.name == "build" || strings.HasPrefix(t.name, "context.")) {
			m.shown["publish"] = thing{line: t.line}
		}
		m.proxy(t.get("from"), t.get("to"), t.line)
	}
	return m, nil
}

// redirects reads Netlify's and Cloudflare's list of ways.
// https://docs.netlify.com/routing/redirects/
func redirects(text string) (model, error) {
	m, n := newModel(), 0
	for line := range strings.Lines(text) {
		n++
		if f := strings.Fields(line); len(f) > 1 && strings.HasPrefix(f[0], "/") {
			m.proxy(f[0], f[1], n)
		}
	}
	return m, nil
}

// whole tells a folder that is the repository itself.
func whole(folder string) bool { return folder == "." || folder == "./" || folder == "/" }

// vercel reads where requests are sent on to.
// https://vercel.com/docs/project-configuration
func vercel(m model, root *tree.Node) {
	for _, kind := range [...]string{"rewrites", "routes", "redirects"} {
		for _, r := range root.Get(kind).Each() {
			m.proxy(r.Get("source").Str()+r.Get("src").Str(), r.Get("destination").Str()+r.Get("dest").Str(), r.At())
		}
	}
	if o := root.Get("outputDirectory"); whole(o.Str()) {
		m.shown["outputDirectory"] = thing{line: o.At()}
	}
}

// proxy is a way by which requests, and what they carry, go to another host.
func (m model) proxy(from, to string, line int) {
	if _, rest, ok := strings.Cut(to, "://"); ok && from != "" {
		host, _, _ := strings.Cut(rest, "/")
		m.proxies[from] = thing{line, host}
	}
}

// firebase reads which folder is shown to the world.
// https://firebase.google.com/docs/hosting/full-config
func firebase(m model, root *tree.Node) {
	for _, h := range root.Get("hosting").Each() {
		if whole(h.Get("public").Str()) {
			m.shown[h.Get("target").Str()+"public"] = thing{line: h.At()}
		}
	}
}

// hasura reads which tables of a database are served, with whose rights: each has
// a file of its own that this list takes in.
// https://hasura.io/docs/2.0/migrations-metadata-seeds/metadata-format/
func hasura(m model, root *tree.Node) {
	for _, t := range root.Each() {
		if file, ok := strings.CutPrefix(t.Str(), "!include "); ok {
			m.bindings["the table "+strings.TrimSuffix(file, path.Ext(file))] = thing{line: t.At()}
		}
	}
}

// cdk reads whether a person is asked before rights grow.
// https://docs.aws.amazon.com/cdk/v2/guide/cli.html
func cdk(m model, root *tree.Node) {
	if a := root.Get("requireApproval"); a.Str() == "broadening" || a.Str() == "any-change" {
		m.guards["requireApproval"] = thing{line: a.At()}
	}
}

// appEngine reads who may call which handler.
// https://cloud.google.com/appengine/docs/standard/reference/app-yaml#handlers_element
func appEngine(m model, root *tree.Node) {
	for _, h := range root.Get("handlers").Each() {
		if l := h.Get("login").Str(); l == "admin" || l == "required" {
			m.guards[h.Get("url").Str()+" login"] = thing{line: h.At()}
		}
	}
}

// cloudRun reads who may call a service.
// https://cloud.google.com/run/docs/securing/ingress
func cloudRun(m model, root *tree.Node) {
	notes := root.Get("metadata", "annotations")
	if i := notes.Get("run.googleapis.com/ingress").Str(); i != "" && i != "all" {
		m.guards["ingress "+i] = thing{line: notes.At()}
	}
	if n := notes.Get("run.googleapis.com/invoker-iam-disabled"); n.True() {
		m.shown["anyone may call it"] = thing{line: n.At()}
	}
}
