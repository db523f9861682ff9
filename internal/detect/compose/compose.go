// Package compose reads Compose files: what a change runs with the host's
// rights, opens to every address, forgets on a restart or writes in plain.
//
// Services are compared by name with what they were.
package compose

import (
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

type detector struct{}

// New returns the detector of Compose files.
func New() detect.Detector { return detector{} }

func (detector) Name() string          { return "compose" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }

func (detector) Wants(f *change.File) bool {
	base := strings.ToLower(path.Base(f.Path))
	if !strings.HasSuffix(base, ".yml") && !strings.HasSuffix(base, ".yaml") {
		return false
	}
	return strings.HasPrefix(base, "docker-compose") || strings.HasPrefix(base, "compose.") ||
		strings.HasPrefix(base, "compose-") || strings.HasPrefix(base, "podman-compose") ||
		strings.Contains(base, ".compose.") || strings.HasPrefix(base, "docker-stack")
}

func (detector) Detect(f *change.File, r *detect.Report) {
	if f.Before.State == f.After.State && f.Before.Body == f.After.Body {
		return
	}
	after, err := project(f.After)
	if err != nil || f.After.State == change.Unreadable {
		if err == nil {
			err = errors.New(f.After.Reason)
		}
		r.Add(detect.Unread(kinds.unreadable, err))
		return
	}
	before, err := project(f.Before)
	if err != nil { // then all that is there now counts as new
		before = nil
	}
	for _, e := range after.Get("services").Entries() {
		if e.Value.IsMap() {
			service(e.Key, before.Get("services", e.Key), e.Value, r)
		}
	}
	goneServices(before, after, r)
	goneVolumes(before, after, r)
	renamedProject(before, after, r)
}

// project reads one side; an absent one is nil.
func project(t change.Text) (*tree.Node, error) {
	if t.State != change.Loaded {
		return nil, nil
	}
	docs, err := tree.ParseYAML(t.Body)
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	return docs[0], nil
}

// issue is something dangerous in one service; two with one key are the same.
type issue struct {
	kind        *detect.Kind
	key, detail string
	line        int
}

// service reports what is new in one service, and which guards it lost.
func service(name string, before, after *tree.Node, r *detect.Report) {
	if tree.Equal(before, after) {
		return
	}
	had := map[string]bool{}
	for _, i := range issues(before) {
		had[i.key] = true
	}
	for _, i := range issues(after) {
		if !had[i.key] {
			had[i.key] = true
			r.Add(detect.Observation{Kind: i.kind, Line: i.line, Object: name, Detail: i.detail})
		}
	}
	if before == nil {
		return
	}
	still := map[string]bool{}
	for _, g := range guards(after) {
		still[g.key] = true
	}
	for _, g := range guards(before) {
		if !still[g.key] {
			r.Add(detect.Observation{Kind: g.kind, Line: g.line, Removed: true, Object: name, Detail: g.detail})
		}
	}
	image(name, before.Get("image"), after.Get("image"), r)
	version(name, before, after, r)
	told(name, before, after, r)
	lostMounts(name, before, after, r)
	movedMounts(name, before, after, r)
	for _, p := range [][]string{{"scale"}, {"deploy", "replicas"}} {
		from, okB := before.Get(p...).Number()
		to, okA := after.Get(p...).Number()
		if before.Get(p...) == nil { // one, where nothing is said
			from, okB = 1, true
		}
		if okB && okA && from > 0 && to == 0 {
			r.Add(detect.Observation{Kind: kinds.scaled, Line: after.Get(p...).At(), Object: name, Detail: strings.Join(p, ".") + " 0"})
		}
	}
}

func issues(s *tree.Node) []issue {
	var out []issue
	add := func(kind *detect.Kind, key, detail string, at *tree.Node) {
		out = append(out, issue{kind, key, detail, at.At()})
	}
	if n := s.Get("privileged"); n.True() {
		add(kinds.privileged, "privileged", "privileged", n)
	}
	for _, field := range []string{"network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"} {
		if n := s.Get(field); n.Str() == "host" {
			add(kinds.host, field, field+": host", n)
		}
	}
	for _, n := range s.Get("cap_add").Each() {
		if c := strings.TrimPrefix(strings.ToUpper(n.Str()), "CAP_"); c != "NET_BIND_SERVICE" && c != "" {
			add(kinds.capability, "cap:"+c, c, n)
		}
	}
	for _, n := range s.Get("security_opt").Each() {
		if low := strings.ToLower(n.Str()); unconfines(low) {
			add(kinds.unconfined, "opt:"+low, low, n)
		}
	}
	for _, v := range s.Get("volumes").Each() {
		if source := sourceOf(v); sensitivePath(source) {
			add(kinds.hostPath, "mount:"+source, source, v)
		}
	}
	for _, d := range s.Get("devices").Each() {
		if p, _, _ := strings.Cut(d.Str(), ":"); sensitiveDevice(p) {
			add(kinds.hostPath, "device:"+p, p, d)
		}
	}
	out = append(out, ports(s)...)
	out = append(out, environment(s)...)
	if n := s.Get("user"); rootUser(n.Str()) {
		add(kinds.root, "root", "user: "+n.Str(), n)
	}
	return out
}

// unconfines tells a security option, in lower case, that takes a fence away.
func unconfines(option string) bool {
	return strings.Contains(option, "unconfined") || strings.Contains(option, "label:disable") ||
		strings.Contains(option, "label=disable")
}

// sensitiveDevice tells the host's memory and disks.
func sensitiveDevice(p string) bool {
	return p == "/dev/mem" || p == "/dev/kmem" || strings.HasPrefix(p, "/dev/sd") || strings.HasPrefix(p, "/dev/nvme")
}

// rootUser tells root from a service's user, which a group may follow.
func rootUser(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	return name == "root" || name == "0"
}

// sourceOf is what of the host a volume mounts, "" for a named volume's name
// and all else.
func sourceOf(v *tree.Node) string {
	if v.IsMap() {
		if v.Get("type").Str() == "volume" {
			return ""
		}
		return v.Get("source").Str()
	}
	source, _, _ := strings.Cut(v.Str(), ":")
	return source
}

// sensitivePath tells a host path whose reach is the host itself.
func sensitivePath(p string) bool {
	clean := strings.TrimRight(p, "/")
	return p == "/" || hostPaths[clean] || strings.HasSuffix(clean, "/.ssh") ||
		slices.ContainsFunc(runtimeSockets, func(socket string) bool { return strings.HasSuffix(p, socket) }) ||
		slices.ContainsFunc(hostFolders, func(folder string) bool { return strings.HasPrefix(p, folder) })
}

var (
	// runtimeSockets end the paths by which a container's runtime is reached.
	runtimeSockets = []string{"docker.sock", "containerd.sock", "podman.sock", "crio.sock"}
	// hostPaths are sensitive as a whole, and not in every part.
	hostPaths = map[string]bool{"/etc": true, "/root": true, "/home": true, "/proc": true, "/sys": true, "/dev": true,
		"/boot": true, "/var": true, "/usr": true, "/lib": true, "/run": true, "/var/run": true,
		"~": true, "~/.ssh": true, "~/.aws": true, "~/.kube": true}
	// hostFolders begin the paths that are sensitive in every part.
	hostFolders = []string{"/etc/shadow", "/etc/sudoers", "/etc/ssh", "/etc/kubernetes", "/var/lib/docker", "/var/lib/kubelet"}
)

// dataPorts are those of databases, queues, caches and consoles.
var dataPorts = map[string]string{"5432": "PostgreSQL", "3306": "MySQL", "1433": "SQL Server", "1521": "Oracle",
	"27017": "MongoDB", "6379": "Redis", "9200": "Elasticsearch", "9300": "Elasticsearch", "11211": "memcached",
	"5672": "RabbitMQ", "15672": "RabbitMQ", "9092": "Kafka", "2181": "ZooKeeper", "9042": "Cassandra", "8086": "InfluxDB",
	"5984": "CouchDB", "2379": "etcd", "8123": "ClickHouse", "9000": "ClickHouse", "7474": "Neo4j", "7687": "Neo4j",
	"2375": "Docker", "22": "SSH", "3389": "RDP", "5601": "Kibana", "8500": "Consul", "8200": "Vault", "26257": "CockroachDB",
	"1883": "MQTT", "4222": "NATS", "2049": "NFS", "389": "LDAP"}

// ports finds data stores that are published on every address.
func ports(s *tree.Node) []issue {
	var out []issue
	for _, n := range s.Get("ports").Each() {
		host, target := "", ""
		if n.IsMap() {
			host, target = n.Get("host_ip").Str(), n.Get("target").Str()
			if !n.Has("published") {
				continue
			}
		} else {
			spec, _, _ := strings.Cut(n.Str(), "/")
			parts := strings.Split(spec, ":")
			target = parts[len(parts)-1]
			if len(parts) < 2 {
				continue // a port of the host's choosing
			}
			if len(parts) > 2 {
				host = strings.Join(parts[:len(parts)-2], ":")
			}
		}
		if what := dataPorts[target]; what != "" && (host == "" || host == "0.0.0.0" || host == "[::]" || host == "::") {
			out = append(out, issue{kinds.port, "port:" + target, what + " on every address", n.At()})
		}
	}
	return out
}

func environment(s *tree.Node) []issue {
	var out []issue
	check := func(name, value string, line int) {
		if secretName(name) && secretValue(value) {
			out = append(out, issue{kinds.secret, "env:" + name + value, name, line})
		}
		switch strings.ToUpper(name) {
		case "MYSQL_ALLOW_EMPTY_PASSWORD", "ALLOW_EMPTY_PASSWORD", "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD":
			if low := strings.ToLower(value); low == "1" || low == "yes" || low == "true" {
				out = append(out, issue{kinds.noPassword, "empty:" + name, name, line})
			}
		case "POSTGRES_HOST_AUTH_METHOD":
			if value == "trust" {
				out = append(out, issue{kinds.noPassword, "trust", name + " trust", line})
			}
		}
	}
	env := s.Get("environment")
	for _, e := range env.Entries() {
		check(e.Key, e.Value.Str(), e.Line)
	}
	if env.IsList() {
		for _, n := range env.Items {
			name, value, _ := strings.Cut(n.Str(), "=")
			check(name, value, n.At())
		}
	}
	return out
}

func secretName(name string) bool {
	n := strings.ToLower(name)
	for _, w := range []string{"_file", "_path", "_url", "_name", "_id", "_host", "_ttl", "_policy", "allow_empty", "_length", "_min"} {
		if strings.Contains(n, w) {
			return false
		}
	}
	for _, w := range []string{"password", "passwd", "passphrase", "secret", "api_key", "apikey", "access_key", "private_key",
		"auth_token", "access_token", "_token"} {
		if strings.Contains(n, w) {
			return true
		}
	}
	return false
}

func secretValue(v string) bool {
	low := strings.ToLower(strings.TrimSpace(v))
	if len(low) < 4 || strings.ContainsAny(low, "$<{") || strings.HasPrefix(low, "/") {
		return false
	}
	return low != "true" && low != "false" && low != "none" && low != "null" && !strings.Contains(low, "changeme") &&
		!strings.Contains(low, "placeholder") && strings.Trim(low, "x*.-") != ""
}
