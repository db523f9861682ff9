package kubernetes

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// issue is something dangerous in one object; two with one key are the same.
// Issues of a group can stand for each other: where a worse one went, the one
// that came is no news.
type issue struct {
	kind   *detect.Kind
	key    string
	detail string
	line   int
	group  string
	rank   int
	// changed issues count only in objects that were there before.
	changed bool
}

// guarded is a protection in one object; scope says whether what it protects
// is still there in the object after.
type guarded struct {
	kind   *detect.Kind
	key    string
	detail string
	line   int
	scope  func(after *object) bool
}

func newIssues(before, after []issue) []issue {
	had, has, lost := map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, i := range after {
		has[i.key] = true
	}
	for _, i := range before {
		had[i.key] = true
		if i.group != "" && !has[i.key] {
			lost[i.group] = max(lost[i.group], i.rank)
		}
	}
	var out []issue
	for _, i := range after {
		if had[i.key] || i.group != "" && lost[i.group] > i.rank {
			continue
		}
		had[i.key] = true
		out = append(out, i)
	}
	return out
}

func issuesOf(o *object) []issue {
	var out []issue
	for _, p := range podSpecs(o.body) {
		out = append(out, podIssues(p)...)
	}
	out = append(out, forcedIssues(o)...)
	switch o.kind {
	case "Role", "ClusterRole":
		out = append(out, roleIssues(o)...)
	case "RoleBinding", "ClusterRoleBinding":
		out = append(out, bindingIssues(o)...)
	case "Secret":
		out = append(out, secretIssues(o)...)
	case "ConfigMap":
		out = append(out, configIssues(o)...)
	case "Kustomization", "Component":
		out = append(out, kustomizeIssues(o)...)
	case jsonPatch:
		out = append(out, opsIssues(o.body, "", o)...)
	default:
		out = append(out, otherIssues(o)...)
	}
	return out
}

func guardsOf(o *object) []guarded {
	var out []guarded
	for _, p := range podSpecs(o.body) {
		out = append(out, podGuards(p)...)
	}
	return append(out, otherGuards(o)...)
}

// podSpecs finds every pod specification in a manifest, whatever it is
// wrapped in: a map that lists containers, or that stands where workloads have
// theirs, as a patch need not name a container.
func podSpecs(n *tree.Node) []*tree.Node {
	var out []*tree.Node
	tree.Walk(n, func(path []string, n *tree.Node) bool {
		if !n.IsMap() {
			return len(path) < 10 && len(out) < 1_000
		}
		if n.Get("containers").IsList() || n.Get("initContainers").IsList() {
			out = append(out, n)
			return false
		}
		if d := len(path); d >= 2 && path[d-1] == "spec" && path[d-2] == "template" {
			out = append(out, n)
		}
		return len(path) < 10 && len(out) < 1_000
	})
	return out
}

type container struct {
	name string
	*tree.Node
}

func containersOf(pod *tree.Node) []container {
	var out []container
	for _, list := range []string{"initContainers", "containers", "ephemeralContainers"} {
		for _, c := range pod.Get(list).Each() {
			if c.IsMap() {
				out = append(out, container{c.Get("name").Str(), c})
			}
		}
	}
	return out
}

// podIssues reads one pod specification.
func podIssues(pod *tree.Node) []issue {
	var out []issue
	add := func(kind *detect.Kind, key, detail string, at *tree.Node) {
		out = append(out, issue{kind: kind, key: key, detail: detail, line: at.At()})
	}
	for _, field := range []string{"hostNetwork", "hostPID", "hostIPC"} {
		if n := pod.Get(field); n.True() {
			add(kinds.hostNamespace, field, field, n)
		}
	}
	for _, v := range pod.Get("volumes").Each() {
		if p := v.Get("hostPath", "path"); p != nil {
			add(kinds.hostPath, "hostPath:"+p.Str(), p.Str(), p)
		}
	}
	security("", pod.Get("securityContext"), add)
	for _, s := range pod.Get("securityContext", "sysctls").Each() {
		if name := s.Get("name").Str(); name != "" && !safeSysctls[name] && !filledIn(name) {
			add(kinds.sysctl, "sysctl:"+name, name, s)
		}
	}
	for _, c := range containersOf(pod) {
		security(c.name+":", c.Get("securityContext"), add)
		for _, port := range c.Get("ports").Each() {
			if n := port.Get("hostPort"); n.Str() != "" && n.Str() != "0" && port.Has("containerPort") { // else it is refused
				add(kinds.hostPort, c.name+":hostPort:"+n.Str(), "hostPort "+n.Str(), n)
			}
		}
		containerIssues(c, add)
	}
	return out
}

