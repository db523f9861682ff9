// Package command finds commands that destroy data, tear infrastructure down,
// run what comes from the network or switch a guard off, in what a change adds
// to scripts, Makefiles, workflows and other CI files, Dockerfiles, package
// scripts and program text that calls a shell.
//
// Lines are read as a shell would: quotes, operators, substitutions, sudo, sh
// -c and ssh are seen through, and a dangerous word in an echo or a comment is
// just a word. Build output, caches and test databases can be had again and are
// not reported, or with a risk that is noise.
package command

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/keyword"
)

type kind = detect.Kind

// maxBytes bounds what is read of one file; scripts are far smaller.
const maxBytes = 2 << 20

type detector struct{}

// New returns the detector of dangerous commands.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "command" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes files in which commands stand.
func (detector) Wants(f *change.File) bool {
	return f.Status != change.Removed && formOf(f) != noForm
}

// programs are what to look at a command with, by its program's name.
var programs = map[string]func(*command) []finding{
	"rm": rm, "rmdir": nil, "rd": rm, "Remove-Item": rm, "find": find, "dd": disk, "shred": disk, "wipefs": disk,
	"blkdiscard": disk, "mkfs": disk, "mkfs.ext4": disk,
	"mkfs.xfs": disk, "mkfs.btrfs": disk, "mkfs.ext3": disk, "mkfs.vfat": disk, "mkswap": nil, "parted": disk, "sgdisk": disk,
	"fdisk": disk, "sfdisk": disk, "lvremove": disk, "vgremove": disk,
	"pvremove": disk, "zpool": disk, "zfs": disk, "btrfs": disk, "mdadm": disk, "diskutil": disk, "truncate": disk, "chmod": chmod,
	"psql": client, "mysql": client, "mariadb": client, "sqlcmd": client, "clickhouse-client": client, "sqlite3": client,
	"cockroach": client, "usql": client, "snowsql": client, "isql": client, "sqlplus": client, "duckdb": client,
	"dropdb": dropdb, "mysqladmin": mysqladmin, "redis-cli": stores, "valkey-cli": stores, "keydb-cli": stores,
	"mongosh": stores, "mongo": stores, "mongorestore": stores, "pg_restore": stores,
	"etcdctl": stores, "consul": stores, "kafka-topics": stores, "kafka-topics.sh": stores, "rabbitmqctl": stores,
	"influx": stores, "cqlsh": stores, "pg_resetwal": stores, "pg_resetxlog": stores, "vault": stores,
	"kubectl": kubectl, "oc": kubectl, "k": kubectl, "helm": helm, "terraform": infra, "tofu": infra, "terragrunt": infra,
	"pulumi": infra, "cdk": infra, "cdktf": infra, "sls": infra, "serverless": infra, "eksctl": infra, "kops": infra,
	"aws": aws, "awslocal": nil, "gcloud": otherClouds, "gsutil": otherClouds, "bq": otherClouds, "az": otherClouds,
	"doctl": otherClouds, "heroku": otherClouds, "fly": otherClouds, "flyctl": otherClouds,
	"ibmcloud": otherClouds, "oci": otherClouds, "linode-cli": otherClouds, "hcloud": otherClouds, "wrangler": otherClouds,
	"netlify": otherClouds, "vercel": otherClouds, "neonctl": otherClouds, "rclone": otherClouds, "mc": otherClouds,
	"supabase": otherClouds, "pscale": otherClouds, "turso": otherClouds, "railway": otherClouds,
	"docker": containers, "podman": containers, "docker-compose": containers, "nerdctl": containers, "git": git, "gh": gh,
}

// words are what a line must hold to be worth reading: a program that is
// looked at, a shell, or a part of a framework's command.
var words = sync.OnceValue(func() *keyword.Matcher {
	list := []string{"curl", "wget", "iwr", "irm", "invoke-", "downloadstring", "/dev/tcp", "/dev/udp", "nc ", "ncat", "netcat",
		"socat", "connect(", "drop ", "truncate ", "delete from",
		"systemctl", "service ", "crontab", "ufw ", "iptables", "setenforce", "auditctl", "csrutil", "netsh", "mppreference",
		"history -c", "journalctl", "tls_reject", "strict-ssl", "teardown"}
	for name := range programs {
		// A short name counts with what follows it; "rm" stands in "term".
		for _, after := range [...]string{" ", "\t", "\"", "'", "\\"} {
			list = append(list, strings.ToLower(name)+after)
		}
	}
	for _, o := range orms {
		longest := ""
		for _, p := range o.parts {
			if p = strings.TrimSpace(p); len(p) > len(longest) {
				longest = p
			}
		}
		list = append(list, longest)
	}
	slices.Sort(list)
	return keyword.New(slices.Compact(list))
})

