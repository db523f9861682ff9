package command

import (
	"github.com/gatehold/gatehold/internal/detect/shell"
	"strings"
)

// finding is what a command does to what.
type finding struct {
	kind   *kind
	object string
	detail string
}

func found(k *kind, object, detail string) []finding { return []finding{{k, object, detail}} }

// args are the words of a command without its flags, and its flags.
func (c *command) args() (plain []string, flags []string) {
	for _, w := range c.words[1:] {
		if len(w.Text) > 1 && w.Text[0] == '-' {
			flags = append(flags, w.Text)
		} else {
			plain = append(plain, w.Text)
		}
	}
	return plain, flags
}

// verb is the subcommand's words: the plain ones before anything else.
func (c *command) verbs(n int) string {
	plain, _ := c.args()
	return strings.Join(plain[:min(n, len(plain))], " ")
}

func (c *command) flag(names ...string) bool {
	for _, w := range c.words[1:] {
		for _, n := range names {
			if w.Text == n || strings.HasPrefix(w.Text, n+"=") {
				return true
			}
		}
	}
	return false
}

func (c *command) has(parts ...string) bool {
	all := strings.ToLower(shell.Join(c.words))
	for _, p := range parts {
		if strings.Contains(all, p) {
			return true
		}
	}
	return false
}

// rm looks at what is removed recursively. What lies in the repository, in
// temporary folders, caches or build output can be had again.
func rm(c *command) []finding {
	plain, flags := c.args()
	recursive, preserve := false, true
	for _, f := range flags {
		if f == "--recursive" || f == "-Recurse" || f[0] == '-' && f[1] != '-' && strings.ContainsAny(f, "rR") {
			recursive = true
		}
		if f == "--no-preserve-root" {
			preserve = false
		}
	}
	if !recursive {
		return nil
	}
	if !preserve {
		return found(kindDeleteRoot, "/", "--no-preserve-root")
	}
	var out []finding
	for _, p := range plain {
		if k := removed(p); k != nil {
			out = append(out, finding{k, p, ""})
		}
	}
	return out
}

// roots are folders that a system or its data begin with.
var roots = map[string]bool{"/": true, "~": true, "$HOME": true, "${HOME}": true, "/home": true, "/root": true, "/etc": true,
	"/usr": true, "/var": true,
	"/boot": true, "/opt": true, "/bin": true, "/lib": true, "/sbin": true, "/var/lib": true, "/srv": true, "/mnt": true,
	"/media": true, "/dev": true,
	"C:": true, "c:": true, "/Users": true, "/System": true, "/Library": true}

// dataParts are parts of paths under which data lies that nothing else holds.
var dataParts = []string{"pgdata", "/var/lib/postgresql", "/var/lib/mysql", "/var/lib/mongo", "/var/lib/redis", "/var/lib/etcd",
	"/var/lib/elasticsearch",
	"/var/lib/docker", "/var/lib/kubelet", "/var/lib/rancher", "/var/lib/cassandra", "/var/lib/kafka", "/var/lib/clickhouse",
	"/var/lib/influxdb", "/var/lib/rabbitmq",
	"/var/lib/grafana", "/var/lib/prometheus", "/var/lib/neo4j", "/var/lib/minio", "/var/lib/ceph", "/var/lib/containerd",
	"/var/www", "/var/log", "/backup", "backups",
	"/data", "/srv/", "/mnt/", "/media/", "/home/", "volumes", "uploads", "db_data", "db-data", "mysql-data", "postgres-data",
	"redis-data", "wal_archive", "snapshots"}

var safeParts = []string{"/tmp", "tmp/", "temp", "cache", "node_modules", "build", "dist", "target", "/out", "coverage",
	"vendor", "__pycache__", "/test", "lists",
	"test", "fixture", "mock", "sample", "example", "artifacts", "/usr/share", "/usr/local", "/opt/hostedtoolcache", "/opt/ghc",
	"/opt/az", "/imagegeneration", ".egg-info", "github.workspace", "runner."}

func removed(p string) *kind {
	bare := strings.TrimSuffix(strings.TrimSuffix(p, "*"), "/")
	if p == "/" || p == "/*" || roots[bare] {
		return kindDeleteRoot
	}
	switch bare {
	case "", ".", "..", ".git", "./.git":
		if bare == "" || bare == "." || bare == ".." || strings.HasSuffix(bare, ".git") {
			return kindDeleteTree
		}
	}
	if strings.HasPrefix(p, "$") && !strings.HasPrefix(p, "${{") && !strings.HasPrefix(p, "$(") {
		return removedVariable(p)
	}
	l := strings.ToLower(p)
	for _, s := range safeParts {
		if strings.Contains(l, s) {
			return nil
		}
	}
	for _, d := range dataParts {
		if strings.Contains(l, d) {
			if strings.HasPrefix(d, "/") && !strings.HasPrefix(l, "/") && !strings.HasPrefix(l, "$") &&
				!strings.HasPrefix(l, "~") && d != "/backup" {
				continue // src/data is in the repository
			}
			return kindDeleteData
		}
	}
	return nil
}