// security reads a security context of a pod or container.
func security(scope string, sc *tree.Node, add func(*detect.Kind, string, string, *tree.Node)) {
	if !sc.IsMap() {
		return
	}
	if n := sc.Get("privileged"); n.True() {
		add(kinds.privileged, scope+"privileged", "privileged", n)
	}
	if n := sc.Get("windowsOptions", "hostProcess"); n.True() {
		add(kinds.privileged, scope+"hostProcess", "hostProcess", n)
	}
	if n := sc.Get("allowPrivilegeEscalation"); n.True() {
		add(kinds.escalation, scope+"escalation", "allowPrivilegeEscalation", n)
	}
	if n := sc.Get("runAsUser"); n.Str() == "0" {
		add(kinds.root, scope+"root", "runAsUser 0", n)
	}
	if n := sc.Get("runAsNonRoot"); n.False() {
		add(kinds.root, scope+"root", "runAsNonRoot false", n)
	}
	if n := sc.Get("procMount"); strings.EqualFold(n.Str(), "Unmasked") {
		add(kinds.hostNamespace, scope+"procMount", "procMount Unmasked", n)
	}
	if n := sc.Get("seccompProfile", "type"); strings.EqualFold(n.Str(), "Unconfined") {
		add(kinds.unconfined, scope+"seccomp", "seccomp Unconfined", n)
	}
	if n := sc.Get("appArmorProfile", "type"); strings.EqualFold(n.Str(), "Unconfined") {
		add(kinds.unconfined, scope+"apparmor", "AppArmor Unconfined", n)
	}
	for _, c := range sc.Get("capabilities", "add").Each() {
		name := strings.TrimPrefix(strings.ToUpper(c.Str()), "CAP_")
		if name != "" && !plainCapabilities[name] && !strings.HasPrefix(name, "TPL") {
			add(kinds.capability, scope+"cap:"+name, name, c)
		}
	}
}

// plainCapabilities are those that containers have anyway, or that only bind
// a low port.
var plainCapabilities = map[string]bool{"NET_BIND_SERVICE": true, "CHOWN": true, "FOWNER": true, "SETUID": true, "SETGID": true,
	"KILL": true, "SETFCAP": true, "SETPCAP": true,
	"DAC_OVERRIDE": true, "FSETID": true, "SYS_CHROOT": true, "AUDIT_WRITE": true}

// safeSysctls are isolated between pods of one node.
// https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
var safeSysctls = map[string]bool{"kernel.shm_rmid_forced": true, "net.ipv4.ip_local_port_range": true,
	"net.ipv4.tcp_syncookies": true, "net.ipv4.ping_group_range": true,
	"net.ipv4.ip_unprivileged_port_start": true, "net.ipv4.ip_local_reserved_ports": true, "net.ipv4.tcp_keepalive_time": true,
	"net.ipv4.tcp_fin_timeout":     true,
	"net.ipv4.tcp_keepalive_intvl": true, "net.ipv4.tcp_keepalive_probes": true, "net.ipv4.tcp_rmem": true, "net.ipv4.tcp_wmem": true}