func worth(line string) bool {
	yes := false
	words().Find(line, func(int32, int) { yes = true })
	return yes
}

// Detect reads the added lines.
func (detector) Detect(f *change.File, r *detect.Report) {
	if f.After.State == change.Absent || f.Before.State == change.Loaded && f.Before.Body == f.After.Body {
		return
	}
	if f.After.State != change.Loaded || len(f.After.Body) > maxBytes {
		why := f.After.Reason
		if f.After.State == change.Loaded {
			why = "larger than any script should be"
		}
		r.Add(detect.Observation{Kind: kindUnreadable, Object: path.Base(f.Path), Detail: why})
		return
	}
	form := formOf(f)
	if form == shell && path.Ext(f.Path) == "" && !shebang(f.After.Body) && f.Mode == change.ModeExecutable {
		return // another language, or a binary
	}
	if !worth(f.After.Body) {
		return
	}
	s := state{form: form, test: testPath(f.Path), where: sync.OnceValue(func() string {
		return strings.ToLower(f.After.Body[:min(len(f.After.Body), 64<<10)])
	})}
	for _, l := range logicals(f.After.Body, f.AddedLines()) {
		for _, o := range s.line(l) {
			r.Add(o)
		}
	}
}

func shebang(body string) bool {
	first, _, _ := strings.Cut(body, "\n")
	return strings.HasPrefix(first, "#!") && strings.Contains(first, "sh")
}

// state is the work on one file.
type state struct {
	form  form
	where func() string // the text in lower case, for what it says about itself
	test  bool
}

// line looks at one command line.
func (s *state) line(l logical) []detect.Observation {
	if !worth(l.text) {
		return nil
	}
	src := shellOf(s.form, l.text)
	if len(src) < 4 {
		return nil
	}
	cmds := parse(src, l.line, 0, nil)
	var all []finding
	for i := range cmds {
		all = append(all, s.command(&cmds[i])...)
	}
	all = append(all, piped(cmds)...)
	all = append(all, exfiltrates(cmds)...)
	if !spoken(cmds) {
		all = append(all, reverse(src)...)
		if len(all) == 0 {
			all = append(all, s.statement(src, cmds)...)
		}
	}
	var out []detect.Observation
	seen := map[string]bool{}
	for _, f := range all {
		if seen[f.kind.ID+f.object] {
			continue
		}
		seen[f.kind.ID+f.object] = true
		k := f.kind
		if s.test && k != kindReverseShell && k != kindExfiltrate {
			k = kindInTest
		}
		out = append(out, detect.Observation{Kind: k, Line: l.line, Object: f.object, Detail: f.detail})
	}
	return out
}

func (s *state) command(c *command) []finding {
	name := base(c.words[0].s)
	if speaks[name] {
		return nil
	}
	var out []finding
	if look := programs[name]; look != nil {
		out = append(out, look(c)...)
	}
	out = append(out, frameworks(c, s.where)...)
	return append(out, guards(c)...)
}

// speaks are programs that only say what they are given.
var speaks = map[string]bool{"echo": true, "printf": true, "log": true, "Write-Host": true, "Write-Output": true, "info": true,
	"warn": true, "print": true,
	"console.log": true, "logger": true, "grep": true, "rg": true, "git-grep": true, "man": true, "which": true, "type": true,
	"test": true, "[": true, "[[": true, "#": true, "say": true, "fail": true, "die": true}

// spoken tells whether a line only says something: what is printed and not
// handed on does nothing.
func spoken(cmds []command) bool {
	for i := range cmds {
		if !speaks[base(cmds[i].words[0].s)] {
			return false
		}
	}
	return true
}

// statement looks for SQL that stands on a line of its own: in a
// here-document, or piped into a client.
func (s *state) statement(src string, cmds []command) []finding {
	if s.form == code || s.form == yaml && !strings.Contains(s.where(), "psql") && !strings.Contains(s.where(), "mysql") &&
		!strings.Contains(s.where(), "sql") {
		return nil
	}
	first := strings.ToLower(cmds[0].words[0].s)
	for i := range cmds {
		if client := programs[base(cmds[i].words[0].s)]; client != nil && cmds[i].piped {
			return sqlIn(src)
		}
	}
	if first == "drop" || first == "truncate" || first == "delete" {
		return sqlIn(src)
	}
	return nil
}
