package hosting

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// bound are the tables of wrangler's settings that give a Worker something with
// data, with the keys that say which.
// https://developers.cloudflare.com/workers/wrangler/configuration/
var bound = map[string]string{"d1_databases": "database_id", "kv_namespaces": "id", "r2_buckets": "bucket_name", "hyperdrive": "id",
	"vectorize": "index_name", "queues.producers": "queue", "durable_objects.bindings": "class_name"}

func wrangler(ext string) func(string) (model, error) {
	if ext == ".toml" {
		return wranglerTOML
	}
	return wranglerJSON
}

func wranglerTOML(text string) (model, error) {
	m := newModel()
	for _, t := range tables(text) {
		section, name := t.name, t.name
		scope := ""
		if strings.HasPrefix(name, "env.") {
			parts := strings.SplitN(name, ".", 3)
			if len(parts) == 3 {
				scope, section = parts[1]+"/", parts[2]
			}
		}
		if key, ok := bound[section]; ok {
			m.bind(scope, section, t.get("binding")+t.get("name"), t.get(key), t.line)
		}
		for s, key := range bound { // written as one value
			for _, one := range t.inline(s[strings.LastIndexByte(s, '.')+1:]) {
				if strings.HasPrefix(s, section+".") || section == "" {
					m.bind(scope, s, one["binding"]+one["name"], one[key], t.line)
				}
			}
		}
		if section == "migrations" {
			for _, class := range t.list("deleted_classes") {
				m.deleted[t.get("tag")+"/"+class] = thing{line: t.line}
			}
		}
	}
	return m, nil
}

func (m model) bind(scope, section, name, id string, line int) {
	if name != "" {
		m.bindings[scope+section+"/"+name] = thing{line, id}
	}
}

func wranglerJSON(text string) (model, error) {
	m := newModel()
	root, err := tree.ParseJSON(text)
	if err != nil {
		return m, err
	}
	read := func(scope string, n *tree.Node) {
		for section, key := range bound {
			for _, b := range n.Get(strings.Split(section, ".")...).Each() {
				m.bind(scope, section, b.Get("binding").Str()+b.Get("name").Str(), b.Get(key).Str(), b.At())
			}
		}
		for _, g := range n.Get("migrations").Each() {
			for _, class := range g.Get("deleted_classes").Strings() {
				m.deleted[g.Get("tag").Str()+"/"+class] = thing{line: g.At()}
			}
		}
	}
	read("", root)
	for _, env := range root.Get("env").Entries() {
		read(env.Key+"/", env.Value)
	}
	return m, nil
}

// dataPorts are those of stores.
var dataPorts = map[string]bool{"5432": true, "3306": true, "6379": true, "27017": true, "9200": true, "11211": true, "8123": true}

// fly reads fly.toml: a mount is by its destination.
// https://fly.io/docs/reference/configuration/#the-mounts-section
func fly(text string) (model, error) {
	m := newModel()
	var app thing
	inner := "" // the port of a store that the services at hand have
	for _, t := range tables(text) {
		if t.name == "" && t.get("app") != "" {
			app = thing{t.line, t.get("app")}
		}
		if t.name == "http_service" && t.get("force_https") == "true" {
			m.guards["force_https"] = thing{line: t.line}
		}
		if t.name == "mounts" || t.name == "mount" {
			m.volumes[t.get("destination")] = thing{t.line, t.get("source")}
		}
		for _, one := range t.inline("mounts") {
			m.volumes[one["destination"]] = thing{t.line, one["source"]}
		}
		if port := t.get("internal_port"); t.name == "services" && dataPorts[port] {
			inner = "port " + port
		}
		if t.name == "services.ports" && inner != "" {
			m.shown[inner] = thing{line: t.line}
		}
	}
	if len(m.volumes) > 0 && app.id != "" { // volumes belong to one app
		m.bindings["app"] = app
	}
	return m, nil
}

// kept are types of Render's services that hold data.
var kept = map[string]bool{"redis": true, "keyvalue": true}