// removedVariable looks at what a variable leads: empty, it leaves the root
// with whatever follows it.
func removedVariable(p string) *kind {
	name := p[1:]
	rest := ""
	if strings.HasPrefix(p, "${") {
		end := strings.IndexByte(p, '}')
		if end < 0 {
			return nil
		}
		name, rest = p[2:end], p[end+1:]
		if strings.Contains(name, ":?") || strings.Contains(name, ":-") {
			return nil // stops, or has a default, where it is not set
		}
	} else if i := strings.IndexAny(name, "/*"); i >= 0 {
		name, rest = name[:i], name[i:]
	}
	l := strings.ToLower(name)
	for _, w := range [...]string{"tmp", "temp", "cache", "build", "dist", "work", "test", "coverage", "artifact", "out",
		"staging_dir", "runner", "node_modules", "venv"} {
		if strings.Contains(l, w) {
			return nil
		}
	}
	for _, w := range [...]string{"data", "backup", "volume", "storage", "mount", "pg", "mysql", "home"} {
		if strings.Contains(l, w) {
			return kindDeleteData
		}
	}
	if rest == "/" || rest == "/*" {
		return kindDeleteVariable
	}
	return nil
}

// find looks at -delete and -exec rm.
func find(c *command) []finding {
	if !c.flag("-delete") && !(c.flag("-exec", "-execdir") && c.has(" rm ")) {
		return nil
	}
	for _, w := range c.words[1:] {
		if strings.HasPrefix(w.Text, "-") {
			break
		}
		if k := removed(w.Text); k == kindDeleteRoot || k == kindDeleteData {
			if c.flag("-mtime", "-mmin", "-ctime") && k == kindDeleteData {
				return found(kindDeleteOld, w.Text, "")
			}
			return found(k, w.Text, "")
		}
	}
	return nil
}

// disk are programs that overwrite what they are given.
func disk(c *command) []finding {
	name := c.name
	plain, _ := c.args()
	if len(plain) == 0 && name != "shred" {
		return nil
	}
	target := ""
	if len(plain) > 0 {
		target = plain[len(plain)-1]
	}
	switch {
	case name == "dd":
		for _, p := range plain {
			if of, ok := strings.CutPrefix(p, "of="); ok && strings.HasPrefix(of, "/dev/") && of != "/dev/null" && of != "/dev/stdout" {
				return found(kindWipe, of, "dd")
			}
		}
		return nil
	case name == "shred":
		if strings.HasPrefix(target, "/tmp") || c.flag("--version", "--help") {
			return nil
		}
	case name == "zpool" || name == "zfs" || name == "btrfs":
		if !c.has("destroy", "subvolume delete") {
			return nil
		}
	case name == "parted" || name == "sgdisk" || name == "fdisk" || name == "sfdisk":
		if !c.has("mklabel", "--zap-all", " -z", " rm ", "--delete") {
			return nil
		}
	case name == "mdadm":
		if !c.has("--zero-superblock", "--stop") {
			return nil
		}
	case name == "diskutil":
		if !c.has("erase", "delete") {
			return nil
		}
	case name == "truncate":
		if !strings.HasPrefix(target, "/var/") && !strings.HasPrefix(target, "/data") {
			return nil
		}
		return found(kindDeleteData, target, "truncate")
	case strings.HasPrefix(name, "mkfs"):
		if strings.HasSuffix(target, ".img") || strings.HasSuffix(target, ".iso") {
			return nil
		}
	}
	return found(kindWipe, target, name)
}

// chmod looks for files that everybody may write.
func chmod(c *command) []finding {
	plain, flags := c.args()
	recursive := false
	for _, f := range flags {
		recursive = recursive || f == "--recursive" || f[1] != '-' && strings.Contains(f, "R")
	}
	if len(plain) == 0 {
		return nil
	}
	mode := strings.TrimLeft(plain[0], "0")
	switch {
	case mode == "777" || mode == "666" || mode == "a+rwx" || mode == "a+w" || mode == "ugo+rwx" || mode == "o+w":
		target := ""
		if len(plain) > 1 {
			target = plain[1]
		}
		if strings.HasPrefix(target, "/tmp") {
			return nil
		}
		if recursive && strings.ContainsAny(target[:min(1, len(target))], "/~$.") {
			return found(kindWorldWritable, target, "chmod -R "+plain[0])
		}
		return found(kindWorldWritableFile, target, "chmod "+plain[0])
	case mode == "u+s" || mode == "g+s" || mode == "+s" || len(mode) == 4 && (mode[0] == '4' || mode[0] == '6'):
		return found(kindSetuid, strings.Join(plain[1:], " "), "chmod "+plain[0])
	}
	return nil
}