func containerIssues(c container, add func(*detect.Kind, string, string, *tree.Node)) {
	if n := c.Get("image"); strings.HasSuffix(strings.ToLower(n.Str()), ":latest") {
		add(kinds.image, c.name+":image", n.Str(), n)
	}
	for _, e := range c.Get("env").Each() {
		if v := e.Get("value"); looksSecret(e.Get("name").Str(), v.Str()) {
			add(kinds.plainSecret, "env:"+c.name+e.Get("name").Str()+v.Str(), "environment variable "+e.Get("name").Str(), v)
		}
	}
	for _, list := range []string{"command", "args"} {
		for _, a := range c.Get(list).Each() {
			flag := strings.ToLower(strings.TrimSpace(a.Str()))
			for _, bad := range weakFlags {
				if strings.HasPrefix(flag, bad) {
					add(kinds.controlPlane, c.name+":flag:"+bad, bad, a)
				}
			}
		}
	}
}

// weakFlags switch off what a control plane, kubelet or dashboard asks for.
var weakFlags = []string{"--anonymous-auth=true", "--authorization-mode=alwaysallow", "--insecure-bind-address",
	"--token-auth-file", "--basic-auth-file", "--kubelet-https=false",
	"--read-only-port=10255", "--enable-skip-login", "--enable-insecure-login", "--client-cert-auth=false", "--auto-tls=true",
	"--insecure-allow-any-token", "--disable-admission-plugins",
	"--enable-admission-plugins=alwaysadmit", "--profiling=true", "--service-account-lookup=false", "--kubelet-insecure-tls",
	"--insecure-skip-tls-verify", "--auth-mode=server", "--bind-address=0.0.0.0"}

// podGuards lists what protects a pod, so that its loss can be seen.
func podGuards(pod *tree.Node) []guarded {
	var out []guarded
	add := func(kind *detect.Kind, key, detail string, at *tree.Node, name string) {
		out = append(out, guarded{kind: kind, key: key, detail: detail, line: at.At(),
			scope: func(after *object) bool { return hasContainer(after, name) }})
	}
	if n := pod.Get("automountServiceAccountToken"); n.False() {
		add(kinds.token, "automount", "automountServiceAccountToken", n, "")
	}
	contexts(pod, func(scope, name string, sc *tree.Node) {
		if n := sc.Get("runAsNonRoot"); n.True() {
			add(kinds.root, scope+"nonroot", "runAsNonRoot", n, name)
		}
		if n := sc.Get("runAsUser"); n.Str() != "" && n.Str() != "0" {
			add(kinds.root, scope+"user", "runAsUser "+n.Str(), n, name)
		}
		if n := sc.Get("allowPrivilegeEscalation"); n.False() {
			add(kinds.escalation, scope+"escalation", "allowPrivilegeEscalation", n, name)
		}
		if n := sc.Get("readOnlyRootFilesystem"); n.True() {
			add(kinds.hardening, scope+"readonly", "readOnlyRootFilesystem", n, name)
		}
		if n := sc.Get("seccompProfile", "type"); n.Str() != "" && !strings.EqualFold(n.Str(), "Unconfined") {
			add(kinds.unconfined, scope+"seccomp", "seccompProfile", n, name)
		}
		if n := sc.Get("capabilities", "drop"); n != nil {
			for _, s := range n.Strings() {
				if strings.EqualFold(s, "all") || strings.EqualFold(s, "NET_RAW") {
					add(kinds.capability, scope+"drop:"+strings.ToUpper(s), "no longer drops "+s, n, name)
				}
			}
		}
	})
	return out
}

func contexts(pod *tree.Node, visit func(scope, name string, sc *tree.Node)) {
	if sc := pod.Get("securityContext"); sc.IsMap() {
		visit("pod:", "", sc)
	}
	for _, c := range containersOf(pod) {
		if sc := c.Get("securityContext"); sc.IsMap() {
			visit(c.name+":", c.name, sc)
		}
	}
}

// hasContainer says whether an object still runs a container of that name;
// the empty name asks for any.
func hasContainer(o *object, name string) bool {
	for _, pod := range podSpecs(o.body) {
		for _, c := range containersOf(pod) {
			if name == "" || c.name == name {
				return true
			}
		}
	}
	return false
}