// render reads a blueprint.
// https://render.com/docs/blueprint-spec
func render(text string) (model, error) {
	m := newModel()
	docs, err := tree.ParseYAML(text)
	if err != nil || len(docs) == 0 {
		return m, err
	}
	var read func(n *tree.Node, depth int)
	read = func(n *tree.Node, depth int) {
		for _, d := range n.Get("databases").Each() {
			name := d.Get("name").Str()
			m.stores[name] = thing{line: d.At()}
			m.plans[name] = thing{d.At(), d.Get("plan").Str()} // a free one is deleted after a month
		}
		for _, s := range n.Get("services").Each() {
			name := s.Get("name").Str()
			if does := strings.ToLower(name + s.Get("dockerCommand").Str() + s.Get("startCommand").Str()); s.Get("type").Str() == "cron" &&
				(strings.Contains(does, "backup") || strings.Contains(does, "_dump")) {
				m.copies[name] = thing{line: s.At()}
			}
			for _, v := range s.Get("envVars").Each() {
				if from := v.Get("fromDatabase", "name"); from.Str() != "" {
					m.bindings[name+"/"+v.Get("key").Str()] = thing{from.At(), from.Str()}
				}
			}
			if s.Get("type").Str() == "pserv" {
				m.guards[name+" is private"] = thing{line: s.At()}
			}
			if kept[s.Get("type").Str()] {
				m.stores[name] = thing{line: s.At()}
			}
			if disk := s.Get("disk"); disk.IsMap() {
				m.volumes[name+":"+disk.Get("mountPath").Str()] = thing{disk.At(), disk.Get("name").Str()}
			}
		}
		if depth < 3 {
			for _, p := range n.Get("projects").Each() {
				for _, e := range p.Get("environments").Each() {
					read(e, depth+1)
				}
			}
		}
	}
	read(docs[0], 0)
	return m, nil
}

// digitalOcean reads an app spec.
// https://docs.digitalocean.com/products/app-platform/reference/app-spec/
func digitalOcean(text string) (model, error) {
	m := newModel()
	docs, err := tree.ParseYAML(text)
	if err != nil || len(docs) == 0 {
		return m, err
	}
	root := docs[0]
	if spec := root.Get("spec"); spec.IsMap() {
		root = spec
	}
	for _, d := range root.Get("databases").Each() {
		m.stores[d.Get("name").Str()] = thing{d.At(), d.Get("cluster_name").Str()}
	}
	return m, nil
}

// railway reads railway.toml and railway.json.
// https://docs.railway.com/reference/config-as-code
func railway(ext string) func(string) (model, error) {
	return func(text string) (model, error) {
		m := newModel()
		if ext == ".json" {
			root, err := tree.ParseJSON(text)
			if at := root.Get("deploy", "requiredMountPath"); at.Str() != "" {
				m.volumes[at.Str()] = thing{line: at.At()}
			}
			return m, err
		}
		for _, t := range tables(text) {
			if at := t.get("requiredMountPath"); at != "" {
				m.volumes[at] = thing{line: t.line}
			}
		}
		return m, nil
	}
}

// heroku reads app.json: the add-ons that hold data.
func heroku(text string) (model, error) {
	m := newModel()
	root, err := tree.ParseJSON(text)
	for _, a := range root.Get("addons").Each() {
		plan := a.Str() + a.Get("plan").Str()
		name, _, _ := strings.Cut(plan, ":")
		for _, w := range [...]string{"postgres", "redis", "mysql", "mongo", "kafka", "jawsdb", "cleardb", "memcached", "elastic", "searchbox"} {
			if strings.Contains(name, w) {
				m.stores[name] = thing{line: a.At()}
			}
		}
	}
	return m, err
}

// platform reads the services and mounts of Platform.sh and Upsun.
// https://docs.platform.sh/add-services.html
func platform(text string) (model, error) {
	m := newModel()
	docs, err := tree.ParseYAML(text)
	if err != nil || len(docs) == 0 {
		return m, err
	}
	services := docs[0]
	if s := services.Get("services"); s.IsMap() {
		services = s
	}
	for _, f := range services.Entries() {
		if f.Value.Get("type").Str() != "" && f.Value.Get("source") == nil {
			m.stores[f.Key] = thing{f.Line, f.Value.Get("type").Str()}
			if product, _, _ := strings.Cut(f.Value.Get("type").Str(), ":"); product != "postgresql" && product != "elasticsearch" {
				m.stores[f.Key] = thing{f.Line, product} // these cannot be upgraded in place
			}
		}
	}
	apps := []*tree.Node{docs[0]}
	for _, f := range docs[0].Get("applications").Entries() {
		apps = append(apps, f.Value)
	}
	for _, app := range apps {
		for _, f := range app.Get("mounts").Entries() {
			m.volumes[f.Key] = thing{line: f.Line}
		}
	}
	return m, nil
}
